"""The drawn map: an outline by hand, branch areas as Voronoi cells with wandering borders, lakes and two waterways.

Plain geometry in degrees (latitude, longitude), the same every time; a schematic, not a survey. GeoJSON out.
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

Place = tuple[float, float]  # latitude, longitude
Line = list[Place]
STRETCH = math.cos(math.radians(31.0))  # a degree of longitude against one of latitude

# Clockwise from the north-west corner; the shore of the great lake is the last part, from SHORE on.
OUTLINE: tuple[Place, ...] = (
    (31.236, 120.598), (31.246, 120.655), (31.224, 120.703), (31.238, 120.758), (31.206, 120.812), (31.164, 120.798),
    (31.132, 120.818), (31.098, 120.872), (31.050, 120.897), (31.000, 120.886), (30.958, 120.846), (30.952, 120.800),
    (30.926, 120.778), (30.882, 120.742), (30.842, 120.724), (30.816, 120.672), (30.834, 120.620), (30.802, 120.568),
    (30.768, 120.532), (30.772, 120.470), (30.802, 120.438), (30.848, 120.448), (30.882, 120.408), (30.904, 120.360),
    (30.944, 120.342), (30.976, 120.364), (30.984, 120.412), (31.002, 120.452), (31.036, 120.478), (31.072, 120.520),
    (31.122, 120.548), (31.166, 120.578), (31.206, 120.574),
)  # fmt: skip
SHORE = 24
OPEN_WATER: tuple[Place, ...] = ((31.34, 120.60), (31.36, 120.30), (31.22, 120.12), (30.99, 120.18), (30.93, 120.27))

# name, English, middle, radii in degrees of latitude (north-south, east-west), turn in degrees
LAKES: tuple[tuple[str, str, Place, Place, int], ...] = (
    ("元荡", "Lake Yuandang", (31.072, 120.845), (0.015, 0.020), 30),
    ("汾湖", "Lake Fenhu", (31.003, 120.822), (0.008, 0.026), 4),
    ("同里湖", "Lake Tongli", (31.160, 120.752), (0.011, 0.013), 15),
    ("莺脰湖", "Lake Yingdou", (30.971, 120.622), (0.007, 0.010), -20),
    ("北麻漾", "Lake Beima", (30.936, 120.566), (0.009, 0.016), 12),
    ("长漾", "Lake Changyang", (30.972, 120.500), (0.005, 0.022), -8),
    ("三白荡", "Lake Sanbai", (31.055, 120.755), (0.010, 0.014), 40),
)
WATERWAYS: tuple[tuple[str, str, Line], ...] = (
    ("京杭大运河", "Grand Canal",
     [(31.242, 120.640), (31.200, 120.632), (31.150, 120.655), (31.090, 120.642), (31.030, 120.652), (30.980, 120.648),
      (30.930, 120.622), (30.880, 120.590), (30.830, 120.575), (30.806, 120.572)]),
    ("太浦河", "River Taipu",
     [(31.004, 120.456), (31.010, 120.520), (31.000, 120.580), (31.004, 120.640), (31.016, 120.700), (31.008, 120.760),
      (31.004, 120.810)]),
)  # fmt: skip


def outline() -> Line:
    """Return the county's outline as an open ring, smoothed."""
    return smooth([*OUTLINE, OUTLINE[0]], rounds=3, closed=True)


def cells(seeds: Sequence[Place]) -> list[list[Place]]:
    """Return for each seed the ring of its area: all cells together fill the outline, neighbours share their border."""
    ring = outline()
    on_outline = {_key(place) for place in ring}
    return [_wander(_cell(ring, seeds, index), on_outline) for index in range(len(seeds))]


def _cell(ring: Line, seeds: Sequence[Place], index: int) -> Line:
    """Clip the outline by the middle line towards every other seed."""
    here = seeds[index]
    for other in seeds:
        if other != here:
            ring = _clip(ring, here, other)
    return ring


def _clip(ring: Line, here: Place, other: Place) -> Line:
    """Keep what is nearer to ``here``: one step of Sutherland and Hodgman."""
    north, east = other[0] - here[0], (other[1] - here[1]) * STRETCH
    middle = ((here[0] + other[0]) / 2, (here[1] + other[1]) / 2)

    def beyond(place: Place) -> float:
        return (place[0] - middle[0]) * north + (place[1] - middle[1]) * STRETCH * east

    kept: Line = []
    for start, end in zip(ring, [*ring[1:], ring[0]], strict=True):
        before, after = beyond(start), beyond(end)
        if before <= 0:
            kept.append(start)
        if (before < 0 < after) or (after < 0 < before):
            part = before / (before - after)
            kept.append((start[0] + part * (end[0] - start[0]), start[1] + part * (end[1] - start[1])))
    return kept


