"""What an account, or several together, had at any past moment, and every entry that led there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select
from sqlalchemy.orm import Session, aliased

from volunteer.ledger.models import Account, Grade, Transfer, Unit

SIZE = 50
FEW = 100  # accounts that are named one by one in a question; more are asked for in it
AT_ONCE = 2_000  # lines that are held at a time while all of them are read
SOURCE, TARGET = aliased(Account, name="source"), aliased(Account, name="target")


@dataclass(frozen=True)
class Line:
    """One entry as the statement's owner sees it: ``amount`` below zero went out. ``after`` is the balance behind it."""

    transfer_id: int
    at: datetime
    day: date | None
    reason: str
    amount: int
    other: str  # whose account is on the other side
    about: str
    grade: Grade | None
    note: str
    reverses_id: int | None
    after: int


@dataclass(frozen=True)
class Statement:
    """Balances at both ends of a period, what came and went in it, and one page of its lines, the newest first."""

    opening: int
    came: int
    went: int
    lines: Sequence[Line]
    next_key: int | None

    @property
    def closing(self) -> int:
        """The balance at the end."""
        return self.opening + self.came - self.went


@dataclass(frozen=True)
class Whose:
    """Which entries a statement is made of, and which of them count as coming in."""

    unit: Unit
    entries: ColumnElement[bool]
    comes_in: ColumnElement[bool]

    @property
    def signed(self) -> ColumnElement[int]:
        """The amount, below zero when it went out."""
        return case((self.comes_in, Transfer.amount), else_=-Transfer.amount)


def of_owner(session: Session, owner: str, unit: Unit) -> Whose:
    """Return the entries of the account of ``owner``."""
    return of_accounts(session, Account.owner == owner, unit)


def of_accounts(session: Session, which: ColumnElement[bool], unit: Unit) -> Whose:
    """Return the entries between the accounts that are ``which`` and all others; those among themselves are left out."""
    wanted = select(Account.id).where(which, Account.unit == unit)
    few = session.scalars(wanted.limit(FEW + 1)).all()
    ids = few if len(few) <= FEW else wanted
    into, out = Transfer.target_id.in_(ids), Transfer.source_id.in_(ids)
    return Whose(unit, or_(and_(into, ~out), and_(out, ~into)), into)


def about(which: ColumnElement[bool], unit: Unit) -> Whose:
    """Return the entries of people's accounts that are about something: what they brought them, less what was taken back."""
    taken, given = TARGET.owner.startswith("person:"), SOURCE.owner.startswith("person:")
    return Whose(unit, and_(which, ~and_(taken, given)), taken)  # what only went over in a merge brought nobody anything


def balance_as_of(session: Session, owner: str, unit: Unit, at: datetime) -> int:
    """Return what ``owner`` had of ``unit`` at a past moment, that moment included."""
    whose = of_owner(session, owner, unit)
    return _sum(session, whose, whose.signed, Transfer.at <= at)


def statement(
    session: Session,
    whose: Whose,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    before: int | None = None,
    size: int = SIZE,
) -> Statement:
    """Return the statement from ``since`` (included) to ``until`` (not included); ``before``: lines older than that entry."""
    inside = _inside(since, until)
    older = [_behind(session, before)] if before else []
    opening = _sum(session, whose, whose.signed, Transfer.at < since) if since else 0
    came = _sum(session, whose, Transfer.amount, whose.comes_in, *inside)
    went = _sum(session, whose, Transfer.amount, ~whose.comes_in, *inside)
    rows = session.execute(_newest_first(whose, *inside, *older).limit(size + 1)).all()
    after = opening + (_sum(session, whose, whose.signed, *inside, *older) if before else came - went)
    lines = list(_lines(rows[:size], after))
    return Statement(opening, came, went, lines, lines[-1].transfer_id if len(rows) > size else None)


def every_line(session: Session, whose: Whose, *, since: datetime | None = None, until: datetime | None = None) -> Iterator[Line]:
    """Yield every line of a period, the newest first, however many there are: never all of them are held at once."""
    before = [Transfer.at < until] if until else []
    after = _sum(session, whose, whose.signed, *before)
    found = _newest_first(whose, *_inside(since, until)).execution_options(yield_per=AT_ONCE)
    yield from _lines(session.execute(found), after)


def _inside(since: datetime | None, until: datetime | None) -> list[ColumnElement[bool]]:
    inside = [Transfer.at >= since] if since else []
    return inside + ([Transfer.at < until] if until else [])


def _newest_first(whose: Whose, *where: ColumnElement[bool]) -> Select[Any]:
    other = case((whose.comes_in, SOURCE.owner), else_=TARGET.owner)
    found = _read(
        whose, Transfer.id, Transfer.at, Transfer.day, Transfer.reason, whose.signed, other, Transfer.about, Transfer.grade,
        Transfer.note, Transfer.reverses_id,
    )  # fmt: skip
    return found.where(*where).order_by(Transfer.at.desc(), Transfer.id.desc())


def _lines(rows: Iterable[Any], after: int) -> Iterator[Line]:
    for row in rows:
        line = Line(*(*row, after))
        yield line
        after -= line.amount


def _read(whose: Whose, *columns: Any) -> Select[Any]:
    joined = select(*columns).select_from(Transfer).join(SOURCE, SOURCE.id == Transfer.source_id)
    return joined.join(TARGET, TARGET.id == Transfer.target_id).where(Transfer.unit == whose.unit, whose.entries)


def _sum(session: Session, whose: Whose, what: Any, *where: ColumnElement[bool]) -> int:
    return int(session.scalar(_read(whose, func.sum(what)).where(*where)) or 0)


def _behind(session: Session, number: int) -> ColumnElement[bool]:
    """Return the condition of being older than entry ``number``; of two of one moment the smaller number is older."""
    at = session.scalar(select(Transfer.at).where(Transfer.id == number)) if 0 < number < 2**31 else None
    if at is None:
        return Transfer.id < 0
    return or_(Transfer.at < at, and_(Transfer.at == at, Transfer.id < number))
