"""Who on duty is nearest, exactly, out of however many: a few stretches of an index, then metres."""

from __future__ import annotations

import math
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from volunteer.matching import nearest
from volunteer.teams.models_duty import ANYBODY, DutySpot

STRIPES = 20  # to a degree of longitude
FEW = 64  # stripes that are named one by one; a wider box is read by latitude alone
HINTS = 1024
COLUMNS = (DutySpot.volunteer_id, DutySpot.latitude, DutySpot.longitude)
WITHIN = (
    DutySpot.skill_id == bindparam("skill"),
    DutySpot.latitude.between(bindparam("south"), bindparam("north")),
    DutySpot.longitude.between(bindparam("west"), bindparam("east")),
    DutySpot.until > bindparam("at"),
)
BY_STRIPE = select(*COLUMNS).where(*WITHIN, DutySpot.stripe.in_(bindparam("stripes", expanding=True)))
WIDE = select(*COLUMNS).where(*WITHIN, DutySpot.stripe.between(bindparam("first"), bindparam("last")))

_enough: dict[tuple[int, int, frozenset[int], int], float] = {}  # the radius that was enough hereabouts; only saves looks


def nearest_on_duty(
    session: Session,
    point: tuple[float, float],
    skills: Collection[int],
    *,
    at: datetime,
    k: int = 50,
    most: float = nearest.HALF_WAY_ROUND,
) -> list[nearest.Near]:
    """Return the ``k`` volunteers on duty nearest to ``point`` who have all ``skills`` (ids), within ``most`` metres.

    Nearest first. Exact: what measuring everybody on duty finds, to the millimetre, equal distances by id.
    """
    wanted = frozenset(skills)
    here = (round(point[0] * 10), round(point[1] * 10), wanted, k)
    start = _enough.get(here, nearest.FIRST_METRES)
    answer = nearest.search(point, k, lambda box: _look(session, box, wanted, at), start=start, most=most)
    if len(_enough) >= HINTS:
        _enough.clear()
    if len(answer.nearest) == k:
        _enough[here] = max(50.0, max(start * 0.9, answer.metres * nearest.SPARE) if answer.looks == 1 else answer.metres * 1.3)
    return list(answer.nearest)


def stripe_of(longitude: float) -> int:
    """Return the stripe in which a longitude lies."""
    return math.floor(longitude * STRIPES)


def _look(session: Session, box: nearest.Box, skills: frozenset[int], at: datetime) -> nearest.Found:
    """Everybody in the box who has all the skills."""
    found: dict[int, tuple[float, float]] | None = None
    for skill in sorted(skills) or [ANYBODY]:
        here = {row[0]: (row[1], row[2]) for span in box.spans for row in _rows(session, box, span, skill, at)}
        found = here if found is None else {one: found[one] for one in found.keys() & here.keys()}
        if not found:
            break
    places = found or {}
    return nearest.Found(list(places), [place[0] for place in places.values()], [place[1] for place in places.values()])


def _rows(
    session: Session, box: nearest.Box, span: tuple[float, float], skill: int, at: datetime
) -> list[tuple[int, float, float]]:
    first, last = stripe_of(span[0]), stripe_of(span[1])
    values = {"skill": skill, "south": box.south, "north": box.north, "west": span[0], "east": span[1], "at": at}
    if last - first < FEW:
        return list(session.execute(BY_STRIPE, values | {"stripes": list(range(first, last + 1))}).tuples())
    return list(session.execute(WIDE, values | {"first": first, "last": last}).tuples())
