"""Inbox and outbox are one table: what somebody is told, and how far it got."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from volunteer.kernel.db import Base, Identified


class Channel(StrEnum):
    """How a message travels."""

    IN_APP = "in_app"
    SMS = "sms"


class Message(Identified, Base):
    """One message to one recipient. ``sealed`` (address and secret words) is wiped once it was sent."""

    __tablename__ = "messages"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    channel: Mapped[Channel]
    template: Mapped[str] = mapped_column(String(60))
    params: Mapped[dict[str, Any]] = mapped_column(default=dict)  # nothing personal
    locale: Mapped[str] = mapped_column(String(12), default="zh_Hans")
    about: Mapped[str] = mapped_column(String(80), default="")  # "order:88"
    sealed: Mapped[bytes | None]
    created_at: Mapped[datetime]
    due_at: Mapped[datetime | None]  # None: nothing left to send
    attempts: Mapped[int] = mapped_column(default=0)
    sent_at: Mapped[datetime | None]
    failed_at: Mapped[datetime | None]  # given up
    error: Mapped[str | None] = mapped_column(String(200))
    read_at: Mapped[datetime | None]

    __table_args__ = (
        Index("ix_messages_due_at", "due_at"),
        Index("ix_messages_person_id_created_at", "person_id", "created_at"),
    )
