"""Who on duty is nearest, exactly, out of however many: a few stretches of an index, then metres."""

from __future__ import annotations

import math
from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, select
from sqlalchemy.orm import Session

from volunteer.accounts.models import Person
from volunteer.matching import nearest
from volunteer.teams.models_duty import ANYBODY, Duty, DutySpot

STRIPES = 20  # to a degree of longitude
FEW = 64  # stripes that are named one by one; a wider box is read by latitude alone
HINTS = 1024
SPOT = DutySpot.__table__.c  # the table itself: no row becomes an object
COLUMNS = (SPOT.volunteer_id, SPOT.latitude, SPOT.longitude)
WITHIN = (
    SPOT.skill_id == bindparam("skill"),
    SPOT.latitude.between(bindparam("south"), bindparam("north")),
    SPOT.longitude.between(bindparam("west"), bindparam("east")),
    SPOT.until > bindparam("at"),
)
BY_STRIPE = select(*COLUMNS).where(*WITHIN, SPOT.stripe.in_(bindparam("stripes", expanding=True)))
WIDE = select(*COLUMNS).where(*WITHIN, SPOT.stripe.between(bindparam("first"), bindparam("last")))

_enough: dict[tuple[int, int, frozenset[int], int], float] = {}  # the radius that was enough hereabouts; only saves looks


def nearest_on_duty(
    session: Session,
    point: tuple[float, float],
    skills: Collection[int],
    *,
    at: datetime,
    k: int = 50,
    most: float = nearest.HALF_WAY_ROUND,
    start: float | None = None,
) -> list[nearest.Near]:
    """Return the ``k`` volunteers on duty nearest to ``point`` who have all ``skills`` (ids), within ``most`` metres.

    ``start``: the radius of the first look, where it is known. Nearest first.
    Exact: what measuring everybody on duty finds, to the millimetre, equal distances by id.
    """
    wanted = frozenset(skills)
    here = (round(point[0] * 10), round(point[1] * 10), wanted, k)
    first = start or _enough.get(here, nearest.FIRST_METRES)
    answer = nearest.search(point, k, lambda box: _look(session, box, wanted, at), start=first, most=most)
    if len(_enough) >= HINTS:
        _enough.clear()
    if len(answer.nearest) == k and start is None:
        _enough[here] = max(50.0, max(first * 0.9, answer.metres * nearest.SPARE) if answer.looks == 1 else answer.metres * 1.3)
    return list(answer.nearest)


def who(session: Session, near: Collection[nearest.Near], centre: str) -> list[tuple[nearest.Near, str, datetime]]:
    """Return the people of one centre among those found, nearest first: their names, and until when they are on duty."""
    found = select(Duty.volunteer_id, Person.name, Duty.until).join(Person, Person.id == Duty.volunteer_id)
    rows = session.execute(found.where(Duty.volunteer_id.in_([one.id for one in near]), Duty.site_path.startswith(centre)))
    known = {volunteer_id: (name, until) for volunteer_id, name, until in rows.tuples()}
    return [(one, *known[one.id]) for one in near if one.id in known]


def stripe_of(longitude: float) -> int:
    """Return the stripe in which a longitude lies."""
    return math.floor(longitude * STRIPES)


def _look(session: Session, box: nearest.Box, skills: frozenset[int], at: datetime) -> nearest.Found:
    """Everybody in the box who has all the skills."""
    first, *others = sorted(skills) or [ANYBODY]
    found = _rows(session, box, first, at)
    for skill in others:
        able = {row[0] for row in _rows(session, box, skill, at)}
        found = [row for row in found if row[0] in able]
    ids, latitudes, longitudes = zip(*found, strict=True) if found else ((), (), ())
    return nearest.Found(ids, latitudes, longitudes)


def _rows(session: Session, box: nearest.Box, skill: int, at: datetime) -> list[Row[Any]]:
    found: list[Row[Any]] = []
    for west, east in box.spans:
        first, last = stripe_of(west), stripe_of(east)
        values = {"skill": skill, "south": box.south, "north": box.north, "west": west, "east": east, "at": at}
        if last - first < FEW:
            rows = session.connection().execute(BY_STRIPE, values | {"stripes": list(range(first, last + 1))})
        else:
            rows = session.connection().execute(WIDE, values | {"first": first, "last": last})
        found.extend(rows.all())
    return found
