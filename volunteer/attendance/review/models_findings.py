"""What looked odd, with its evidence, and what a person decided about it; and which device was tapped at a check-in."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from volunteer.access import Actor
from volunteer.accounts.models import Person
from volunteer.attendance.review.lifecycle import FindingKind, FindingState, next_state
from volunteer.kernel.db import Base
from volunteer.teams.models import Team


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
        """Keep what a person decided. The only writer of state. Raises Conflict for what was decided already."""
        self.state = next_state(self.state, state)
        self.decided_by, self.decided_at, self.note = by.user_id, at, note


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
