"""Proof of the books: the chain is whole, sums are zero, balances are the sums of their transfers, and the guards stand.

The chain is walked once. Every other check is one query that returns the first broken rows by number.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from sqlalchemy import false, func, or_, select, union_all
from sqlalchemy.orm import Session, aliased

from volunteer.ledger import guards, walking
from volunteer.ledger.finding import SHOWN, Finding
from volunteer.ledger.models import Account, Transfer, TransferKey
from volunteer.ledger.outside import Kept


def findings(session: Session, kept: Kept | None = None, *, at: datetime | None = None) -> list[Finding]:
    """Return everything that is wrong with the books, the chain's first broken row first; empty when they are right.

    ``kept``: checkpoints that were kept elsewhere. ``at``: the present moment, by which older transfers have a link.
    """
    chain = () if guards.is_older(session) else walking.findings(session, kept, at=at)
    return [*chain, *(finding for check in CHECKS for finding in check(session))]


def _balances(session: Session) -> Iterator[Finding]:
    """A stored balance is what came in less what went out."""
    into = select(Transfer.target_id.label("account"), Transfer.amount.label("amount"))
    out = select(Transfer.source_id, -Transfer.amount)
    moved = union_all(into, out).subquery()
    sums = select(moved.c.account, func.sum(moved.c.amount).label("total")).group_by(moved.c.account).subquery()
    total = func.coalesce(sums.c.total, 0)
    rows = session.execute(
        select(Account.id, Account.owner, Account.unit, Account.balance, total)
        .outerjoin(sums, sums.c.account == Account.id)
        .where(Account.balance != total)
        .order_by(Account.id)
        .limit(SHOWN)
    )
    for number, owner, unit, stored, summed in rows:
        yield Finding("balance", f"account {number} ({owner}, {unit.value})", f"stored {stored}, transfers sum to {summed}")


def _zero(session: Session) -> Iterator[Finding]:
    """All balances of a unit together are nothing: what somebody has, somebody else gave."""
    rows = session.execute(select(Account.unit, func.sum(Account.balance)).group_by(Account.unit).order_by(Account.unit))
    for unit, total in rows:
        if total:
            yield Finding("sum", f"unit {unit.value}", f"all balances sum to {total}, not 0")


def _floors(session: Session) -> Iterator[Finding]:
    """Nobody has less than the account allows."""
    rows = session.execute(
        select(Account.id, Account.owner, Account.balance, Account.floor)
        .where(Account.balance < Account.floor)
        .order_by(Account.id)
        .limit(SHOWN)
    )
    for number, owner, stored, floor in rows:
        yield Finding("floor", f"account {number} ({owner})", f"{stored} is below {floor}")


def _units(session: Session) -> Iterator[Finding]:
    """A transfer moves between two different accounts of its own unit, a whole number above zero."""
    source, target = aliased(Account), aliased(Account)
    fraction = func.typeof(Transfer.amount) != "integer" if guards.is_lite(session) else false()  # SQLite stores what it is given
    rows = session.execute(
        select(Transfer.id)
        .outerjoin(source, Transfer.source_id == source.id)
        .outerjoin(target, Transfer.target_id == target.id)
        .where(
            or_(
                source.id.is_(None),
                target.id.is_(None),
                source.unit != Transfer.unit,
                target.unit != Transfer.unit,
                Transfer.source_id == Transfer.target_id,
                Transfer.amount <= 0,
                fraction,
            )
        )
        .order_by(Transfer.id)
        .limit(SHOWN)
    )
    for number in rows.scalars():
        yield Finding("transfer", f"transfer {number}", "accounts, unit or amount cannot be right")


def _keys(session: Session) -> Iterator[Finding]:
    """Every transfer has a key of its own, and every key a transfer."""
    twice = select(func.min(Transfer.id), Transfer.key, func.count()).group_by(Transfer.key).having(func.count() > 1)
    for number, key, times in session.execute(twice.order_by(func.min(Transfer.id)).limit(SHOWN)):
        yield Finding("key", f"transfer {number}", f"key {key} was used {times} times")
    missing = select(Transfer.id, Transfer.key).outerjoin(TransferKey, TransferKey.key == Transfer.key)
    for number, key in session.execute(missing.where(TransferKey.key.is_(None)).order_by(Transfer.id).limit(SHOWN)):
        yield Finding("key", f"transfer {number}", f"key {key} is not in the table of keys")
    idle = select(TransferKey.key).outerjoin(Transfer, TransferKey.key == Transfer.key).where(Transfer.id.is_(None))
    for key in session.scalars(idle.order_by(TransferKey.key).limit(SHOWN)):
        yield Finding("key", f"key {key}", "no transfer was posted under it, or it is gone")


def _reversals(session: Session) -> Iterator[Finding]:
    """A correction is the mirror of what it takes back, and stands alone."""
    first = aliased(Transfer)
    rows = session.execute(
        select(Transfer.id, Transfer.reverses_id)
        .outerjoin(first, Transfer.reverses_id == first.id)
        .where(Transfer.reverses_id.is_not(None))
        .where(
            or_(
                first.id.is_(None),
                first.reverses_id.is_not(None),
                first.amount != Transfer.amount,
                first.unit != Transfer.unit,
                first.source_id != Transfer.target_id,
                first.target_id != Transfer.source_id,
            )
        )
        .order_by(Transfer.id)
        .limit(SHOWN)
    )
    for number, of in rows:
        yield Finding("reversal", f"transfer {number}", f"is not the mirror of transfer {of}")


def _guards(session: Session) -> Iterator[Finding]:
    """This database refuses to change or remove what was written (triggers of the migrations)."""
    for table, acts in guards.missing(session).items():
        yield Finding("guard", f"table {table}", f"nothing stops {', '.join(acts)}")


CHECKS: Sequence[Callable[[Session], Iterator[Finding]]] = (
    _units,
    _balances,
    _zero,
    _floors,
    _keys,
    _reversals,
    _guards,
)
