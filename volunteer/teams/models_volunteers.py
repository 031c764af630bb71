"""What a volunteer says about themselves and shows: guardian, days off, wishes, papers."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from volunteer.accounts.models import Person
from volunteer.catalogue.models import ServiceCategory, Skill
from volunteer.kernel.db import Base, Identified
from volunteer.kernel.sealed import Sealed
from volunteer.media.models import Photo
from volunteer.teams.lifecycle import PAPERS, PaperAction, PaperState
from volunteer.teams.models import Volunteer


class Guardian(Identified, Base):
    """监护人 of a volunteer under age, and their consent. ``heard_at``: a member of staff has spoken to them (under 14)."""

    __tablename__ = "guardians"

    id: Mapped[int] = mapped_column(primary_key=True)
    volunteer_id: Mapped[int] = mapped_column(ForeignKey("people.id"), unique=True)
    name_sealed: Mapped[bytes | None]
    phone_sealed: Mapped[bytes | None]
    notice: Mapped[str] = mapped_column(String(20))
    consented_at: Mapped[datetime]
    via: Mapped[int | None]
    heard_at: Mapped[datetime | None]
    heard_by: Mapped[int | None]

    person: Mapped[Person] = relationship()
    name = Sealed("name_sealed", "person")
    phone = Sealed("phone_sealed", "person")


class DayOff(Base):
    """An exception to the week. ``free`` False: away from ``first`` to ``last``; True: willing on an extra day."""

    __tablename__ = "volunteer_days"
    __table_args__ = (Index("ix_volunteer_days_volunteer_id_last", "volunteer_id", "last"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    volunteer_id: Mapped[int] = mapped_column(ForeignKey("volunteers.id"))
    first: Mapped[date]
    last: Mapped[date]
    free: Mapped[bool] = mapped_column(default=False)
    begins: Mapped[int | None]  # minutes of an extra day
    ends: Mapped[int | None]


class Wish(Base):
    """A kind of work that a volunteer likes, or does not want."""

    __tablename__ = "volunteer_wishes"

    volunteer_id: Mapped[int] = mapped_column(ForeignKey("volunteers.id"), primary_key=True)
    category_id: Mapped[int] = mapped_column(ForeignKey("service_categories.id"), primary_key=True)
    likes: Mapped[bool]

    category: Mapped[ServiceCategory] = relationship()


class PaperKind(StrEnum):
    """What a paper proves."""

    LICENCE = "licence"
    TRAINING = "training"
    INSURANCE = "insurance"


class Paper(Base):
    """A licence, a training or an insurance as the volunteer shows it; it counts when the site has approved it."""

    __tablename__ = "volunteer_papers"
    __table_args__ = (Index("ix_volunteer_papers_state_until", "state", "until"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    volunteer_id: Mapped[int] = mapped_column(ForeignKey("volunteers.id"), index=True)
    kind: Mapped[PaperKind]
    skill_id: Mapped[int | None] = mapped_column(ForeignKey("skills.id"))
    title: Mapped[str] = mapped_column(String(80), default="")
    number: Mapped[str] = mapped_column(String(60), default="")
    minutes: Mapped[int | None]  # of a training
    until: Mapped[date | None]
    photo_id: Mapped[int | None] = mapped_column(ForeignKey("photos.id"), index=True)
    state: Mapped[PaperState] = mapped_column(default=PaperState.WAITING)
    sent_at: Mapped[datetime]
    checked_at: Mapped[datetime | None]
    checked_by: Mapped[int | None]
    words: Mapped[str] = mapped_column(String(200), default="")
    warned_days: Mapped[int | None]  # the last warning went out so many days before the end
    ended_at: Mapped[datetime | None]  # when its end was worked into what the teams can do

    volunteer: Mapped[Volunteer] = relationship()
    skill: Mapped[Skill | None] = relationship()
    photo: Mapped[Photo | None] = relationship()

    def advance(self, action: PaperAction) -> None:
        """Move along the lifecycle. The only writer of state."""
        self.state = PAPERS.next(self.state, action)
