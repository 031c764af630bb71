"""Certificates for a school or a unit: who was asked, who agreed, what came of each, and the file that is handed out."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from volunteer.accounts.models import Person
from volunteer.certificates.batches.lifecycle import BATCHES, BatchAction, BatchState
from volunteer.certificates.models import Certificate
from volunteer.kernel.db import Base
from volunteer.places.models import Site
from volunteer.teams.models import Volunteer


class Answer(StrEnum):
    """What somebody said to being in a batch."""

    OPEN = "open"
    YES = "yes"
    NO = "no"


class Outcome(StrEnum):
    """What came of one person."""

    WAITING = "waiting"
    ISSUED = "issued"
    NO_CONSENT = "no_consent"
    NO_HOURS = "no_hours"
    UNPRINTABLE = "unprintable"
    LEFT = "left"  # no longer registered, or now under another centre


class Batch(Base):
    """批量证明: what a school or a unit asked for, of whom, and how far it has come."""

    __tablename__ = "certificate_batches"
    __table_args__ = (
        Index("ix_certificate_batches_state_answer_by", "state", "answer_by"),
        Index("ix_certificate_batches_site_path_asked_at", "site_path", "asked_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"))  # who asks in the receiver's name
    site_path: Mapped[str] = mapped_column(String(120))
    receiver: Mapped[str] = mapped_column(String(80))  # the school or unit that gets the file
    purpose: Mapped[str] = mapped_column(String(200))
    first: Mapped[date]
    last: Mapped[date]
    grades: Mapped[list[str]]
    locale: Mapped[str] = mapped_column(String(12))
    state: Mapped[BatchState] = mapped_column(default=BatchState.ASKING)
    asked_at: Mapped[datetime]
    asked_by: Mapped[int] = mapped_column(ForeignKey("people.id"))
    answer_by: Mapped[date]  # the last local day to answer
    started_at: Mapped[datetime | None]
    started_by: Mapped[int | None]  # None: the day had come
    packed: Mapped[int] = mapped_column(default=0)  # certificates that are printed
    packing_until: Mapped[datetime | None]  # somebody prints; later than this they have died
    token: Mapped[str] = mapped_column(String(40))  # the unguessable name of its folder
    size: Mapped[int] = mapped_column(default=0)  # bytes of both files
    ready_at: Mapped[datetime | None]
    released_at: Mapped[datetime | None]
    released_by: Mapped[int | None]  # never who asked for it
    expires_at: Mapped[datetime | None]
    taken: Mapped[int] = mapped_column(default=0)  # how often it was fetched
    version: Mapped[int] = mapped_column()

    site: Mapped[Site] = relationship()
    asker: Mapped[Person] = relationship()

    __mapper_args__ = {"version_id_col": version}

    def advance(self, action: BatchAction) -> None:
        """Move along the lifecycle. The only writer of state."""
        self.state = BATCHES.next(self.state, action)


class BatchPerson(Base):
    """One volunteer in a batch: what they said, and what came of it."""

    __tablename__ = "certificate_batch_people"
    __table_args__ = (
        UniqueConstraint("batch_id", "volunteer_id"),
        Index("ix_certificate_batch_people_volunteer_id_answer", "volunteer_id", "answer"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("certificate_batches.id"))
    volunteer_id: Mapped[int] = mapped_column(ForeignKey("volunteers.id"))
    answer: Mapped[Answer] = mapped_column(default=Answer.OPEN)
    answered_at: Mapped[datetime | None]
    guardian_heard_by: Mapped[int | None]  # the member of staff to whom the guardian of a child under 14 spoke
    notice: Mapped[str] = mapped_column(String(20))  # version of what they agreed to
    outcome: Mapped[Outcome] = mapped_column(default=Outcome.WAITING)
    note: Mapped[str] = mapped_column(String(80), default="")  # the characters that cannot be printed
    certificate_id: Mapped[int | None] = mapped_column(ForeignKey("certificates.id"))

    batch: Mapped[Batch] = relationship()
    volunteer: Mapped[Volunteer] = relationship()
    certificate: Mapped[Certificate | None] = relationship()
