"""Sending again what could not be sent."""

from __future__ import annotations

from datetime import datetime

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
