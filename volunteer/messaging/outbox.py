"""Telling somebody something: a row in the caller's transaction, sent after it by a job."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from volunteer.kernel.words import CHINESE
from volunteer.messaging.models import Channel, Message
from volunteer.messaging.templates import TEMPLATES


@dataclass(frozen=True)
class Recipient:
    """Whom to tell: a person's inbox, a phone, or both."""

    person_id: int | None = None
    phone: str | None = None
    locale: str = CHINESE


def tell(
    session: Session,
    recipient: Recipient,
    template: str,
    params: Mapping[str, Any] | None = None,
    *,
    at: datetime,
    secret: Mapping[str, str] | None = None,
    about: str = "",
    due_at: datetime | None = None,
) -> list[Message]:
    """Write the message to the person's inbox and, with a phone, queue it as SMS. Returns the rows.

    ``params`` is stored as it is and must hold nothing personal; ``secret`` (codes, links, names) is sealed with the
    phone and wiped once it was sent. ``due_at`` sends later than ``at``.
    """
    if template not in TEMPLATES:
        raise KeyError(template)
    rows: list[Message] = []
    common = {"person_id": recipient.person_id, "template": template, "locale": recipient.locale, "about": about}
    if recipient.person_id is not None and not secret:
        rows.append(Message(channel=Channel.IN_APP, params=dict(params or {}), created_at=at, sent_at=at, **common))
    if recipient.phone:
        message = Message(channel=Channel.SMS, params=dict(params or {}), created_at=at, due_at=due_at or at, **common)
        private = json.dumps({"phone": recipient.phone, "secret": dict(secret or {})}, ensure_ascii=False)
        message.sealed = session.info["keyring"].seal(private, identity(message))
        rows.append(message)
    session.add_all(rows)
    return rows


def identity(message: Message) -> str:
    """Return what the sealed part of a message is bound to."""
    return f"messages.sealed:{message.uid}"


def inbox_of(session: Session, person_id: int, *, limit: int = 50, offset: int = 0) -> Sequence[Message]:
    """Return what a person was told in the application, newest first."""
    found = select(Message).where(Message.person_id == person_id, Message.channel == Channel.IN_APP)
    return session.scalars(found.order_by(Message.created_at.desc(), Message.id.desc()).limit(limit).offset(offset)).all()


def unread(session: Session, person_id: int) -> int:
    """Return how many messages a person has not opened."""
    mine = (Message.person_id == person_id, Message.channel == Channel.IN_APP, Message.read_at.is_(None))
    return session.scalar(select(func.count()).where(*mine)) or 0


def mark_read(session: Session, person_id: int, *, at: datetime) -> None:
    """Note that a person has seen their inbox."""
    mine = (Message.person_id == person_id, Message.channel == Channel.IN_APP, Message.read_at.is_(None))
    session.execute(update(Message).where(*mine).values(read_at=at))
