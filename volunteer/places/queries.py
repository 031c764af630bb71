"""Look-ups in the tree of 中心, 所 and 站. Reads only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import Select, exists, select, true
from sqlalchemy.orm import Session

from volunteer.kernel.db import load
from volunteer.kernel.db import under as beneath
from volunteer.kernel.errors import Invalid, NotFound
from volunteer.kernel.text import like
from volunteer.places.models import Mark, Site, SiteLevel
from volunteer.places.rules import CLOSED_SITE

COUNTY = "county"  # the mark under which a county keeps its time zone and languages


def centre(session: Session) -> Site | None:
    """Return the first centre, the one whose name stands on every page; None before anything was founded."""
    return session.scalar(select(Site).where(Site.level == SiteLevel.CENTRE).order_by(Site.id).limit(1))


def mark(session: Session, name: str) -> Any:
    """Return what this database says about itself under ``name``, or None."""
    row = session.get(Mark, name)
    return row.value if row else None


class Layout(NamedTuple):
    """What every page says about the county that it belongs to."""

    name: str
    name_en: str
    demo: bool
    time_zone: str
    languages: tuple[str, ...]


def layout(session: Session) -> Layout:
    """Return the centre's name, whether this database is a demo, and what was chosen at set-up, in one query."""
    is_demo = exists().where(Mark.name == "demo")
    centre = select(Site.name, Site.name_en).where(Site.level == SiteLevel.CENTRE).order_by(Site.id).limit(1).subquery()
    ways = select(Mark.value).where(Mark.name == COUNTY).scalar_subquery()
    row = session.execute(
        select(centre.c.name, centre.c.name_en, is_demo, ways).select_from(select(1).subquery()).outerjoin(centre, true())
    ).one()
    chosen = row[3] or {}
    return Layout(row[0] or "", row[1] or "", bool(row[2]), chosen.get("time_zone", ""), tuple(chosen.get("languages", ())))


def site_of_code(session: Session, code: str) -> Site:
    """Return the site with that code. Raises NotFound."""
    site = session.scalar(select(Site).where(Site.code == code))
    if site is None:
        raise NotFound("site")
    return site


def keep_still(session: Session, site: Site) -> None:
    """Read a site anew and hold it where it is until the transaction ends: whoever moves or closes it waits, or was first.

    For whoever writes down the site's path. Raises Invalid for ``site`` when it was closed meanwhile.
    """
    session.refresh(site, ["path", "closed_at", "version"], with_for_update={"read": True})
    if site.closed_at is not None:
        raise Invalid.field("site", CLOSED_SITE)


def open_sites(session: Session, *, under: str = "/", level: SiteLevel | None = None) -> Sequence[Site]:
    """Return the open sites of a subtree in the order of their codes."""
    return session.scalars(_open(under, level).order_by(Site.code)).all()


def search(session: Session, words: str, *, under: str = "/", level: SiteLevel | None = None, limit: int = 20) -> Sequence[Site]:
    """Return open sites whose name, in characters, pinyin or initials, contains ``words``."""
    found = _open(under, level).where(Site.search.like(like(words), escape="\\"))
    return session.scalars(found.order_by(Site.code).limit(limit)).all()


def villages(session: Session, *, under: str = "/") -> list[tuple[Site, list[Site]]]:
    """Return every open branch with its open stations: what a village picker shows. One query."""
    sites = session.scalars(_open(under, None).where(Site.level != SiteLevel.CENTRE).order_by(Site.level, Site.code)).all()
    branches: dict[int, tuple[Site, list[Site]]] = {s.id: (s, []) for s in sites if s.level is SiteLevel.BRANCH}
    for site in sites:
        if site.level is SiteLevel.STATION and site.parent_id in branches:
            branches[site.parent_id][1].append(site)
    return list(branches.values())


def line_of(session: Session, site: Site) -> list[Site]:
    """Return the site with those above it, the centre first."""
    ids = [int(part) for part in site.path.strip("/").split("/")]
    found = {row.id: row for row in session.scalars(select(Site).where(Site.id.in_(ids)))}
    return [found[number] for number in ids if number in found]


def above(session: Session, site: Site) -> Site | None:
    """Return the site directly above, None for a centre."""
    return load(session, Site, site.parent_id) if site.parent_id else None


def branch_over(session: Session, site: Site) -> Site:
    """Return the 所 that dispatches for a site: itself or the nearest above that is a branch; else the centre."""
    line = line_of(session, site)
    branches = [row for row in line if row.level is SiteLevel.BRANCH]
    return branches[-1] if branches else line[0]


def _open(under: str, level: SiteLevel | None) -> Select[tuple[Site]]:
    found = select(Site).where(Site.closed_at.is_(None), beneath([under], Site.path))
    return found if level is None else found.where(Site.level == level)
