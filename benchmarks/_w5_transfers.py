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
    in_line = ["line"] if database.kind == "sqlite" else []
    rates: dict[str, list[float]] = {mode: [] for mode in ("raw", "book", *in_line)}
    waits = dict.fromkeys(rates, 0.0)
    seconds = 2.0 if quick else SECONDS
    for _ in range(2 if quick else ROUNDS):
        for mode, taken in rates.items():
            said = _posting.together(database.url, mode, HANDS, seconds=seconds)
            taken.append(sum(one["done"] for one in said) / seconds)
            waits[mode] = max(waits[mode], *(one["longest"] for one in said))
    ours, raw = (statistics.median(rates[mode]) for mode in ("book", "raw"))
    rate = f"{ours:.0f} transfers a second (longest wait {waits['book']:.2f} s) of {raw:.0f} ({waits['raw']:.2f} s)"
    what = f"the rate of bare SQL on one kept connection: {rate}, {HANDS} processes, {_posting.ACCOUNTS} accounts"
    figures.share(f"W5.{database.kind}", ours / raw, what, at_least=0.5)
    for mode in in_line:  # bare SQL that lets nobody wait for seconds either
        waited = statistics.median(rates[mode])
        beside = f"{ours / waited:.2f} of bare SQL that stands in line, {waited:.0f} a second ({waits[mode]:.2f} s)"
        print(f"W5.{database.kind} {beside}", flush=True)
    database.engine.dispose()
