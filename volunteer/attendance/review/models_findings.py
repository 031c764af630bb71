"""What looked odd, with its evidence, and what a person decided about it; and which device was tapped at a check-in."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from volunteer.access import Actor
from volunteer.accounts.models import Person
from volunteer.kernel.db import Base
from volunteer.kernel.errors import Conflict
from volunteer.kernel.words import N_
from volunteer.teams.models import Team


class FindingKind(StrEnum):
    """What looks odd."""

    TRAVEL = "travel"  # two visits of one person too far apart for the time between
    DEVICE = "device"  # one device checks teams in under many names
    NIGHT = "night"  # many entries by one hand at night
    SHARE = "share"  # an approver with far more written-in hours than others
    UNRATED = "unrated"  # a team whose services nobody ever rates
    PAIR = "pair"  # the same two people, the same minutes, again and again


class FindingState(StrEnum):
    """What a person said to it. Nothing else ever follows from a finding."""

    OPEN = "open"
    ASKED = "asked"  # somebody was asked what happened
    FINE = "fine"
    TAKEN_BACK = "taken_back"


MOVES: dict[tuple[FindingState, FindingState], bool] = {
    (FindingState.OPEN, FindingState.ASKED): True,
    (FindingState.OPEN, FindingState.FINE): True,
    (FindingState.OPEN, FindingState.TAKEN_BACK): True,
    (FindingState.ASKED, FindingState.FINE): True,
    (FindingState.ASKED, FindingState.TAKEN_BACK): True,
}


class Finding(Base):
    """One thing that looked odd. ``key`` makes the same thing the same row: what was looked at never comes again."""

    __tablename__ = "hours_findings"
    __table_args__ = (
        Index("uq_hours_findings_key", "key", unique=True),
        Index("ix_hours_findings_state_site_path", "state", "site_path"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[FindingKind]
    key: Mapped[str] = mapped_column(String(160))
    site_path: Mapped[str] = mapped_column(String(120))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)  # whose hours, or who recorded them
    team_id: Mapped[int | None] = mapped_column(ForeignKey("teams.id"))
    evidence: Mapped[dict[str, Any]]  # figures, and the entries by number: "transfers": [12, 13]
    found_at: Mapped[datetime]
    state: Mapped[FindingState] = mapped_column(default=FindingState.OPEN)
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    decided_at: Mapped[datetime | None]
    note: Mapped[str] = mapped_column(String(300), default="")
    version: Mapped[int] = mapped_column()

    person: Mapped[Person | None] = relationship(foreign_keys=[person_id])
    decider: Mapped[Person | None] = relationship(foreign_keys=[decided_by])
    team: Mapped[Team | None] = relationship()

    __mapper_args__ = {"version_id_col": version}

    @property
    def about(self) -> str:
        """The name under which the log keeps what belongs to it."""
        return f"finding:{self.id}"

    def decide(self, state: FindingState, by: Actor, note: str, at: datetime) -> None:
        """Keep what a person decided. The only writer of state. Raises Conflict for what was decided otherwise already."""
        if (self.state, state) not in MOVES:
            raise Conflict("finding_decided", N_("Somebody has decided about this already."))
        self.state, self.decided_by, self.decided_at, self.note = state, by.user_id, at, note


class CheckMark(Base):
    """Who tapped a check-in or check-out, and on which device: a keyed hash of a random cookie, dropped after half a year."""

    __tablename__ = "check_marks"
    __table_args__ = (
        Index("ix_check_marks_about", "about"),
        Index("ix_check_marks_device_at", "device", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    about: Mapped[str] = mapped_column(String(80))  # "order:88", "order:88:2" as on the attendance
    leaving: Mapped[bool] = mapped_column(default=False)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    device: Mapped[str | None] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(index=True)
