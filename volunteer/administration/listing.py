"""Sites, venues, grids and holidays as those who look after them list them. Reads only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Generic, TypeVar

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session, joinedload, load_only

from volunteer.access import Actor, Permission
from volunteer.kernel.db import under
from volunteer.kernel.text import like
from volunteer.places.models import Grid, Holiday, Site, SiteLevel, Venue

SIZE = 25
UNFOLDED = 60  # stations shown below their branch; more are a list of their own
Row = TypeVar("Row")


@dataclass(frozen=True)
class Listed(Generic[Row]):
    """One page of a list."""

    rows: Sequence[Row]
    page: int
    pages: int
    total: int


@dataclass(frozen=True)
class Twig:
    """A branch of the tree with the first of its stations, and how many it has."""

    site: Site
    stations: Sequence[Site]
    count: int


def managed_sites(session: Session, actor: Actor, permission: Permission = Permission.PLACES_MANAGE) -> Sequence[Site]:
    """Return the open sites that the actor looks after, from the top, by code; without their areas."""
    found = select(Site).where(Site.closed_at.is_(None), under(actor.scopes(permission), Site.path)).options(*LIGHT)
    return session.scalars(found.order_by(DEPTH, Site.code)).all()


DEPTH = func.length(Site.path) - func.length(func.replace(Site.path, "/", ""))  # the centre first, then branches, then stations
LIGHT = (
    load_only(
        Site.id, Site.parent_id, Site.path, Site.level, Site.code, Site.name, Site.name_en, Site.closed_at, Site.version,
        Site.latitude, Site.longitude,
    ),
)  # fmt: skip


def tree(session: Session, actor: Actor) -> tuple[list[Site], list[Twig]]:
    """Return the centres, and each open branch with its stations, that the actor looks after. One query."""
    sites = managed_sites(session, actor)
    below: dict[int, list[Site]] = {}
    for site in sites:
        if site.level is SiteLevel.STATION and site.parent_id is not None:
            below.setdefault(site.parent_id, []).append(site)
    branches = [site for site in sites if site.level is SiteLevel.BRANCH]
    twigs = [Twig(site, below.get(site.id, [])[:UNFOLDED], len(below.get(site.id, []))) for site in branches]
    known = {site.id for site in branches}
    tops = [
        site
        for site in sites
        if site.level is SiteLevel.CENTRE or (site.level is SiteLevel.STATION and site.parent_id not in known)
    ]
    return tops, twigs


def sites(
    session: Session, actor: Actor, *, words: str = "", below: Site | None = None, closed: bool = False, page: int = 1
) -> Listed[Site]:
    """Return a page of sites: those that ``words`` find, those directly ``below`` one, or the closed ones."""
    found = select(Site).where(under(actor.scopes(Permission.PLACES_MANAGE), Site.path)).options(*LIGHT)
    found = found.where(Site.closed_at.is_not(None) if closed else Site.closed_at.is_(None))
    if words:
        pattern = like(words)
        found = found.where(or_(Site.search.like(pattern, escape="\\"), Site.code.ilike(pattern, escape="\\")))
    if below is not None:
        found = found.where(Site.parent_id == below.id)
    return listed(session, found.order_by(DEPTH, Site.code), page)


def venues(
    session: Session, actor: Actor, *, words: str = "", site: Site | None = None, closed: bool = False, page: int = 1
) -> Listed[Venue]:
    """Return a page of the venues that the actor looks after."""
    return listed(session, _parts(Venue, actor, words, site, closed).order_by(Venue.code), page)


def grids(
    session: Session, actor: Actor, *, words: str = "", site: Site | None = None, closed: bool = False, page: int = 1
) -> Listed[Grid]:
    """Return a page of the grids that the actor looks after, with their areas."""
    return listed(session, _parts(Grid, actor, words, site, closed).order_by(Grid.code), page)


def holidays(session: Session, site: Site, year: int) -> Sequence[Holiday]:
    """Return the days of one year that a site's calendar names."""
    found = select(Holiday).where(Holiday.site_id == site.id, Holiday.day >= date(year, 1, 1), Holiday.day <= date(year, 12, 31))
    return session.scalars(found.order_by(Holiday.day)).all()


def listed(session: Session, found: Select[tuple[Row]], page: int) -> Listed[Row]:
    """Return one page of ``found``; a page past the end is the last one."""
    total = session.scalar(select(func.count()).select_from(found.order_by(None).subquery())) or 0
    pages = max(1, -(-total // SIZE))
    page = min(max(page, 1), pages)
    rows = session.scalars(found.limit(SIZE).offset((page - 1) * SIZE)).unique().all()
    return Listed(rows, page, pages, total)


def _parts(kind: Any, actor: Actor, words: str, site: Site | None, closed: bool) -> Select[Any]:
    found = (
        select(kind)
        .join(Site, Site.id == kind.site_id)
        .options(joinedload(kind.site).load_only(Site.name, Site.name_en, Site.path))
    )
    found = found.where(under(actor.scopes(Permission.PLACES_MANAGE), Site.path))
    found = found.where(kind.closed_at.is_not(None) if closed else kind.closed_at.is_(None))
    if site is not None:
        found = found.where(under([site.path], Site.path))
    if words:
        pattern = like(words)
        found = found.where(
            or_(
                kind.search.like(pattern, escape="\\"),
                kind.code.ilike(pattern, escape="\\"),
                Site.search.like(pattern, escape="\\"),
            )
        )
    return found
