"""中心/所/站: the tree of sites, their venues, and the dated policies that hold under them."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from volunteer.kernel.db import Base


class SiteLevel(StrEnum):
    """中心, 所, 站."""

    CENTRE = "centre"
    BRANCH = "branch"
    STATION = "station"


OFFICES = {SiteLevel.BRANCH: ("文明实践所", "Practice Branch"), SiteLevel.STATION: ("文明实践站", "Practice Station")}


class Site(Base):
    """A practice centre, branch or station. ``path`` ("/1/12/140/") begins with the paths of all sites above."""

    __tablename__ = "sites"

    id: Mapped[int] = mapped_column(primary_key=True)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("sites.id"), index=True)
    path: Mapped[str] = mapped_column(String(120), unique=True)
    level: Mapped[SiteLevel]
    code: Mapped[str] = mapped_column(String(20), unique=True)
    name: Mapped[str] = mapped_column(String(80))
    name_en: Mapped[str] = mapped_column(String(120), default="")
    latitude: Mapped[float]  # WGS-84 degrees
    longitude: Mapped[float]
    phone: Mapped[str] = mapped_column(String(30), default="")  # the public telephone of the office
    head: Mapped[str] = mapped_column(String(40), default="")  # 负责人, printed on certificates
    search: Mapped[str] = mapped_column(String(400), default="")
    area: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))  # GeoJSON geometry for the map
    closed_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(server_default="1")

    parent: Mapped[Site | None] = relationship(remote_side=[id])

    __mapper_args__ = {"version_id_col": version}

    @property
    def office(self) -> tuple[str, str]:
        """The office of the place in Chinese and English: 松陵街道 has 松陵街道文明实践所. A name that says so stays as it is."""
        if self.level is SiteLevel.CENTRE or self.name.endswith(("所", "站", "中心")):
            return self.name, self.name_en
        suffix, suffix_en = OFFICES[self.level]
        return f"{self.name}{suffix}", f"{self.name_en} {suffix_en}" if self.name_en else ""


class Venue(Base):
    """点, 阵地, 基地: a place of a site where things happen."""

    __tablename__ = "venues"

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"), index=True)
    code: Mapped[str] = mapped_column(String(20), unique=True)
    name: Mapped[str] = mapped_column(String(80))
    name_en: Mapped[str] = mapped_column(String(120), default="")
    kind: Mapped[str] = mapped_column(String(40), default="")
    latitude: Mapped[float]
    longitude: Mapped[float]
    search: Mapped[str] = mapped_column(String(400), default="")
    closed_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(server_default="1")

    site: Mapped[Site] = relationship()

    __mapper_args__ = {"version_id_col": version}


class Grid(Base):
    """网格: a part of a site's ground with somebody who looks after it."""

    __tablename__ = "grids"

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"), index=True)
    code: Mapped[str] = mapped_column(String(30), unique=True)
    name: Mapped[str] = mapped_column(String(80))
    name_en: Mapped[str] = mapped_column(String(120), default="")
    keeper: Mapped[str] = mapped_column(String(120), default="")  # 网格员, in words: who, where to be met
    area: Mapped[dict[str, Any]] = mapped_column(JSON())  # GeoJSON Polygon or MultiPolygon, WGS-84
    square_metres: Mapped[float]
    latitude: Mapped[float]  # the middle, for lists and maps
    longitude: Mapped[float]
    search: Mapped[str] = mapped_column(String(500), default="")
    closed_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(server_default="1")

    site: Mapped[Site] = relationship()

    __mapper_args__ = {"version_id_col": version}


class PolicyKind(StrEnum):
    """What a dated policy is about; its values are typed in places/policies.py."""

    CLOCKS = "clocks"
    MATCHING = "matching"
    HOURS = "hours"
    CASES = "cases"
    VISITS = "visits"
    JOINING = "joining"
    BRAKE = "brake"
    ASKING = "asking"
    EVIDENCE = "evidence"
    REWARDS = "rewards"
    BY_HAND = "by_hand"
    STARS = "stars"
    HOMES = "homes"


class PolicyRow(Base):
    """One version of one policy of a site, from ``valid_from`` until the next version of the same kind."""

    __tablename__ = "policies"

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"))
    kind: Mapped[PolicyKind]
    valid_from: Mapped[datetime]
    values: Mapped[dict[str, Any]]
    made_by: Mapped[int | None]
    made_at: Mapped[datetime]

    site: Mapped[Site] = relationship()

    __table_args__ = (Index("uq_policies_site_id_kind_valid_from", "site_id", "kind", "valid_from", unique=True),)


class Holiday(Base):
    """A day of a site's calendar that differs from the week: a holiday, or a working weekend (调休)."""

    __tablename__ = "holidays"

    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    works: Mapped[bool]
    name: Mapped[str] = mapped_column(String(60), default="")
    name_en: Mapped[str] = mapped_column(String(60), default="")


class Mark(Base):
    """A fact about this database itself: "demo" (what filled it), "water" (GeoJSON of the map)."""

    __tablename__ = "marks"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[Any] = mapped_column(JSON())