def _wander(ring: Line, on_outline: set[Place]) -> Line:
    """Let every straight inner border wander a little, the same way seen from both of its sides."""
    out: Line = []
    for start, end in zip(ring, [*ring[1:], ring[0]], strict=True):
        first, last = _key(start), _key(end)
        out.append(first)
        if not (first in on_outline or last in on_outline) or math.dist(first, last) > 0.02:
            line = meander(min(first, last), max(first, last))
            out.extend((line if first < last else line[::-1])[1:-1])
    return [place for place, after in zip(out, [*out[1:], out[0]], strict=True) if place != after]


def meander(start: Place, end: Place) -> Line:
    """Return a winding line between two places, by midpoint displacement and smoothing; depends on them alone."""
    rng = random.Random(f"{start}{end}")  # noqa: S311 - a drawing
    line = [start, end]
    sway = 0.16 * math.dist(start, end)
    for _ in range(3):
        bent: Line = []
        for one, two in pairwise(line):
            north, east = two[0] - one[0], (two[1] - one[1]) * STRETCH
            length = math.hypot(north, east) or 1.0
            shift = rng.uniform(-sway, sway)
            middle = ((one[0] + two[0]) / 2 + shift * east / length, (one[1] + two[1]) / 2 - shift * north / length / STRETCH)
            bent += [one, middle]
        line = [*bent, line[-1]]
        sway *= 0.45
    return [_key(place) for place in smooth(line, rounds=2)]


def smooth(line: Sequence[Place], *, rounds: int, closed: bool = False) -> Line:
    """Cut corners as Chaikin does; an open line keeps its ends, a closed one (first = last) comes back open."""
    points = list(line)
    for _ in range(rounds):
        cut: Line = [] if closed else [points[0]]
        for one, two in pairwise(points):
            cut.append((0.75 * one[0] + 0.25 * two[0], 0.75 * one[1] + 0.25 * two[1]))
            cut.append((0.25 * one[0] + 0.75 * two[0], 0.25 * one[1] + 0.75 * two[1]))
        points = [*cut, cut[0]] if closed else [*cut, points[-1]]
    return [_key(place) for place in (points[:-1] if closed else points)]


def lake(middle: Place, radii: Place, turn: int) -> Line:
    """Return a lake: an ellipse with an uneven shore."""
    rng = random.Random(f"{middle}")  # noqa: S311 - a drawing
    angle, corners = math.radians(turn), 14
    ring: Line = []
    for corner in range(corners):
        way = 2 * math.pi * corner / corners
        size = rng.uniform(0.84, 1.12)
        north, east = radii[0] * size * math.sin(way), radii[1] * size * math.cos(way)
        ring.append(
            (
                middle[0] + north * math.cos(angle) + east * math.sin(angle),
                middle[1] + (east * math.cos(angle) - north * math.sin(angle)) / STRETCH,
            )
        )
    return smooth([*ring, ring[0]], rounds=3, closed=True)


def water() -> dict[str, Any]:
    """Return lakes and waterways as a GeoJSON feature collection with ``name``, ``name_en`` and ``kind``."""
    shore = smooth([*OUTLINE[SHORE:], OUTLINE[0], *OPEN_WATER, OUTLINE[SHORE]], rounds=3, closed=True)
    features = [_feature("太湖", "Lake Tai", "lake", polygon(shore))]
    features += [
        _feature(name, english, "lake", polygon(lake(middle, radii, turn))) for name, english, middle, radii, turn in LAKES
    ]
    features += [
        _feature(name, english, "river", {"type": "LineString", "coordinates": _turned(smooth(line, rounds=3))})
        for name, english, line in WATERWAYS
    ]
    return {"type": "FeatureCollection", "features": features}


def polygon(ring: Line) -> dict[str, Any]:
    """Return the GeoJSON geometry (longitude first, closed) of an open ring."""
    return {"type": "Polygon", "coordinates": [_turned([*ring, ring[0]])]}


def inside(place: Place, ring: Sequence[Place]) -> bool:
    """Whether the place lies inside the ring (even-odd rule)."""
    within = False
    for (south, west), (north, east) in zip(ring, [*ring[1:], ring[0]], strict=True):
        if (south > place[0]) != (north > place[0]):
            within ^= place[1] < west + (place[0] - south) / (north - south) * (east - west)
    return within


def _feature(name: str, english: str, kind: str, geometry: dict[str, Any]) -> dict[str, Any]:
    return {"type": "Feature", "properties": {"name": name, "name_en": english, "kind": kind}, "geometry": geometry}


def _turned(line: Sequence[Place]) -> list[list[float]]:
    return [[longitude, latitude] for latitude, longitude in line]


def _key(place: Place) -> Place:
    return (round(place[0], 5), round(place[1], 5))
