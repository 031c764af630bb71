"""签到/签退: who was there, from when to when, and how we know."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from volunteer.kernel.db import Base
from volunteer.ledger.models import Grade
from volunteer.teams.models import Volunteer


class Method(StrEnum):
    """How presence was shown."""

    CODE = "code"  # the resident's start code
    CODE_AND_POSITION = "code_and_position"
    QR = "qr"  # the rotating QR of the resident's page
    FENCE = "fence"  # the device's position alone
    ROLL_CALL = "roll_call"  # the leader's word
    BY_HAND = "by_hand"  # back-filled


class Attendance(Base):
    """One volunteer at one thing (``about`` is "order:88" or "shift:5"). Raw times are kept; ``minutes`` are what counts."""

    __tablename__ = "attendances"
    __table_args__ = (
        Index("uq_attendances_about_volunteer_id", "about", "volunteer_id", unique=True),
        Index("ix_attendances_volunteer_id_came_at", "volunteer_id", "came_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    about: Mapped[str] = mapped_column(String(80))
    volunteer_id: Mapped[int] = mapped_column(ForeignKey("volunteers.id"))
    came_at: Mapped[datetime]
    came_by: Mapped[Method]
    came_latitude: Mapped[float | None]
    came_longitude: Mapped[float | None]
    left_at: Mapped[datetime | None]
    left_by: Mapped[Method | None]
    grade: Mapped[Grade]  # the weaker of in and out
    minutes: Mapped[int | None]  # set when the record is written

    volunteer: Mapped[Volunteer] = relationship()


class UsedProof(Base):
    """A rotating QR that was shown once; it is never taken again."""

    __tablename__ = "used_proofs"

    proof: Mapped[str] = mapped_column(String(80), primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
