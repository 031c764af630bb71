"""Founding 中心, 所 and 站, opening their venues (点), and keeping their calendar."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from volunteer.access import Actor, Permission
from volunteer.audit.recording import record
from volunteer.kernel.errors import Conflict, Invalid
from volunteer.kernel.geo import Point
from volunteer.kernel.text import search_text
from volunteer.kernel.words import N_
from volunteer.places.models import Holiday, Site, SiteLevel, Venue

BELOW = {None: SiteLevel.CENTRE, SiteLevel.CENTRE: SiteLevel.BRANCH, SiteLevel.BRANCH: SiteLevel.STATION}


@dataclass(frozen=True, kw_only=True)
class SiteDraft:
    """What is needed to found a site. ``point`` is WGS-84; ``area`` a GeoJSON geometry; ``head`` is printed on certificates."""

    code: str
    name: str
    point: Point
    name_en: str = ""
    phone: str = ""
    head: str = ""
    area: dict[str, Any] | None = None


@dataclass(frozen=True, kw_only=True)
class VenueDraft:
    """What is needed to open a venue. ``point`` is WGS-84."""

    code: str
    name: str
    point: Point
    name_en: str = ""
    kind: str = ""


def found_site(session: Session, actor: Actor, draft: SiteDraft, parent: Site | None = None, *, at: datetime) -> Site:
    """Return a new centre, or the branch or station that lies directly below ``parent``.

    Raises Conflict for a code that is taken, Invalid below a station or without a name.
    """
    actor.must(Permission.COUNTY_FOUND, at=parent.path if parent else "/")
    level = BELOW.get(parent.level if parent else None)
    if level is None:
        raise Invalid.field("parent", N_("Nothing can be founded below a station."))
    if not draft.name.strip():
        raise Invalid.field("name", N_("Please write a name."))
    if session.scalar(select(Site.id).where(Site.code == draft.code)):
        raise Conflict("site_code_taken", N_("There is a site with this code already."), site_code=draft.code)

    site = Site(
        parent=parent,
        path=f"new:{draft.code}",
        level=level,
        code=draft.code,
        name=draft.name.strip(),
        name_en=draft.name_en.strip(),
        latitude=draft.point.latitude,
        longitude=draft.point.longitude,
        phone=draft.phone,
        head=draft.head,
        area=draft.area,
        search=search_text(draft.name, draft.name_en),
    )
    session.add(site)
    session.flush()  # the path is made of the id
    site.path = f"{parent.path if parent else '/'}{site.id}/"
    session.flush()  # what is founded below looks at it
    record(session, actor, "site_founded", f"site:{site.id}", at=at, site_path=site.path, level=level.value)
    return site


def found_venue(session: Session, actor: Actor, site: Site, draft: VenueDraft, *, at: datetime) -> Venue:
    """Return a new venue of ``site``."""
    actor.must(Permission.COUNTY_FOUND, at=site.path)
    if not draft.name.strip():
        raise Invalid.field("name", N_("Please write a name."))

    venue = Venue(
        site_id=site.id,
        code=draft.code,
        name=draft.name.strip(),
        name_en=draft.name_en.strip(),
        kind=draft.kind,
        latitude=draft.point.latitude,
        longitude=draft.point.longitude,
        search=search_text(draft.name, draft.name_en),
    )
    session.add(venue)
    return venue


def keep_calendar(
    session: Session, actor: Actor, site: Site, days: Mapping[date, tuple[bool, str, str]], *, at: datetime
) -> list[Holiday]:
    """Write down days that differ from the week: whether people work, and what the day is called in both languages."""
    actor.must(Permission.COUNTY_FOUND, at=site.path)
    rows = []
    for day, (works, name, name_en) in sorted(days.items()):
        row = session.get(Holiday, (site.id, day)) or Holiday(site_id=site.id, day=day)
        row.works, row.name, row.name_en = works, name, name_en
        session.add(row)
        rows.append(row)
    record(session, actor, "calendar_kept", f"site:{site.id}", at=at, site_path=site.path, days=len(rows))
    return rows
