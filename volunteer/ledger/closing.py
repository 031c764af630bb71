"""结账: what is still open, how long it has been, and whether the sums are right. For reading; it changes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    SelectBase,
    String,
    Subquery,
    case,
    cast,
    false,
    func,
    literal,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.orm import Session, aliased

from volunteer.kernel.db import UtcDateTime
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
NEVER = literal(datetime(1970, 1, 1, tzinfo=UTC), UtcDateTime())
PLACES = ("issued", "people", "waiting", "other")


@dataclass(frozen=True)
class Reach:
    """Whose accounts are looked at: for each kind the query of its owners, and which claims."""

    owners: Mapping[str, SelectBase]
    claims: ColumnElement[bool]


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


def sums(session: Session, reach: Reach | None = None) -> list[Sums]:
    """Return for each unit what was issued and where it is now, of the owners within ``reach``."""
    place = case(
        (Account.owner.endswith("-issued"), "issued"),
        (Account.owner.startswith("person:"), "people"),
        (_is_open(), "waiting"),
        else_="other",
    )
    held = select(Account.unit, place.label("place"), Account.balance)
    held = held.where(Account.balance != 0, _within(reach, reach.owners if reach else ()))
    each = held.subquery()
    found: dict[Unit, dict[str, int]] = {unit: dict.fromkeys(PLACES, 0) for unit in Unit}
    added = select(each.c.unit, each.c.place, func.sum(each.c.balance)).group_by(each.c.unit, each.c.place)
    for unit, name, total in session.execute(added).tuples():
        found[unit][name] = -int(total) if name == "issued" else int(total)
    return [Sums(unit, **parts) for unit, parts in found.items()]


def open_items(session: Session, reach: Reach | None = None, *, limit: int | None = None) -> list[OpenItem]:
    """Return what is open, the oldest first, claims among it.

    The age of an account runs from the first entry since it was last paid out, or from its first; a claim's from its day.
    A claim is of points that were spent before they could be taken back: a person decides.
    """
    held = _open(reach)
    found = select(held.c.owner, held.c.unit, held.c.balance, held.c.since).order_by(held.c.since, held.c.owner)
    return [OpenItem(*row) for row in session.execute(found.limit(limit)).tuples()]


def by_age(session: Session, at: datetime, reach: Reach | None = None) -> list[Class]:
    """Return one class for each kind and unit of what is open, in the order of OPEN."""
    held = _open(reach)
    limits = [(held.c.since < at - timedelta(days=days), number) for number, days in reversed([*enumerate(AGES, start=1)])]
    kind = case(*((held.c.owner.startswith(f"{name}:"), name) for name in OPEN))
    each = select(kind.label("kind"), held.c.unit, case(*limits, else_=0).label("age"), held.c.balance).subquery()
    parts = (each.c.kind, each.c.unit, each.c.age)
    classes: dict[tuple[str, Unit], Class] = {}
    for name, unit, age, count, total in session.execute(
        select(*parts, func.count(), func.sum(each.c.balance)).group_by(*parts)
    ).tuples():
        one = classes.setdefault((name, unit), Class(name, unit))
        one.counts[age], one.sums[age] = count, int(total)
    return sorted(classes.values(), key=lambda one: (OPEN.index(one.kind), one.unit))


def _open(reach: Reach | None) -> Subquery:
    """Return owner, unit, balance and since of every open account and every open claim, as the database works them out."""
    paying = aliased(Transfer)
    paid = select(func.max(paying.at)).where(paying.source_id == Account.id).scalar_subquery()
    some = select(Account.id, Account.owner, Account.unit, Account.balance, paid.label("paid"))
    held = some.where(Account.balance != 0, _is_open(), _within(reach, OPEN)).subquery()
    came = Transfer.target_id == held.c.id
    first = select(func.min(Transfer.at)).where(came, Transfer.at > func.coalesce(held.c.paid, NEVER)).scalar_subquery()
    last = select(func.max(Transfer.at)).where(came).scalar_subquery()
    accounts: Select[Any] = select(held.c.owner, held.c.unit, held.c.balance, func.coalesce(first, last).label("since"))
    points = literal(Unit.POINTS, Account.unit.type)
    claims: Select[Any] = select(literal("claim:") + cast(PointClaim.id, String), points, PointClaim.points, PointClaim.at)
    claims = claims.where(PointClaim.state == ClaimState.OPEN, reach.claims if reach else true())
    return union_all(accounts, claims).subquery()


def _is_open() -> ColumnElement[bool]:
    return or_(*(Account.owner.startswith(f"{kind}:") for kind in OPEN)) & ~Account.owner.endswith(":settled")


def _within(reach: Reach | None, kinds: Iterable[str]) -> ColumnElement[bool]:
    if reach is None:
        return true()
    found = (
        Account.owner.startswith(f"{kind}:") & Account.owner.in_(reach.owners[kind]) for kind in kinds if kind in reach.owners
    )
    return or_(false(), *found)
