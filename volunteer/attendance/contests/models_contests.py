"""An entry of the books that a volunteer says is wrong, in their words, and what the site answered."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from volunteer.access import Actor
from volunteer.accounts.models import Person
from volunteer.attendance.contests.lifecycle import ContestAction, ContestStatus, next_status
from volunteer.kernel.db import Base, Identified
from volunteer.kernel.sealed import Sealed
from volunteer.ledger.models import Transfer
from volunteer.teams.models import Volunteer


class HoursContest(Identified, Base):
    """One objection to one entry. ``began_at`` and ``ended_at`` are what the volunteer says is right, if they say it."""

    __tablename__ = "hours_contests"
    __table_args__ = (
        Index("ix_hours_contests_status_site_path", "status", "site_path"),
        Index("ix_hours_contests_volunteer_id", "volunteer_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    volunteer_id: Mapped[int] = mapped_column(ForeignKey("volunteers.id"))
    transfer_id: Mapped[int] = mapped_column(ForeignKey("ledger_transfers.id"), index=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"))  # that booked it, and answers
    site_path: Mapped[str] = mapped_column(String(120))
    began_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    words_sealed: Mapped[bytes | None]
    reply_sealed: Mapped[bytes | None]
    said_at: Mapped[datetime]
    status: Mapped[ContestStatus] = mapped_column(default=ContestStatus.OPEN)
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    decided_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column()

    volunteer: Mapped[Volunteer] = relationship()
    transfer: Mapped[Transfer] = relationship()
    decider: Mapped[Person | None] = relationship(foreign_keys=[decided_by])

    words = Sealed("words_sealed", "person")
    reply = Sealed("reply_sealed", "person")

    __mapper_args__ = {"version_id_col": version}

    @property
    def person(self) -> Person:
        """Whose key seals the words of both sides."""
        return self.volunteer.person

    @property
    def about(self) -> str:
        """The name under which the log and messages keep what belongs to it."""
        return f"contest:{self.id}"

    def advance(self, action: ContestAction, by: Actor, at: datetime) -> None:
        """Move along the table and keep who did it. The only writer of status."""
        self.status = next_status(self.status, action)
        self.decided_by, self.decided_at = by.user_id, at
