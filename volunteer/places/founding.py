"""Founding 中心, 所 and 站, opening their venues (点) and grids (网格), and keeping their calendar."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from volunteer.access import Actor, Permission
from volunteer.audit.recording import record
from volunteer.kernel.checks import NAMELESS, Checks
from volunteer.kernel.clock import local_date, zone_of
from volunteer.kernel.errors import Conflict, Invalid
from volunteer.kernel.geo import Datum, Point
from volunteer.kernel.text import search_text
from volunteer.kernel.words import N_
from volunteer.places.models import Grid, Holiday, Site, SiteLevel, Venue
from volunteer.places.rules import CLOSED_SITE, shape_of

BELOW = {None: SiteLevel.CENTRE, SiteLevel.CENTRE: SiteLevel.BRANCH, SiteLevel.BRANCH: SiteLevel.STATION}
CLOSED_ABOVE = N_("The site above is closed.")
PAST_DAY = N_("This day has passed; deadlines were counted with it, so it stays as it is.")


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


@dataclass(frozen=True, kw_only=True)
class GridDraft:
    """What is needed to draw a grid. ``area``: GeoJSON Polygon or MultiPolygon in ``datum``; ``keeper``: who looks after it."""

    code: str
    name: str
    area: dict[str, Any]
    name_en: str = ""
    keeper: str = ""
    datum: Datum = Datum.WGS84


def found_site(session: Session, actor: Actor, draft: SiteDraft, parent: Site | None = None, *, at: datetime) -> Site:
    """Return a new centre, or the branch or station that lies directly below ``parent``.

    Raises Conflict for a code that is taken, Invalid below a station, below a closed site or without a name.
    """
    actor.must(Permission.PLACES_MANAGE, at=parent.path if parent else "/")
    level = BELOW.get(parent.level if parent else None)
    if level is None:
        raise Invalid.field("parent", N_("Nothing can be founded below a station."))
    if parent is not None and parent.closed_at is not None:
        raise Invalid.field("parent", CLOSED_ABOVE)
    values = site_values(draft)
    site_code_free(session, values["code"])

    site = Site(parent=parent, path=f"new:{values['code']}", level=level, **values)
    session.add(site)
    session.flush()  # the path is made of the id
    site.path = f"{parent.path if parent else '/'}{site.id}/"
    session.flush()  # what is founded below looks at it
    record(session, actor, "site_founded", f"site:{site.id}", at=at, site_path=site.path, level=level.value)
    return site


def found_venue(session: Session, actor: Actor, site: Site, draft: VenueDraft, *, at: datetime) -> Venue:
    """Return a new venue of ``site``. Raises Conflict for a code that is taken, Invalid at a closed site or without a name."""
    actor.must(Permission.PLACES_MANAGE, at=site.path)
    stands_open(site)
    values = venue_values(draft)
    venue_code_free(session, values["code"])

    venue = Venue(site_id=site.id, **values)
    session.add(venue)
    session.flush()  # its id goes into the record
    record(session, actor, "venue_founded", f"venue:{venue.id}", at=at, site_path=site.path)
    return venue


def found_grid(session: Session, actor: Actor, site: Site, draft: GridDraft, *, at: datetime) -> Grid:
    """Return a new grid of ``site``. Raises Conflict for a code that is taken, Invalid for an area that cannot be one."""
    actor.must(Permission.PLACES_MANAGE, at=site.path)
    stands_open(site)
    values = grid_values(draft)
    grid_code_free(session, values["code"])

    grid = Grid(site_id=site.id, **values)
    session.add(grid)
    session.flush()  # its id goes into the record
    record(session, actor, "grid_founded", f"grid:{grid.id}", at=at, site_path=site.path)
    return grid


def keep_calendar(
    session: Session, actor: Actor, site: Site, days: Mapping[date, tuple[bool, str, str]], *, at: datetime
) -> list[Holiday]:
    """Write down days that differ from the week: whether people work, and what the day is called in both languages.

    A day that has passed may be added, not changed: deadlines were counted with it. Raises Invalid.
    """
    actor.must(Permission.PLACES_MANAGE, at=site.path)
    today = local_date(at, zone_of(session))
    rows = []
    for day, (works, name, name_en) in sorted(days.items()):
        checks = Checks()
        name, name_en = checks.text("name", name, 60, missing=NAMELESS), checks.text("name_en", name_en, 60)
        row = session.get(Holiday, (site.id, day))
        if row is not None and day < today and row.works != works:
            checks.say("day", PAST_DAY)
        checks.done()
        row = row or Holiday(site_id=site.id, day=day)
        row.works, row.name, row.name_en = works, name, name_en
        session.add(row)
        rows.append(row)
    record(session, actor, "calendar_kept", f"site:{site.id}", at=at, site_path=site.path, days=len(rows))
    return rows


def drop_day(session: Session, actor: Actor, site: Site, day: date, *, at: datetime) -> None:
    """Take a day that is still to come off the calendar again; one that is not there is no error."""
    actor.must(Permission.PLACES_MANAGE, at=site.path)
    if day < local_date(at, zone_of(session)):
        raise Invalid.field("day", PAST_DAY)
    if (row := session.get(Holiday, (site.id, day))) is not None:
        session.delete(row)
        record(session, actor, "calendar_day_dropped", f"site:{site.id}", at=at, site_path=site.path, day=day.isoformat())


def site_values(draft: SiteDraft) -> dict[str, Any]:
    """Return the columns that a draft fills. Raises Invalid with every complaint."""
    checks = Checks()
    values: dict[str, Any] = {
        "code": checks.code("code", draft.code, 20),
        "name": checks.text("name", draft.name, 80, missing=NAMELESS),
        "name_en": checks.text("name_en", draft.name_en, 120),
        "phone": checks.text("phone", draft.phone, 30),
        "head": checks.text("head", draft.head, 40),
    }
    checks.done()
    area = shape_of(draft.area).geometry if draft.area is not None else None
    place = {"latitude": draft.point.latitude, "longitude": draft.point.longitude}
    return values | place | {"area": area, "search": search_text(values["name"], values["name_en"])[:400]}


def venue_values(draft: VenueDraft) -> dict[str, Any]:
    """Return the columns that a draft fills. Raises Invalid with every complaint."""
    checks = Checks()
    values: dict[str, Any] = {
        "code": checks.code("code", draft.code, 20),
        "name": checks.text("name", draft.name, 80, missing=NAMELESS),
        "name_en": checks.text("name_en", draft.name_en, 120),
        "kind": checks.text("kind", draft.kind, 40),
    }
    checks.done()
    place = {"latitude": draft.point.latitude, "longitude": draft.point.longitude}
    return values | place | {"search": search_text(values["name"], values["name_en"])[:400]}


def grid_values(draft: GridDraft) -> dict[str, Any]:
    """Return the columns that a draft fills. Raises Invalid with every complaint."""
    checks = Checks()
    values: dict[str, Any] = {
        "code": checks.code("code", draft.code, 30),
        "name": checks.text("name", draft.name, 80, missing=NAMELESS),
        "name_en": checks.text("name_en", draft.name_en, 120),
        "keeper": checks.text("keeper", draft.keeper, 120),
    }
    checks.done()
    shape = shape_of(draft.area, draft.datum)
    values |= {"area": shape.geometry, "square_metres": shape.square_metres}
    values |= {"latitude": shape.middle.latitude, "longitude": shape.middle.longitude}
    return values | {"search": search_text(values["name"], values["name_en"], values["keeper"], values["code"])[:500]}


def stands_open(site: Site) -> None:
    """Raise Invalid for ``site`` when it is closed: nothing new begins there."""
    if site.closed_at is not None:
        raise Invalid.field("site", CLOSED_SITE)


def site_code_free(session: Session, code: str, but: int = 0) -> None:
    """Raise Conflict when another site has this code."""
    if session.scalar(select(Site.id).where(Site.code == code, Site.id != but)):
        raise Conflict("site_code_taken", N_("There is a site with this code already."), site_code=code)


def venue_code_free(session: Session, code: str, but: int = 0) -> None:
    """Raise Conflict when another venue has this code."""
    if session.scalar(select(Venue.id).where(Venue.code == code, Venue.id != but)):
        raise Conflict("venue_code_taken", N_("There is a venue with this code already."), venue_code=code)


def grid_code_free(session: Session, code: str, but: int = 0) -> None:
    """Raise Conflict when another grid has this code."""
    if session.scalar(select(Grid.id).where(Grid.code == code, Grid.id != but)):
        raise Conflict("grid_code_taken", N_("There is a grid with this code already."), grid_code=code)
