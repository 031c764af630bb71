"""A log-in between its two halves: the password was right, the second proof is still to come."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from volunteer.accounts import second_factor
from volunteer.accounts.models import Person
from volunteer.accounts.models_entering import PendingEntry
from volunteer.kernel import serials

LIVES = timedelta(minutes=10)
TRIES = 5


def wait_for_second(session: Session, person: Person, *, how: str, at: datetime) -> str:
    """Return a token for this browser: whoever holds it has shown the first proof."""
    token = serials.token()
    session.add(PendingEntry(token_hash=_hash(token), person_id=person.id, how=how, expires_at=at + LIVES))
    return token


def waiting(session: Session, token: str | None, *, at: datetime, lock: bool = False) -> PendingEntry | None:
    """Return the log-in that waits under ``token``; None when it is over, used, tried too often or never was."""
    if not token:
        return None
    alive = (PendingEntry.used_at.is_(None), PendingEntry.expires_at > at, PendingEntry.tries < TRIES)
    found = select(PendingEntry).where(PendingEntry.token_hash == _hash(token), *alive)
    return session.scalar(found.with_for_update() if lock else found)


def show_second(session: Session, token: str | None, typed: str, *, at: datetime) -> tuple[Person | None, str]:
    """Return who has now proved themselves, and how; None when the code was wrong or nothing waits. Each try counts."""
    entry = waiting(session, token, at=at, lock=True)
    person = session.get(Person, entry.person_id) if entry is not None else None
    if entry is None or person is None or person.disabled_at is not None:
        return None, ""
    entry.tries += 1
    how = second_factor.accept(session, person.id, typed, at=at)
    if how is None:
        return None, entry.how
    entry.used_at = at
    return person, f"{entry.how}+{how}"


def forget_old(session: Session, at: datetime) -> None:
    """Drop those that nobody finished."""
    session.execute(delete(PendingEntry).where(PendingEntry.expires_at < at - timedelta(days=1)))


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
