"""Sending what waits in the outbox."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy.orm import Session

from volunteer.kernel.errands import Errand, leave
from volunteer.messaging import delivering
from volunteer.messaging.senders import Sender


def deliver(session: Session, at: datetime) -> int:
    """Take one batch of due messages; the sending itself is left as errands for after the transaction."""
    sender: Sender = session.info["sms"]
    parcels = delivering.claim(session, at=at)
    for parcel in parcels:
        leave(session, Errand(partial(sender.send, parcel.address, parcel.text), partial(_settle, parcel.message_id)))
    return len(parcels)


def _settle(message_id: int, session: Session, outcome: Any, at: datetime) -> None:
    delivering.settle(session, message_id, outcome, at)
