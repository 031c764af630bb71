"""Figures of the books: transfers, tampering, killed writers, power cuts, points and certificates.

Run: ./run bench ledger [--only W5 F5 …] [--quick] [--url postgresql://…]

--quick measures a small dose of each: enough to see that it works, not to be quoted. --url names a PostgreSQL server to be used;
without it one is started, and where none can be had the figures of SQLite stand alone.
"""

from __future__ import annotations

import argparse
import importlib
from dataclasses import dataclass
from typing import Protocol

from benchmarks.figure import Figures


class Part(Protocol):
    """One figure, or a few of one kind. ``quick`` is a small dose."""

    def __call__(self, figures: Figures, *, quick: bool, url: str | None) -> None: ...


@dataclass(frozen=True)
class Where:
    """A function of a module of this folder; imported when it is asked for."""

    module: str
    function: str

    def load(self) -> Part:
        """Return the function."""
        part: Part = getattr(importlib.import_module(f"benchmarks.{self.module}"), self.function)
        return part


# One line for each: what it is called, where it stands. Each takes (figures, *, quick, url).
PARTS: dict[str, Where] = {
    "W4": Where("_w4_saturday", "saturday"),
    "W5": Where("_w5_transfers", "transfers"),
    "W6": Where("_w6_certificates", "certificates"),
    "F3": Where("_f3_one_order", "at_once"),
    "F4": Where("_f3_last_gift", "one_key"),
    "F5": Where("_f5_many_hands", "many_hands"),
    "F6": Where("_f6_machines", "machines"),
    "F7": Where("_f6_machines", "years"),
    "S6": Where("_s6_replays", "replays"),
    "S6w": Where("_s6_webhooks", "webhooks"),
    "S7": Where("_s7_forgeries", "forgeries"),
    "S8": Where("_s8_tampering", "tamperings"),
    "KILL": Where("_kill_book", "kills"),
    "POWER": Where("_power_cut", "cuts"),
}


def main() -> None:
    """Print the figures that were asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=list(PARTS), default=list(PARTS), help="these figures")
    parser.add_argument("--quick", action="store_true", help="a small dose")
    parser.add_argument("--url", help="a PostgreSQL server to be used")
    options = parser.parse_args()
    figures = Figures()
    for name in options.only:
        PARTS[name].load()(figures, quick=options.quick, url=options.url)
    figures.end()


if __name__ == "__main__":
    main()
