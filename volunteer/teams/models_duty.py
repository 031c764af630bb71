"""值守: volunteers who say that they are ready now, and where they are found."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from volunteer.kernel.db import Base
from volunteer.teams.models import Volunteer


class PlaceFrom(StrEnum):
    """How we know where somebody on duty is."""

    SITE = "site"  # at their home site, as far as we know
    DEVICE = "device"  # they sent their position


class Duty(Base):
    """Somebody is on duty until ``until``; then, or when they say so, the row and its spots go. No track is kept."""

    __tablename__ = "duties"

    volunteer_id: Mapped[int] = mapped_column(ForeignKey("volunteers.id"), primary_key=True, autoincrement=False)
    site_path: Mapped[str] = mapped_column(String(120))
    latitude: Mapped[float]
    longitude: Mapped[float]
    place_from: Mapped[PlaceFrom]
    since: Mapped[datetime]
    until: Mapped[datetime] = mapped_column(index=True)

    volunteer: Mapped[Volunteer] = relationship()


ANYBODY = 0  # in place of a skill: whoever is on duty


class DutySpot(Base):
    """Where somebody on duty is found: once for each skill, and once for ANYBODY, in the order in which it is looked for.

    stripe: 1/20 of a degree of longitude, so that a box is read from one or two short stretches of the index. Doubles, not the
    float32 of an R*Tree, which would name a wrong neighbour now and then.
    """

    __tablename__ = "duty_spots"
    __table_args__ = (
        Index("ix_duty_spots_volunteer_id", "volunteer_id"),
        {"sqlite_with_rowid": False},  # the table is its index: no second look-up
    )

    skill_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)  # ANYBODY is no skill: no foreign key
    stripe: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    latitude: Mapped[float] = mapped_column(primary_key=True)
    longitude: Mapped[float] = mapped_column(primary_key=True)
    volunteer_id: Mapped[int] = mapped_column(ForeignKey("volunteers.id"), primary_key=True, autoincrement=False)
    until: Mapped[datetime]
