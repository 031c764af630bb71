"""礼遇: what a county gives back to volunteers, by level; who used what; and the short-lived code that is shown for it."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from volunteer.kernel.db import Base
from volunteer.places.models import Site
from volunteer.teams.models import Volunteer


class BenefitClass(StrEnum):
    """The ten classes of the catalogue; their words stand in benefit_rules.py."""

    INSURANCE = "insurance"
    TRANSPORT = "transport"
    SIGHTS = "sights"
    HEALTH = "health"
    CULTURE = "culture"
    LEARNING = "learning"
    FAMILY = "family"
    EVERYDAY = "everyday"
    SHOPS = "shops"
    HONOUR = "honour"


class Period(StrEnum):
    """Within what a limit for each person counts: local days, months, years."""

    DAY = "day"
    MONTH = "month"
    YEAR = "year"
    EVER = "ever"


class Benefit(Base):
    """One line of a site's catalogue: who may have it, how often, from when to when. ``used`` counts what was handed out."""

    __tablename__ = "benefits"
    __table_args__ = (
        CheckConstraint("used >= 0", "used_not_negative"),
        Index("uq_benefits_site_id_code", "site_id", "code", unique=True),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"))
    kind: Mapped[BenefitClass]
    code: Mapped[str] = mapped_column(String(30))
    name: Mapped[str] = mapped_column(String(60))
    name_en: Mapped[str] = mapped_column(String(120), default="")
    words: Mapped[str] = mapped_column(String(300), default="")
    words_en: Mapped[str] = mapped_column(String(400), default="")
    giver: Mapped[str] = mapped_column(String(80), default="")  # who gives it, in words
    stars_least: Mapped[int] = mapped_column(default=0)  # 0: every volunteer
    minutes_least: Mapped[int] = mapped_column(default=0)  # of service in the last twelve months
    age_least: Mapped[int | None]
    age_most: Mapped[int | None]
    begins: Mapped[date]
    ends: Mapped[date | None]
    limit_each: Mapped[int | None]  # so often for one person in a ``period``; None: no limit
    period: Mapped[Period] = mapped_column(default=Period.YEAR)
    limit_all: Mapped[int | None]  # so many in all
    used: Mapped[int] = mapped_column(default=0)
    closed_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column()

    site: Mapped[Site] = relationship()

    __mapper_args__ = {"version_id_col": version}


class BenefitCount(Base):
    """How often one person had one benefit in one period ("2026-11"): the row that a limit is kept by."""

    __tablename__ = "benefit_counts"
    __table_args__ = (CheckConstraint("used >= 0", "used_not_negative"),)

    benefit_id: Mapped[int] = mapped_column(ForeignKey("benefits.id"), primary_key=True)
    volunteer_id: Mapped[int] = mapped_column(ForeignKey("volunteers.id"), primary_key=True, index=True)
    period: Mapped[str] = mapped_column(String(10), primary_key=True)
    used: Mapped[int] = mapped_column(default=0)


class BenefitUse(Base):
    """One benefit handed out, and perhaps taken back by the same site."""

    __tablename__ = "benefit_uses"
    __table_args__ = (
        Index("ix_benefit_uses_volunteer_id_used_at", "volunteer_id", "used_at"),
        Index("ix_benefit_uses_site_path_used_at", "site_path", "used_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    benefit_id: Mapped[int] = mapped_column(ForeignKey("benefits.id"), index=True)
    volunteer_id: Mapped[int] = mapped_column(ForeignKey("volunteers.id"))
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"))  # where it was handed out
    site_path: Mapped[str] = mapped_column(String(120))
    period: Mapped[str] = mapped_column(String(10))
    code_id: Mapped[int | None] = mapped_column(ForeignKey("benefit_codes.id"), unique=True)  # one code, one use
    used_at: Mapped[datetime]
    used_by: Mapped[int | None]
    taken_back_at: Mapped[datetime | None]
    taken_back_by: Mapped[int | None]
    taken_back_reason: Mapped[str] = mapped_column(String(200), default="")

    benefit: Mapped[Benefit] = relationship()
    volunteer: Mapped[Volunteer] = relationship()
    site: Mapped[Site] = relationship()


class BenefitCode(Base):
    """Eight digits on a volunteer's phone, good for some minutes and for one use. Only a keyed hash is kept."""

    __tablename__ = "benefit_codes"
    __table_args__ = (Index("ix_benefit_codes_code_hash_expires_at", "code_hash", "expires_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    volunteer_id: Mapped[int] = mapped_column(ForeignKey("volunteers.id"), index=True)
    code_hash: Mapped[str] = mapped_column(String(64))
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]

    volunteer: Mapped[Volunteer] = relationship()
