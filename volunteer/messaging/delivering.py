"""From the outbox to the sender: taken, sent outside any transaction, and written down."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from volunteer.kernel.crypto import SealBroken
from volunteer.messaging.models import Message
from volunteer.messaging.outbox import identity
from volunteer.messaging.templates import render

BATCH = 20
WAITS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240, 720))


@dataclass(frozen=True)
class Parcel:
    """One message ready to go."""

    message_id: int
    address: str
    text: str


def claim(session: Session, *, at: datetime) -> list[Parcel]:
    """Take up to twenty due messages for this worker. Until the time of the next try nobody else takes them.

    A worker that dies after this leaves them due again at that time: a message may go out twice, never not at all.
    """
    due = select(Message).where(Message.due_at <= at).order_by(Message.due_at, Message.id).limit(BATCH)
    parcels = []
    for message in session.scalars(due.with_for_update(skip_locked=True)):
        message.attempts += 1
        message.due_at = at + WAITS[min(message.attempts, len(WAITS)) - 1]
        if parcel := _wrap(session, message, at):
            parcels.append(parcel)
    return parcels


def settle(session: Session, message_id: int, outcome: Any, at: datetime) -> None:
    """Write down how it went: sent and wiped, to be tried again, or given up after the last wait."""
    message = session.get_one(Message, message_id)
    if not isinstance(outcome, BaseException):
        message.sent_at, message.due_at, message.sealed, message.error = at, None, None, None
        return
    message.error = type(outcome).__name__[:200]
    if message.attempts >= len(WAITS):
        message.failed_at, message.due_at = at, None


def failed(session: Session, *, limit: int = 50) -> Sequence[Message]:
    """Return messages that were given up, newest first."""
    found = select(Message).where(Message.failed_at.is_not(None)).order_by(Message.failed_at.desc(), Message.id.desc())
    return session.scalars(found.limit(limit)).all()


def _wrap(session: Session, message: Message, at: datetime) -> Parcel | None:
    """Unseal and word a message; one that nobody can read any more is given up at once."""
    try:
        private = json.loads(session.info["keyring"].unseal(message.sealed or b"", identity(message)))
    except (SealBroken, ValueError):
        message.error, message.failed_at, message.due_at = "unreadable", at, None
        return None
    return Parcel(message.id, private["phone"], render(message.template, message.locale, message.params | private["secret"]))
