"""结账: what is still open, how long it has been, and whether the sums are right. For reading; it changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from volunteer.ledger.lifecycle import ClaimState
from volunteer.ledger.models import Account, Transfer, Unit
from volunteer.ledger.models_points import PointClaim

OPEN = (
    "redemption",
    "exchange",
    "wish",
    "merchant",
    "claim",
)  # held for what has not happened yet, or owed
AGES = (7, 30, 90)  # days; the last class is older
PIECE = 500


@dataclass(frozen=True)
class OpenItem:
    """An account that holds something for a while, and since when."""

    owner: str
    unit: Unit
    balance: int
    since: datetime

    @property
    def kind(self) -> str:
        """What it is: "redemption", "merchant"."""
        return self.owner.partition(":")[0]


@dataclass
class Class:
    """The open accounts of one kind and one unit: how many and how much, by age."""

    kind: str
    unit: Unit
    counts: list[int] = field(default_factory=lambda: [0] * (len(AGES) + 1))
    sums: list[int] = field(default_factory=lambda: [0] * (len(AGES) + 1))

    @property
    def count(self) -> int:
        """How many there are."""
        return sum(self.counts)

    @property
    def total(self) -> int:
        """How much that is."""
        return sum(self.sums)


@dataclass(frozen=True)
class Sums:
    """All accounts of one unit, by what they are; ``total`` must be 0."""

    unit: Unit
    issued: int
    people: int
    waiting: int
    other: int

    @property
    def total(self) -> int:
        """What is too much, or missing."""
        return self.people + self.waiting + self.other - self.issued


def sums(session: Session, mine: Callable[[str], bool] = lambda owner: True) -> list[Sums]:
    """Return for each unit what was issued and where it is now, of the owners that are ``mine``."""
    found = {unit: {"issued": 0, "people": 0, "waiting": 0, "other": 0} for unit in Unit}
    for owner, unit, balance in session.execute(select(Account.owner, Account.unit, Account.balance).where(Account.balance != 0)):
        if mine(owner):
            if owner.endswith("-issued"):
                found[unit]["issued"] -= balance
            else:
                kind = owner.partition(":")[0]
                place = "people" if kind == "person" else "waiting" if _is_open(owner) else "other"
                found[unit][place] += balance
    return [Sums(unit, **parts) for unit, parts in found.items()]


def open_items(session: Session) -> list[OpenItem]:
    """Return what is open, the oldest first. Its age runs from the first entry since it was last paid out, or from its first."""
    held = select(Account.id, Account.owner, Account.unit, Account.balance).where(Account.balance != 0)
    rows = [row for row in session.execute(held).tuples() if _is_open(row[1])]
    since: dict[int, datetime] = {}
    numbers = [row[0] for row in rows]
    for some in (numbers[start : start + PIECE] for start in range(0, len(numbers), PIECE)):
        paid = dict(
            session.execute(
                select(Transfer.source_id, func.max(Transfer.at)).where(Transfer.source_id.in_(some)).group_by(Transfer.source_id)
            )
            .tuples()
            .all()
        )
        for account, at in session.execute(
            select(Transfer.target_id, Transfer.at).where(Transfer.target_id.in_(some)).order_by(Transfer.at.desc())
        ).tuples():
            if account not in since or account not in paid or at > paid[account]:
                since[account] = at
    found = [OpenItem(owner, unit, balance, since[number]) for number, owner, unit, balance in rows if number in since]
    return sorted(found, key=lambda item: (item.since, item.owner))


def claims(session: Session) -> list[OpenItem]:
    """Return points that were spent before they could be taken back, the oldest first; a person decides."""
    found = select(PointClaim.id, PointClaim.points, PointClaim.at).where(PointClaim.state == ClaimState.OPEN)
    rows = session.execute(found.order_by(PointClaim.at, PointClaim.id)).tuples()
    return [OpenItem(f"claim:{number}", Unit.POINTS, points, at) for number, points, at in rows]


def by_age(items: Sequence[OpenItem], at: datetime) -> list[Class]:
    """Return one class for each kind and unit, in the order of OPEN."""
    classes: dict[tuple[str, Unit], Class] = {}
    for item in items:
        one = classes.setdefault((item.kind, item.unit), Class(item.kind, item.unit))
        age = age_class(item.since, at)
        one.counts[age] += 1
        one.sums[age] += item.balance
    return sorted(classes.values(), key=lambda one: (OPEN.index(one.kind), one.unit))


def age_class(since: datetime, at: datetime) -> int:
    """Return how old something is: the number of limits in AGES that it has passed."""
    return sum(at - since > timedelta(days=days) for days in AGES)


def _is_open(owner: str) -> bool:
    kind, _, rest = owner.partition(":")
    return kind in OPEN and not rest.endswith(":settled")
