"""W5: transfers through the book, eight processes at ten hot accounts, against the same rows written by bare SQL."""

from __future__ import annotations

import statistics

from benchmarks import _posting
from benchmarks._databases import postgresql, sqlite
from benchmarks.figure import Figures
from tests.support.databases import Database, migrate
from tests.support.services import Missing

HANDS, ROUNDS, SECONDS = 8, 5, 5.0


def transfers(figures: Figures, *, quick: bool, url: str | None) -> None:
    """Print the rate on both databases."""
    with sqlite() as database:
        measure(figures, database, quick=quick)
    try:
        with postgresql(url) as database:
            measure(figures, database, quick=quick)
    except Missing as missing:
        print(f"W5 was not measured on PostgreSQL: {missing}", flush=True)


def measure(figures: Figures, database: Database, *, quick: bool) -> None:
    """Take turns, so that a noisy minute hits both."""
    migrate(database.url)
    _posting.found(database.engine)
    database.engine.dispose()  # the processes are forks of this one
    rates: dict[str, list[float]] = {"raw": [], "book": []}
    seconds = 2.0 if quick else SECONDS
    for _ in range(2 if quick else ROUNDS):
        for mode, taken in rates.items():
            said = _posting.together(database.url, mode, HANDS, seconds=seconds)
            taken.append(sum(one["done"] for one in said) / seconds)
    ours, raw = (statistics.median(rates[mode]) for mode in ("book", "raw"))
    rate = f"{ours:.0f} transfers a second of {raw:.0f}"
    what = f"the rate of bare SQL on one kept connection: {rate}, {HANDS} processes, {_posting.ACCOUNTS} accounts"
    figures.share(f"W5.{database.kind}", ours / raw, what, at_least=0.5)
    database.engine.dispose()
