"""How far the filling is, for whoever waits."""

from __future__ import annotations

import sys
from typing import Protocol, TextIO

WIDTH = 28
SHARES = {"places": 4, "menu": 1, "teams": 5, "volunteers": 20, "orders": 70}  # of the bar, in the order in which they come


class Progress(Protocol):
    """Told after each step."""

    def step(self, what: str, done: int, total: int) -> None:
        """``done`` of ``total`` of ``what`` are there."""


class Silent:
    """Says nothing."""

    def step(self, what: str, done: int, total: int) -> None:
        """Do nothing."""


class Bar:
    """A bar on one line of a terminal; one line for each part where there is none."""

    def __init__(self, out: TextIO = sys.stderr) -> None:
        """Write to ``out``."""
        self.out = out
        self.shown = -1
        self.done: set[str] = set()

    def step(self, what: str, done: int, total: int) -> None:
        """Draw when a percent was gained; where nobody watches, say when a part is complete."""
        before = sum(share for part, share in SHARES.items() if list(SHARES).index(part) < list(SHARES).index(what))
        percent = int(before + SHARES[what] * done / max(total, 1))
        if self.out.isatty():
            if percent > self.shown:
                filled = WIDTH * percent // 100
                self.out.write(f"\r  {'█' * filled}{'░' * (WIDTH - filled)} {percent:3d} %  {what} {done:,}/{total:,}   \x1b[K")
                self.out.flush()  # the bar is seen at once
        elif done >= total and what not in self.done:
            self.out.write(f"  {what}: {total:,}\n")
            self.done.add(what)
        self.shown = max(self.shown, percent)

    def end(self) -> None:
        """Leave the line."""
        if self.out.isatty():
            self.out.write("\r\x1b[K")
