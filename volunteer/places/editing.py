"""Changing, closing and opening again what was founded: a site's words, venues, grids. Nothing is deleted."""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy.orm import Session

from volunteer.access import Actor, Permission
from volunteer.audit.recording import record
from volunteer.kernel.db import load, unchanged
from volunteer.places.founding import (
    GridDraft,
    SiteDraft,
    VenueDraft,
    grid_code_free,
    grid_values,
    site_code_free,
    site_values,
    stands_open,
    venue_code_free,
    venue_values,
)
from volunteer.places.models import Grid, Site, Venue

Part = TypeVar("Part", Venue, Grid)


def edit_site(session: Session, actor: Actor, site_id: int, draft: SiteDraft, *, seen: int | None = None, at: datetime) -> Site:
    """Return the site with the draft's words and place. ``seen`` is the version that the form showed.

    Raises Conflict for a code that is taken or when somebody else was faster.
    """
    actor.must(Permission.PLACES_MANAGE, at=load(session, Site, site_id).path)
    site = unchanged(session, Site, site_id, seen)
    values = site_values(draft)
    site_code_free(session, values["code"], site.id)

    if fields := change(site, values):
        record(session, actor, "site_edited", f"site:{site.id}", at=at, site_path=site.path, fields=fields)
    return site


def edit_venue(
    session: Session, actor: Actor, venue_id: int, draft: VenueDraft, *, site: Site | None = None,
    seen: int | None = None, at: datetime,
) -> Venue:  # fmt: skip
    """Return the venue with the draft's words and place, at another ``site`` when one is given."""
    venue = _of_mine(session, actor, Venue, venue_id, seen)
    values = venue_values(draft) | _placed(actor, venue, site)
    venue_code_free(session, values["code"], venue.id)

    if fields := change(venue, values):
        record(session, actor, "venue_edited", f"venue:{venue.id}", at=at, site_path=venue.site.path, fields=fields)
    return venue


def edit_grid(
    session: Session, actor: Actor, grid_id: int, draft: GridDraft, *, site: Site | None = None,
    seen: int | None = None, at: datetime,
) -> Grid:  # fmt: skip
    """Return the grid with the draft's words and area, at another ``site`` when one is given."""
    grid = _of_mine(session, actor, Grid, grid_id, seen)
    values = grid_values(draft) | _placed(actor, grid, site)
    grid_code_free(session, values["code"], grid.id)

    if fields := change(grid, values):
        record(session, actor, "grid_edited", f"grid:{grid.id}", at=at, site_path=grid.site.path, fields=fields)
    return grid


def close_venue(session: Session, actor: Actor, venue_id: int, *, at: datetime) -> Venue:
    """Take a venue off lists and maps. Closing it twice is no error."""
    return _close(session, actor, Venue, venue_id, at)


def open_venue(session: Session, actor: Actor, venue_id: int, *, at: datetime) -> Venue:
    """Put a closed venue back. Raises Invalid while its site is closed."""
    return _open(session, actor, Venue, venue_id, at)


def close_grid(session: Session, actor: Actor, grid_id: int, *, at: datetime) -> Grid:
    """Take a grid off lists and maps. Closing it twice is no error."""
    return _close(session, actor, Grid, grid_id, at)


def open_grid(session: Session, actor: Actor, grid_id: int, *, at: datetime) -> Grid:
    """Put a closed grid back. Raises Invalid while its site is closed."""
    return _open(session, actor, Grid, grid_id, at)


def change(row: Any, values: dict[str, Any]) -> list[str]:
    """Set the columns that differ and return their names, without those that are derived."""
    changed = [name for name, value in values.items() if getattr(row, name) != value]
    for name in changed:
        setattr(row, name, values[name])
    return sorted(set(changed) - {"search", "square_metres"})


def _of_mine(session: Session, actor: Actor, kind: type[Part], key: int, seen: int | None = None) -> Part:
    actor.must(Permission.PLACES_MANAGE, at=load(session, kind, key).site.path)
    return unchanged(session, kind, key, seen)


def _placed(actor: Actor, part: Part, site: Site | None) -> dict[str, Any]:
    if site is None or site.id == part.site_id:
        return {}
    actor.must(Permission.PLACES_MANAGE, at=site.path)
    stands_open(site)
    return {"site": site}


def _close(session: Session, actor: Actor, kind: type[Part], key: int, at: datetime) -> Part:
    part = _of_mine(session, actor, kind, key)
    if part.closed_at is None:
        part.closed_at = at
        _written(session, actor, part, "closed", at)
    return part


def _open(session: Session, actor: Actor, kind: type[Part], key: int, at: datetime) -> Part:
    part = _of_mine(session, actor, kind, key)
    if part.closed_at is not None:
        stands_open(part.site)
        part.closed_at = None
        _written(session, actor, part, "opened", at)
    return part


def _written(session: Session, actor: Actor, part: Venue | Grid, what: str, at: datetime) -> None:
    name = "venue" if isinstance(part, Venue) else "grid"
    record(session, actor, f"{name}_{what}", f"{name}:{part.id}", at=at, site_path=part.site.path)
