"""The k nearest, exactly, in metres: by looking into boxes that grow until they surely hold them, or in a tree in memory.

Degrees are never compared: where a degree of longitude is shorter than one of latitude they name the wrong neighbour.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from volunteer.matching.distance import EARTH_KM

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.spatial import cKDTree

EARTH_METRES = 1000 * EARTH_KM
HALF_WAY_ROUND = math.pi * EARTH_METRES
FIRST_METRES = 1000.0
GROWTH = 2.0  # of the radius, where nobody at all was found
SPARE = 1.2  # a ring that should hold k holds a few more
GENEROUS = 1 + 1e-9  # a box is never too small by rounding


class Near(NamedTuple):
    """Somebody who was found, and how far away: metres on the great circle, to the millimetre."""

    id: int
    metres: float


class Box(NamedTuple):
    """Everything within so many metres of a place lies in it. spans: (west, east), two of them across the antimeridian."""

    south: float
    north: float
    spans: tuple[tuple[float, float], ...]


class Found(NamedTuple):
    """What a look into a box brought, as columns: ids, latitudes, longitudes. It may hold more than the box."""

    ids: Sequence[int]
    latitudes: Sequence[float]
    longitudes: Sequence[float]


@dataclass(frozen=True, slots=True)
class Answer:
    """The nearest, nearest first, equal distances by id. metres: the radius that was enough, for the next question nearby."""

    nearest: tuple[Near, ...]
    metres: float
    looks: int


def box_around(point: tuple[float, float], metres: float) -> Box:
    """Return the smallest box of degrees that holds every place within ``metres``; whole rings around a pole."""
    latitude, longitude = point
    angle = min(metres / EARTH_METRES, math.pi) * GENEROUS + 1e-12
    reach = math.degrees(angle)
    south, north = latitude - reach, latitude + reach
    if south <= -90 or north >= 90:
        return Box(max(south, -90.0), min(north, 90.0), ((-180.0, 180.0),))
    half = math.degrees(math.asin(min(1.0, math.sin(angle) / math.cos(math.radians(latitude))))) * GENEROUS + 1e-12
    west, east = longitude - half, longitude + half
    if west < -180:
        return Box(south, north, ((-180.0, east), (west + 360, 180.0)))
    if east > 180:
        return Box(south, north, ((-180.0, east - 360), (west, 180.0)))
    return Box(south, north, ((west, east),))


def metres_to(point: tuple[float, float], latitudes: NDArray[np.float64], longitudes: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the great-circle distance from ``point`` to each of (n,) places, in metres rounded to the millimetre."""
    here, there = math.radians(point[0]), np.radians(latitudes)
    half = np.sin((there - here) / 2) ** 2
    half += math.cos(here) * np.cos(there) * np.sin(np.radians(longitudes - point[1]) / 2) ** 2
    metres: NDArray[np.float64] = np.round(2 * EARTH_METRES * np.arcsin(np.sqrt(np.minimum(half, 1.0))), 3)
    return metres


def first_k(point: tuple[float, float], found: Found, k: int) -> list[Near]:
    """Return the ``k`` nearest of what was found, by scanning all of it."""
    ids = np.asarray(found.ids, dtype=np.int64)
    metres = metres_to(point, np.asarray(found.latitudes, dtype=np.float64), np.asarray(found.longitudes, dtype=np.float64))
    if len(ids) > k:
        close = np.flatnonzero(metres <= np.partition(metres, k - 1)[k - 1])
        ids, metres = ids[close], metres[close]
    order = np.lexsort((ids, metres))[:k]
    return [Near(*one) for one in zip(ids[order].tolist(), metres[order].tolist(), strict=True)]


def search(
    point: tuple[float, float],
    k: int,
    look: Callable[[Box], Found],
    *,
    start: float = FIRST_METRES,
    most: float = HALF_WAY_ROUND,
) -> Answer:
    """Return the ``k`` nearest within ``most`` metres; ``look`` returns at least everybody who is in a box.

    The circle grows until it holds k: then nobody outside can be nearer. From what a circle held it is guessed how large the
    next must be, so that two looks are rare and three rarer. Raises ValueError for k < 1 and what is not a place or a distance.
    """
    if k < 1:
        raise ValueError(f"k is {k}, not a positive count")
    if not (-90 <= point[0] <= 90 and -180 <= point[1] <= 180):
        raise ValueError(f"{tuple(point)} is not a place on earth")
    if not (start > 0 and most > 0):
        raise ValueError(f"{start} and {most} are not distances")
    most = min(most, HALF_WAY_ROUND)
    radius, looks = min(start, most), 0
    while True:
        looks += 1
        inside = [one for one in first_k(point, look(box_around(point, radius)), k) if one.metres <= radius]
        if len(inside) >= k or radius >= most:
            return Answer(tuple(inside), inside[-1].metres if len(inside) >= k else radius, looks)
        grown = SPARE * math.sqrt((k + 3 * math.sqrt(k)) / len(inside)) if len(inside) > 3 else GROWTH
        radius = min(radius * min(max(grown, SPARE), 8.0), most)


class Tree:
    """Places in memory, one tree for each set of skills that was asked for. Raises ValueError when columns differ in length."""

    def __init__(self, found: Found, skills: Mapping[str, frozenset[int]]) -> None:
        """Take ids with their places, and by skill the ids of those who have it."""
        if not len(found.ids) == len(found.latitudes) == len(found.longitudes):
            raise ValueError("ids, latitudes and longitudes are not of one length")
        self._ids = np.asarray(found.ids, dtype=np.int64)
        self._places = np.column_stack([np.asarray(found.latitudes, np.float64), np.asarray(found.longitudes, np.float64)])
        self._skills = skills
        self._kept: dict[frozenset[str], tuple[NDArray[np.intp], cKDTree | None]] = {}

    def nearest(self, point: tuple[float, float], k: int, skills: frozenset[str] = frozenset()) -> list[Near]:
        """Return the ``k`` nearest who have all ``skills``, nearest first, equal distances by id."""
        rows, tree = self._prepared(skills)
        if tree is None:
            return []
        wanted = min(k, len(rows))
        chords, _ = tree.query(_in_space(np.array([point])), k=[wanted])
        close = tree.query_ball_point(_in_space(np.array([point]))[0], float(chords[0][-1]) * GENEROUS + 0.002)
        at = rows[np.asarray(close, dtype=np.intp)]
        return first_k(point, Found(self._ids[at].tolist(), self._places[at, 0].tolist(), self._places[at, 1].tolist()), k)

    def _prepared(self, skills: frozenset[str]) -> tuple[NDArray[np.intp], cKDTree | None]:
        from scipy.spatial import cKDTree  # slow to import, and only who keeps people in memory needs it

        if skills not in self._kept:
            able = None
            for skill in skills:
                have = self._skills.get(skill, frozenset())
                able = have if able is None else able & have
            rows = np.arange(len(self._ids)) if able is None else np.flatnonzero(np.isin(self._ids, list(able)))
            self._kept[skills] = (rows, cKDTree(_in_space(self._places[rows])) if len(rows) else None)
        return self._kept[skills]


def _in_space(places: NDArray[np.float64]) -> NDArray[np.float64]:
    latitudes, longitudes = np.radians(places[:, 0]), np.radians(places[:, 1])
    flat = np.cos(latitudes)
    return EARTH_METRES * np.column_stack([flat * np.cos(longitudes), flat * np.sin(longitudes), np.sin(latitudes)])
