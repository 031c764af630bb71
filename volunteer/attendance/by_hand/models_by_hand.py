"""补录: who was where and when, by whose word, and what a second person said to it."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from volunteer.access import Actor
from volunteer.accounts.models import Person
from volunteer.attendance.by_hand.lifecycle import AskAction, AskStatus, next_status
from volunteer.catalogue.models import ServiceItem
from volunteer.kernel.db import Base, Identified
from volunteer.kernel.sealed import Sealed
from volunteer.media.models import Photo
from volunteer.places.models import Site
from volunteer.teams.models import Team, Volunteer


class HoursAsk(Identified, Base):
    """Hours that somebody asks to be written in for a volunteer. Booked with grade D when a second person says yes."""

    __tablename__ = "hours_asks"
    __table_args__ = (
        Index("ix_hours_asks_status_site_path", "status", "site_path"),
        Index("ix_hours_asks_volunteer_id_began_at", "volunteer_id", "began_at"),
        Index("ix_hours_asks_decided_by_decided_at", "decided_by", "decided_at"),
        Index("ix_hours_asks_asked_by", "asked_by"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    volunteer_id: Mapped[int] = mapped_column(ForeignKey("volunteers.id"))
    team_id: Mapped[int | None] = mapped_column(ForeignKey("teams.id"))
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"))  # that books it: the team's, else the home site
    site_path: Mapped[str] = mapped_column(String(120))
    item_id: Mapped[int | None] = mapped_column(ForeignKey("service_items.id"))
    began_at: Mapped[datetime]
    ended_at: Mapped[datetime]
    what_sealed: Mapped[bytes | None]
    why_sealed: Mapped[bytes | None]
    photo_id: Mapped[int | None] = mapped_column(ForeignKey("photos.id"), index=True)
    contest_id: Mapped[int | None] = mapped_column(ForeignKey("hours_contests.id"))  # where it came from, if from one
    asked_by: Mapped[int] = mapped_column(ForeignKey("people.id"))
    asked_at: Mapped[datetime]
    status: Mapped[AskStatus] = mapped_column(default=AskStatus.ASKED)
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    decided_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(String(200), default="")
    minutes: Mapped[int | None]  # what came of it
    version: Mapped[int] = mapped_column()

    volunteer: Mapped[Volunteer] = relationship()
    team: Mapped[Team | None] = relationship()
    site: Mapped[Site] = relationship()
    item: Mapped[ServiceItem | None] = relationship()
    photo: Mapped[Photo | None] = relationship()
    asker: Mapped[Person] = relationship(foreign_keys=[asked_by])
    decider: Mapped[Person | None] = relationship(foreign_keys=[decided_by])

    what = Sealed("what_sealed", "person")
    why = Sealed("why_sealed", "person")

    __mapper_args__ = {"version_id_col": version}

    @property
    def person(self) -> Person:
        """Whose key seals the words, and whose hours these would be."""
        return self.volunteer.person

    @property
    def about(self) -> str:
        """The name under which the ledger, the log and messages keep what belongs to it."""
        return f"by_hand:{self.id}"

    @property
    def asked_minutes(self) -> int:
        """Whole minutes between the two times."""
        return (self.ended_at - self.began_at) // timedelta(minutes=1)

    def advance(self, action: AskAction, by: Actor, at: datetime, reason: str = "") -> None:
        """Move along the table and keep who did it. The only writer of status."""
        self.status = next_status(self.status, action)
        self.decided_by, self.decided_at, self.reason = by.user_id, at, reason
