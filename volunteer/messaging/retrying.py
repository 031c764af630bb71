"""Sending again what could not be sent."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from volunteer.access import Actor, Permission
from volunteer.audit.recording import record
from volunteer.kernel.db import load
from volunteer.kernel.errors import Conflict, Forbidden
from volunteer.kernel.words import N_
from volunteer.messaging.models import Message


def send_again(session: Session, actor: Actor, message_id: int, *, at: datetime) -> Message:
    """Put a message that was given up back in the queue. Raises Conflict when it was sent or its address is gone."""
    if not actor.may(Permission.SYSTEM_SEE):  # a message lies under no site
        raise Forbidden(Permission.SYSTEM_SEE.value)
    message = load(session, Message, message_id)
    if message.due_at is not None:
        return message  # it waits already: a second tap changes nothing
    if message.sent_at is not None or message.sealed is None:
        raise Conflict("message_not_waiting", N_("This message was sent, or its address is no longer kept."))

    message.failed_at, message.error, message.attempts, message.due_at = None, None, 0, at
    record(session, actor, "message_send_again", f"message:{message.id}", at=at)
    return message


def send_all_again(session: Session, actor: Actor, *, at: datetime) -> int:
    """Put every message that was given up and can still be sent back in the queue; return how many."""
    if not actor.may(Permission.SYSTEM_SEE):
        raise Forbidden(Permission.SYSTEM_SEE.value)
    given_up = (Message.failed_at.is_not(None), Message.sealed.is_not(None), Message.due_at.is_(None))
    changed = update(Message).where(*given_up).values(failed_at=None, error=None, attempts=0, due_at=at).returning(Message.id)
    count = len(session.scalars(changed).all())
    if count:
        record(session, actor, "messages_send_again", "message:all", at=at, count=count)
    return count
