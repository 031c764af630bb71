"""Grids of a few branches, a venue that closed and one that moved, a village that was merged away, and coming holidays."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from volunteer.access import SYSTEM
from volunteer.administration.closing import close_site
from volunteer.kernel.geo import Point
from volunteer.places.editing import close_venue, edit_venue
from volunteer.places.founding import GridDraft, SiteDraft, VenueDraft, found_grid, found_site, keep_calendar
from volunteer.places.models import Site, Venue
from volunteer.simulation import people
from volunteer.simulation.settling import World

BRANCHES = ("320509001", "320509111", "320509105")  # with grids
STATIONS, GRIDS = 6, 2  # of each of them, and of each station
MERGED = ("芦荡村", "Ludang Village")
WIDE, HIGH = 0.004, 0.003  # degrees


def keep_places(session: Session, world: World) -> None:
    """Do what whoever keeps the county's places did lately."""
    rng = random.Random(f"places kept {world.seed}")  # noqa: S311 - an invented county
    lately = world.at - timedelta(days=200)
    for code in BRANCHES:
        stations = [world.sites[place.code] for place in world.stations if place.branch == code][:STATIONS]
        for station, draft in _grids(rng, stations):
            found_grid(session, SYSTEM, station, draft, at=lately)
    _merge(session, world, lately)
    _venues(session, world, lately)
    keep_calendar(session, SYSTEM, world.sites["DEMO"], _spring(world.today.year + 1), at=lately)


def _grids(rng: random.Random, stations: list[Site]) -> Iterator[tuple[Site, GridDraft]]:
    for station in stations:
        for number in range(GRIDS):
            keeper = people.full_name(rng)
            yield (
                station,
                GridDraft(
                    code=f"{station.code}-{number + 1}",
                    name=f"{station.name}第{'一二'[number]}网格",
                    name_en=f"{station.name_en} Grid {number + 1}",
                    keeper=f"{keeper}，周二上午在{station.name}服务台",
                    area=_area(rng, station, number),
                ),
            )


def _area(rng: random.Random, station: Site, number: int) -> dict[str, Any]:
    """Half of the village's ground: a wobbly half-circle east or west of its middle line."""
    side = 1 if number else -1
    border = [(station.longitude, station.latitude - HIGH), (station.longitude, station.latitude + HIGH)]
    for step in range(1, 8):
        turn = math.pi * (0.5 - step / 8)
        wide = WIDE * rng.uniform(0.8, 1.1)
        place = (station.longitude + side * wide * math.cos(turn), station.latitude + HIGH * math.sin(turn))
        border.append((round(place[0], 6), round(place[1], 6)))
    return {"type": "Polygon", "coordinates": [[list(place) for place in [*border, border[0]]]]}


def _merge(session: Session, world: World, at: datetime) -> None:
    """A village that was merged into its neighbour: closed, with what it had handed over."""
    heir = world.sites[next(place.code for place in world.stations if place.branch == BRANCHES[1])]
    point = Point(heir.latitude + 0.006, heir.longitude + 0.006)
    branch = world.sites[BRANCHES[1]]
    draft = SiteDraft(code=f"{BRANCHES[1]}S99", name=MERGED[0], name_en=MERGED[1], point=point)
    merged = found_site(session, SYSTEM, draft, branch, at=at)
    close_site(session, SYSTEM, merged.id, heir_id=heir.id, at=at + timedelta(days=30))


def _venues(session: Session, world: World, at: datetime) -> None:
    """The last venue closed, the one before it moved to the next village."""
    moved, closed = reversed(session.scalars(select(Venue).order_by(Venue.code.desc()).limit(2)).all())
    close_venue(session, SYSTEM, closed.id, at=at)
    there = world.sites[world.stations[0].code]
    draft = VenueDraft(
        code=moved.code, name=moved.name, name_en=moved.name_en, kind=moved.kind, point=Point(there.latitude, there.longitude)
    )
    edit_venue(session, SYSTEM, moved.id, draft, site=there, at=at)


def _spring(year: int) -> dict[date, tuple[bool, str, str]]:
    """An example of a holiday with its working weekend; a real centre imports each year's official calendar."""
    days: dict[date, tuple[bool, str, str]] = {}
    for number in range(3):
        days[date(year, 4, 3) + timedelta(days=number)] = (False, "清明节", "Tomb-Sweeping Day")
    working = date(year, 4, 6)
    while working.weekday() != 6:
        working += timedelta(days=1)
    days[working] = (True, "清明节调休", "Working day for Tomb-Sweeping Day")
    return days
