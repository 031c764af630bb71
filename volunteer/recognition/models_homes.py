"""户: people who live together and serve together, an hour a month; what they reached each month."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from volunteer.accounts.models import Person
from volunteer.kernel.db import Base
from volunteer.places.models import Grid, Site
from volunteer.recognition.lifecycle import SEATS, HomeState, SeatAction


class Home(Base):
    """户: founded by one of them, at a station and perhaps in a grid. ``number`` is what they tell each other."""

    __tablename__ = "homes"

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(20), unique=True)
    name: Mapped[str] = mapped_column(String(30))
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"), index=True)
    grid_id: Mapped[int | None] = mapped_column(ForeignKey("grids.id"), index=True)
    head_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)  # 户主: invites, and lets go
    link_hash: Mapped[str | None] = mapped_column(String(64), unique=True)  # of the invitation that is open
    link_until: Mapped[datetime | None]
    founded_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column()

    site: Mapped[Site] = relationship()
    grid: Mapped[Grid | None] = relationship()
    head: Mapped[Person] = relationship()
    members: Mapped[list[HomeMember]] = relationship(back_populates="home", order_by="HomeMember.id")

    __mapper_args__ = {"version_id_col": version}


class HomeMember(Base):
    """Somebody in a home, from the day on which they agreed to the day on which they left. In one home at a time."""

    __tablename__ = "home_members"
    __table_args__ = (
        Index(
            "uq_home_members_person_id_living",
            "person_id",
            unique=True,
            sqlite_where=text("state = 'member'"),
            postgresql_where=text("state = 'member'"),
        ),
        Index(
            "uq_home_members_home_id_person_id_open",
            "home_id",
            "person_id",
            unique=True,
            sqlite_where=text("state IN ('invited', 'member')"),
            postgresql_where=text("state IN ('invited', 'member')"),
        ),
        Index("ix_home_members_person_id_state", "person_id", "state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    home_id: Mapped[int] = mapped_column(ForeignKey("homes.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    state: Mapped[HomeState]
    invited_by: Mapped[int | None]  # None: they founded it, or came by the link
    invited_at: Mapped[datetime]
    since: Mapped[date | None]  # local days, both included
    until: Mapped[date | None]

    home: Mapped[Home] = relationship(back_populates="members")
    person: Mapped[Person] = relationship()

    def advance(self, action: SeatAction) -> None:
        """Move along the lifecycle. The only writer of state."""
        self.state = SEATS.next(self.state, action)


class HomeMonth(Base):
    """One finished month of a home: the minutes of its members against the goal that held."""

    __tablename__ = "home_months"
    __table_args__ = (Index("ix_home_months_month_site_path", "month", "site_path"),)

    home_id: Mapped[int] = mapped_column(ForeignKey("homes.id"), primary_key=True)
    month: Mapped[date] = mapped_column(primary_key=True)  # its first day
    site_path: Mapped[str] = mapped_column(String(120))  # where the home was then
    minutes: Mapped[int]
    goal: Mapped[int]
    members: Mapped[int]
    counted_at: Mapped[datetime]

    home: Mapped[Home] = relationship()
