"""How teams come to be, who asks to be in one, and where they serve."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from volunteer.access import Actor
from volunteer.kernel.db import Base
from volunteer.places.models import Site
from volunteer.teams.lifecycle import ANSWERS, Answer, AnswerAction
from volunteer.teams.models import Team, TeamClass, Volunteer


class TeamApplication(Base):
    """Somebody wants to found a team; the site says yes, or no with a reason."""

    __tablename__ = "team_applications"
    __table_args__ = (Index("ix_team_applications_answer_site_path", "answer", "site_path"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    applicant_id: Mapped[int] = mapped_column(ForeignKey("volunteers.id"), index=True)  # who will lead
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"))
    site_path: Mapped[str] = mapped_column(String(120))
    class_id: Mapped[int] = mapped_column(ForeignKey("team_classes.id"))
    name: Mapped[str] = mapped_column(String(80))
    name_en: Mapped[str] = mapped_column(String(120), default="")
    about: Mapped[str] = mapped_column(String(600), default="")
    latitude: Mapped[float]
    longitude: Mapped[float]
    reach_km: Mapped[float]
    capacity: Mapped[int]
    members: Mapped[list[str]]  # volunteer numbers, invited when the team is there
    skills: Mapped[list[str]]  # codes of what they want to do
    applied_at: Mapped[datetime]
    answer: Mapped[Answer] = mapped_column(default=Answer.OPEN)
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[int | None]
    words: Mapped[str] = mapped_column(String(200), default="")
    team_id: Mapped[int | None] = mapped_column(ForeignKey("teams.id"))

    applicant: Mapped[Volunteer] = relationship()
    site: Mapped[Site] = relationship()
    kind: Mapped[TeamClass] = relationship()
    team: Mapped[Team | None] = relationship()

    def advance(self, action: AnswerAction, at: datetime, by: Actor | None = None) -> None:
        """Move along the lifecycle and write down who answered, and when. The only writer of answer."""
        self.answer = ANSWERS.next(self.answer, action)
        self.answered_at, self.answered_by = at, by.user_id if by else None


class AskKind(StrEnum):
    """What is asked between a team and a volunteer."""

    JOIN = "join"  # the volunteer asks, the leader answers
    INVITE = "invite"  # the leader asks, the volunteer answers
    LEAD = "lead"  # the leader asks a member to take over
    HAND_BACK = "hand_back"  # the leader asks the site to find another leader


class TeamAsk(Base):
    """One question about being in a team, and its answer."""

    __tablename__ = "team_asks"
    __table_args__ = (
        Index("ix_team_asks_team_id_answer", "team_id", "answer"),
        Index("ix_team_asks_volunteer_id_answer", "volunteer_id", "answer"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id"))
    volunteer_id: Mapped[int] = mapped_column(ForeignKey("volunteers.id"))
    kind: Mapped[AskKind]
    leaves: Mapped[bool] = mapped_column(default=False)  # of LEAD, HAND_BACK: the old leader leaves the team
    words: Mapped[str] = mapped_column(String(200), default="")
    asked_by: Mapped[int | None]
    asked_at: Mapped[datetime]
    answer: Mapped[Answer] = mapped_column(default=Answer.OPEN)
    answered_by: Mapped[int | None]
    answered_at: Mapped[datetime | None]

    team: Mapped[Team] = relationship()
    volunteer: Mapped[Volunteer] = relationship()

    def advance(self, action: AnswerAction, at: datetime, by: Actor) -> None:
        """Move along the lifecycle and write down who answered, and when. The only writer of answer, but for who leaves."""
        self.answer = ANSWERS.next(self.answer, action)
        self.answered_at, self.answered_by = at, by.user_id


class TeamArea(Base):
    """A site in which a team serves. Without any a team serves wherever its reach takes it."""

    __tablename__ = "team_areas"

    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id"), primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"), primary_key=True)

    site: Mapped[Site] = relationship()
