"""From what somebody says about a place to a site and a point: the pin wins, then the village, then names in the address."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from volunteer.kernel.errors import Invalid
from volunteer.kernel.geo import Point, haversine
from volunteer.kernel.text import normalise
from volunteer.kernel.words import N_
from volunteer.places.models import Site, SiteLevel, Venue

MARGIN = 0.1  # degrees around the outermost sites (about 10 km) that still count as the county
LOYALTY = 4_000.0  # metres from the chosen village within which a pin stays with it
SHORTEST = 2  # characters of a name that we look for in an address

OUTSIDE = N_("This place is outside our county. Please put the pin on the house, or choose the village.")
NOWHERE = N_("We could not tell where this is. Please choose your village, or put the pin on the map.")
NO_SITE = N_("Please choose your village from the list.")


@dataclass(frozen=True)
class Located:
    """Where something is: the village or station, the WGS-84 point, and the area in words without the door."""

    site: Site
    point: Point
    words: str


@dataclass(frozen=True)
class _Stations:
    rows: Sequence[Row[tuple[int, str, float, float]]]

    def metres(self, point: Point) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        return haversine(point, np.array([(row.latitude, row.longitude) for row in self.rows], dtype=np.float64))

    def holds(self, point: Point) -> bool:
        latitudes, longitudes = [row.latitude for row in self.rows], [row.longitude for row in self.rows]
        sides = (latitudes, point.latitude), (longitudes, point.longitude)
        return all(min(inside) - MARGIN <= degrees <= max(inside) + MARGIN for inside, degrees in sides)


def locate(session: Session, *, point: Point | None = None, site_id: int | None = None, address: str = "") -> Located:
    """Return where it is. Raises Invalid: ``point`` when outside the county, ``site`` when nothing says where.

    A pin decides the point. The village is the chosen one unless it is more than LOYALTY metres away: then the nearest.
    Without a pin the chosen village counts, or a venue of it that the address names; else any site that the address names.
    """
    chosen = _chosen(session, site_id)
    if point is not None:
        return _by_pin(session, point, chosen)
    named = _by_name(session, address, chosen)
    if named is not None:
        return named
    if chosen is None:
        raise Invalid.field("site", NOWHERE)
    return Located(chosen, Point(chosen.latitude, chosen.longitude), chosen.name)


def _chosen(session: Session, site_id: int | None) -> Site | None:
    if site_id is None:
        return None
    site = session.get(Site, site_id)
    if site is None or site.closed_at is not None:
        raise Invalid.field("site", NO_SITE)
    return site


def _by_pin(session: Session, point: Point, chosen: Site | None) -> Located:
    stations = _stations(session)
    if not stations.rows or not stations.holds(point):
        raise Invalid.field("point", OUTSIDE)
    metres = stations.metres(point)
    nearest = int(metres.argmin())
    if chosen is not None:
        own = haversine(point, np.array([(chosen.latitude, chosen.longitude)]))[0]
        if own <= LOYALTY:
            return Located(chosen, point, chosen.name)
    site = session.get_one(Site, stations.rows[nearest].id)
    return Located(site, point, site.name)


def _by_name(session: Session, address: str, chosen: Site | None) -> Located | None:
    """The longest name of a venue or station that the address contains; inside ``chosen``, when one was chosen."""
    text = normalise(address).replace(" ", "")
    if len(text) < SHORTEST:
        return None
    venues = select(Venue.site_id, Venue.name, Venue.latitude, Venue.longitude).where(Venue.closed_at.is_(None))
    if chosen is not None:
        venues = venues.where(Venue.site_id == chosen.id)
    rows = [tuple(row) for row in session.execute(venues)]
    if chosen is None:
        rows += [tuple(row) for row in _stations(session).rows]
    inside = [row for row in rows if len(row[1]) >= SHORTEST and normalise(row[1]).replace(" ", "") in text]
    if not inside:
        return None
    site_id, _, latitude, longitude = max(inside, key=lambda row: len(row[1]))
    site = session.get_one(Site, site_id)
    return Located(site, Point(latitude, longitude), site.name)


def _stations(session: Session) -> _Stations:
    """Where an order can be: stations, and branches and centres where there are none below."""
    found = select(Site.id, Site.name, Site.latitude, Site.longitude).where(Site.closed_at.is_(None))
    rows = session.execute(found.where(Site.level == SiteLevel.STATION).order_by(Site.id)).all()
    return _Stations(rows or session.execute(found.order_by(Site.id)).all())
