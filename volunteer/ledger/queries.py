"""Reading the ledger: balances, and the entries that still stand."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session, aliased, contains_eager

from volunteer.ledger.models import Account, Transfer, Unit
from volunteer.ledger.rules import issued_by


def balance(session: Session, owner: str, unit: Unit) -> int:
    """Return what ``owner`` has of ``unit``; 0 where no account was opened yet."""
    return session.scalar(select(Account.balance).where(Account.owner == owner, Account.unit == unit)) or 0


def issued(session: Session, site_id: int, unit: Unit) -> int:
    """Return how much a site has issued of ``unit``, less what it took back."""
    return -balance(session, issued_by(site_id, unit), unit)


def standing(owner: str, unit: Unit) -> Select[tuple[Transfer]]:
    """Return the query of what ``owner`` received of ``unit`` and nobody took back, with the issuing account, oldest first."""
    target, source, undone = aliased(Account), aliased(Account), aliased(Transfer)
    return (
        select(Transfer)
        .join(target, Transfer.target_id == target.id)
        .join(source, Transfer.source_id == source.id)
        .options(contains_eager(Transfer.source.of_type(source)))
        .where(target.owner == owner, target.unit == unit, Transfer.reverses_id.is_(None))
        .where(~select(undone.id).where(undone.reverses_id == Transfer.id).exists())
        .order_by(Transfer.at, Transfer.id)
    )


def entries(session: Session, owner: str, unit: Unit) -> Sequence[Transfer]:
    """Return what ``standing`` finds."""
    return session.scalars(standing(owner, unit)).all()


def undone_keys(session: Session, keys: Iterable[str]) -> set[str]:
    """Return which of the entries booked under ``keys`` were taken back."""
    wanted = list(keys)
    if not wanted:
        return set()
    undone = aliased(Transfer)
    found = select(Transfer.key).join(undone, undone.reverses_id == Transfer.id).where(Transfer.key.in_(wanted))
    return set(session.scalars(found))


def taken_back(session: Session, owner: str, unit: Unit, limit: int = 10) -> Sequence[Transfer]:
    """Return the latest corrections of what ``owner`` had received, the newest first; ``note`` says why."""
    account = select(Account.id).where(Account.owner == owner, Account.unit == unit).scalar_subquery()
    found = select(Transfer).where(Transfer.source_id == account, Transfer.reverses_id.is_not(None))
    return session.scalars(found.order_by(Transfer.id.desc()).limit(limit)).all()


def movements(session: Session, owner: str, unit: Unit, limit: int = 100) -> Sequence[Transfer]:
    """Return every transfer in or out of the account, reversals too, the newest first: 流水."""
    account = select(Account.id).where(Account.owner == owner, Account.unit == unit).scalar_subquery()
    return session.scalars(
        select(Transfer)
        .where(or_(Transfer.source_id == account, Transfer.target_id == account))
        .order_by(Transfer.id.desc())
        .limit(limit)
    ).all()


def count(session: Session) -> int:
    """Return the number of transfers."""
    return session.scalar(select(func.count(Transfer.id))) or 0
