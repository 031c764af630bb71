"""F5: eight processes post ten thousand transfers each; no balance is wrong, nothing is locked out, nobody waits long."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from benchmarks import _posting
from benchmarks._databases import postgresql, sqlite
from benchmarks.figure import Figures
from tests.support.databases import Database, migrate
from tests.support.services import Missing
from volunteer.ledger import verify
from volunteer.ledger.models import Transfer

HANDS, EACH = 8, 10_000
LONGEST = 0.5  # seconds


def many_hands(figures: Figures, *, quick: bool, url: str | None) -> None:
    """Print the counts on both databases."""
    with sqlite() as database:
        measure(figures, database, quick=quick)
    try:
        with postgresql(url) as database:
            measure(figures, database, quick=quick)
    except Missing as missing:
        print(f"F5 was not measured on PostgreSQL: {missing}", flush=True)


def measure(figures: Figures, database: Database, *, quick: bool) -> None:
    """Post, then prove the books."""
    migrate(database.url)
    _posting.found(database.engine)
    database.engine.dispose()  # the processes are forks of this one
    each = 200 if quick else EACH
    said = _posting.together(database.url, "book", HANDS, count=each)
    done, refused = (sum(one[what] for one in said) for what in ("done", "refused"))
    with Session(database.engine) as session:
        there = (session.scalar(select(func.count(Transfer.id))) or 0) - _posting.ACCOUNTS
        wrong = verify.findings(session)
    name = f"F5.{database.kind}"
    posted = f"{done} of {HANDS} x {each} posted, {refused} refused for a balance too low"
    figures.value(f"{name}.wrong_balances", len(wrong), "count", f"ledger verify; {posted}", at_most=0)
    figures.value(
        f"{name}.lost_or_doubled", abs(there - done), "count", f"{there} transfers there, {done} acknowledged", at_most=0
    )
    figures.value(
        f"{name}.locked", sum(one["locked"] for one in said), "count", "refused because the database was locked", at_most=0
    )
    figures.value(f"{name}.longest_wait", round(max(one["longest"] for one in said), 3), "s", "of one transfer", at_most=LONGEST)
    for finding in wrong:
        print(f"  {finding}", flush=True)
    database.engine.dispose()
