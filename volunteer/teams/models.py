"""志愿者 and 团队: who can help, with what, when, and in which team."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from volunteer.accounts.models import Person
from volunteer.catalogue.models import Skill
from volunteer.kernel.db import Base
from volunteer.places.models import Site


class Standing(StrEnum):
    """How a volunteer stands in the register. Only ACTIVE is ever put on a visit or into a team."""

    WAITING = "waiting"  # registered; the site wants to look first
    ACTIVE = "active"
    REFUSED = "refused"
    CLOSED = "closed"  # by the site
    LEFT = "left"  # by themselves; what the law wants is kept


class Volunteer(Base):
    """志愿者: a person who registered to serve. Shares the person's id."""

    __tablename__ = "volunteers"

    id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True, autoincrement=False)
    number: Mapped[str] = mapped_column(String(20), unique=True)  # 志愿者号
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"), index=True)
    insured_until: Mapped[date | None]
    paused_until: Mapped[date | None]
    registered_at: Mapped[datetime]
    standing: Mapped[Standing] = mapped_column(default=Standing.ACTIVE, server_default=Standing.ACTIVE.value)
    standing_words: Mapped[str] = mapped_column(String(200), default="", server_default="")  # why refused or closed
    standing_at: Mapped[datetime | None]
    insurance: Mapped[str] = mapped_column(String(60), default="", server_default="")  # number of the policy
    speaks: Mapped[str] = mapped_column(String(80), default="", server_default="")
    reach_km: Mapped[float | None]  # how far from the home site they want to go
    by_day: Mapped[bool] = mapped_column(default=False, server_default=false())  # never ask at night

    person: Mapped[Person] = relationship()
    site: Mapped[Site] = relationship()
    skills: Mapped[list[VolunteerSkill]] = relationship()


class VolunteerSkill(Base):
    """A skill of a volunteer, how well (0–1), and until when the licence holds where one is needed."""

    __tablename__ = "volunteer_skills"

    volunteer_id: Mapped[int] = mapped_column(ForeignKey("volunteers.id"), primary_key=True)
    skill_id: Mapped[int] = mapped_column(ForeignKey("skills.id"), primary_key=True, index=True)
    proficiency: Mapped[float]
    licence_until: Mapped[date | None]

    skill: Mapped[Skill] = relationship()


class Availability(Base):
    """Weekly hours in which a volunteer is willing: minutes from local midnight, on a weekday (Monday 0)."""

    __tablename__ = "availabilities"

    id: Mapped[int] = mapped_column(primary_key=True)
    volunteer_id: Mapped[int] = mapped_column(ForeignKey("volunteers.id"), index=True)
    weekday: Mapped[int]
    begins: Mapped[int]
    ends: Mapped[int]


class TeamClass(Base):
    """One of the 8 + N classes of teams."""

    __tablename__ = "team_classes"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(40))
    name_en: Mapped[str] = mapped_column(String(60), default="")
    standing: Mapped[bool] = mapped_column(default=True)  # one of the 8; else one of the N


class Team(Base):
    """团队. ``hours``, ``insured_until`` and ``team_skills`` are derived from its members; ``refresh_teams`` writes them."""

    __tablename__ = "teams"

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"), index=True)
    site_path: Mapped[str] = mapped_column(String(120), index=True)
    class_id: Mapped[int] = mapped_column(ForeignKey("team_classes.id"))
    code: Mapped[str] = mapped_column(String(20), unique=True)
    name: Mapped[str] = mapped_column(String(80))
    name_en: Mapped[str] = mapped_column(String(120), default="")
    latitude: Mapped[float]
    longitude: Mapped[float]
    reach_km: Mapped[float]
    capacity: Mapped[int]  # orders in hand at once
    hours: Mapped[str] = mapped_column(String(42), default="0" * 42)  # 168 local hours of the week as hex, bit 0 = Monday 0:00
    insured_until: Mapped[date | None]  # the last day on which an adult member is insured
    rating_sum: Mapped[float] = mapped_column(default=0.0)  # sum of ratings 0–1
    rating_count: Mapped[int] = mapped_column(default=0)
    search: Mapped[str] = mapped_column(String(400), default="")
    founded_at: Mapped[datetime]
    paused_until: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    about: Mapped[str] = mapped_column(String(600), default="", server_default="")  # what they do, for everybody
    about_en: Mapped[str] = mapped_column(String(800), default="", server_default="")

    site: Mapped[Site] = relationship()
    kind: Mapped[TeamClass] = relationship()
    skills: Mapped[list[TeamSkill]] = relationship()
    members: Mapped[list[Membership]] = relationship(back_populates="team")


class TeamSkill(Base):
    """Derived: how well a team covers a skill, with how many members, and until when an adult one of these is insured."""

    __tablename__ = "team_skills"

    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id"), primary_key=True)
    skill_id: Mapped[int] = mapped_column(ForeignKey("skills.id"), primary_key=True, index=True)
    proficiency: Mapped[float]
    members: Mapped[int]
    insured_until: Mapped[date | None]  # and licensed, where that is needed

    skill: Mapped[Skill] = relationship()


class MemberRole(StrEnum):
    """What a member is in the team."""

    LEADER = "leader"
    DEPUTY = "deputy"
    MEMBER = "member"


class Membership(Base):
    """A volunteer in a team, from ``since`` until ``until``."""

    __tablename__ = "memberships"
    __table_args__ = (
        Index("ix_memberships_team_id_until", "team_id", "until"),
        Index("ix_memberships_volunteer_id_until", "volunteer_id", "until"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id"))
    volunteer_id: Mapped[int] = mapped_column(ForeignKey("volunteers.id"))
    role: Mapped[MemberRole] = mapped_column(default=MemberRole.MEMBER)
    since: Mapped[datetime]
    until: Mapped[datetime | None]

    team: Mapped[Team] = relationship(back_populates="members")
    volunteer: Mapped[Volunteer] = relationship()
