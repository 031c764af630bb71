"""Whether a drawn area can be one: rings, order of the numbers, size. Pure; GeoJSON (RFC 7946), [longitude, latitude]."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from geographiclib.geodesic import Geodesic
from numpy.typing import NDArray

from volunteer.kernel.errors import Invalid
from volunteer.kernel.geo import Datum, Point, to_wgs84
from volunteer.kernel.words import N_

Ring = NDArray[np.float64]  # (n, 2) longitude, latitude; the last is the first again
MOST_POSITIONS = 3_000
SMALLEST, LARGEST = 100.0, 5e9  # square metres: ten by ten metres, and more than any county
DIGITS = 6  # of a degree: ten centimetres
KINDS = ("Polygon", "MultiPolygon")

CLOSED_SITE = N_("This site is closed.")
NOT_AN_AREA = N_("This is not a GeoJSON area (Polygon or MultiPolygon).")
NOT_NUMBERS = N_("The positions of this area are not pairs of numbers.")
SWAPPED = N_("The longitude comes first, then the latitude: [120.6, 31.1].")
OPEN_RING = N_("A ring of this area is not closed: it needs four positions or more, and the last must be the first.")
CROSSING = N_("The border of this area crosses itself.")
OUTSIDE = N_("A hole of this area lies outside it.")
TOO_SMALL = N_("This area is smaller than ten by ten metres.")
TOO_LARGE = N_("This area is larger than a county.")
TOO_FINE = N_("This area has more than 3,000 positions. Please simplify it first.")


@dataclass(frozen=True)
class Shape:
    """A checked area: its GeoJSON geometry in WGS-84, how large it is, and its middle."""

    geometry: dict[str, Any]
    square_metres: float
    middle: Point


def shape_of(geometry: Any, datum: Datum = Datum.WGS84) -> Shape:
    """Return the area that a GeoJSON geometry draws. Raises Invalid for ``area`` when it cannot be one."""
    polygons = [[_ring(ring, datum) for ring in polygon] for polygon in _polygons(geometry)]
    _check_borders(polygons)
    metres = 0.0
    for outer, *holes in polygons:
        metres += _square_metres(outer) - sum(map(_square_metres, holes))
    if metres < SMALLEST:
        raise _wrong(TOO_SMALL)
    if metres > LARGEST:
        raise _wrong(TOO_LARGE)
    drawn = [[[[float(x), float(y)] for x, y in ring] for ring in polygon] for polygon in polygons]
    single = len(drawn) == 1
    checked = {"type": KINDS[0] if single else KINDS[1], "coordinates": drawn[0] if single else drawn}
    return Shape(checked, round(metres, 1), _middle(max((polygon[0] for polygon in polygons), key=_square_metres)))


def contains(geometry: Mapping[str, Any], point: Point) -> bool:
    """Return whether a checked area holds a point."""
    polygons = geometry["coordinates"] if geometry["type"] == KINDS[1] else [geometry["coordinates"]]
    at = (point.longitude, point.latitude)
    for outer, *holes in polygons:
        if _inside(at, np.array(outer)) and not any(_inside(at, np.array(hole)) for hole in holes):
            return True
    return False


def _wrong(words: str) -> Invalid:
    return Invalid.field("area", words)


def _polygons(geometry: Any) -> Sequence[Sequence[Any]]:
    if isinstance(geometry, dict) and geometry.get("type") == "Feature":
        geometry = geometry.get("geometry")
    if not isinstance(geometry, dict) or geometry.get("type") not in KINDS:
        raise _wrong(NOT_AN_AREA)
    coordinates = geometry.get("coordinates")
    polygons = coordinates if geometry["type"] == KINDS[1] else [coordinates]
    if not isinstance(polygons, list) or not polygons or not all(isinstance(one, list) and one for one in polygons):
        raise _wrong(NOT_AN_AREA)
    if not all(isinstance(ring, list) for polygon in polygons for ring in polygon):
        raise _wrong(NOT_AN_AREA)
    if sum(len(ring) for polygon in polygons for ring in polygon) > MOST_POSITIONS:
        raise _wrong(TOO_FINE)
    return polygons


def _ring(positions: list[Any], datum: Datum) -> Ring:
    pairs = []
    for position in positions:
        if not isinstance(position, list) or len(position) < 2:
            raise _wrong(NOT_NUMBERS)
        pair = position[:2]
        if not all(isinstance(one, (int, float)) and not isinstance(one, bool) and abs(one) <= 360 for one in pair):
            raise _wrong(NOT_NUMBERS)
        pairs.append((float(pair[0]), float(pair[1])))
    if len(pairs) < 4 or pairs[0] != pairs[-1]:
        raise _wrong(OPEN_RING)
    try:
        points = [to_wgs84((latitude, longitude), datum) for longitude, latitude in pairs]
    except ValueError:
        raise _wrong(SWAPPED) from None
    ring: Ring = np.round(np.array([(point.longitude, point.latitude) for point in points]), DIGITS)
    kept = np.concatenate([[True], np.any(ring[1:] != ring[:-1], axis=1)])
    ring = ring[kept]  # the same position twice in a row says nothing
    if len(ring) < 4:
        raise _wrong(TOO_SMALL)
    return ring


def _check_borders(polygons: list[list[Ring]]) -> None:
    rings = [ring for polygon in polygons for ring in polygon]
    for number, ring in enumerate(rings):
        if _touches_itself(ring) or any(_cross(ring, other) for other in rings[number + 1 :]):
            raise _wrong(CROSSING)
    for outer, *holes in polygons:
        if any(not _inside(((hole[0, 0] + hole[1, 0]) / 2, (hole[0, 1] + hole[1, 1]) / 2), outer) for hole in holes):
            raise _wrong(OUTSIDE)


def _turns(a: Ring, b: Ring, c: Ring) -> Ring:
    """On which side of the line from ``a`` to ``b`` the point ``c`` lies: 1, 0 or -1."""
    side = (b[..., 0] - a[..., 0]) * (c[..., 1] - a[..., 1]) - (b[..., 1] - a[..., 1]) * (c[..., 0] - a[..., 0])
    found: Ring = np.where(np.abs(side) < 1e-14, 0.0, np.sign(side))
    return found


def _touches_itself(ring: Ring) -> bool:
    """Whether two edges that are not neighbours meet."""
    starts, ends = ring[:-1], ring[1:]
    count = len(starts)
    for n in range(count - 2):
        others = slice(n + 2, count - 1 if n == 0 else count)
        a, b, c, d = starts[n], ends[n], starts[others], ends[others]
        one, two, three, four = _turns(a, b, c), _turns(a, b, d), _turns(c, d, a), _turns(c, d, b)
        apart = (one * two > 0) | (three * four > 0)
        boxes = np.all((np.minimum(a, b) <= np.maximum(c, d)) & (np.minimum(c, d) <= np.maximum(a, b)), axis=1)
        if np.any(~apart & boxes):
            return True
    return False


def _cross(ring: Ring, other: Ring) -> bool:
    """Whether an edge of one ring properly crosses an edge of the other; meeting in a point is allowed."""
    c, d = other[:-1], other[1:]
    for a, b in itertools.pairwise(ring):
        if np.any((_turns(a, b, c) * _turns(a, b, d) < 0) & (_turns(c, d, a) * _turns(c, d, b) < 0)):
            return True
    return False


def _inside(at: tuple[float, float], ring: Ring) -> bool:
    x, y = at
    starts, ends = ring[:-1], ring[1:]
    spans = (starts[:, 1] > y) != (ends[:, 1] > y)
    with np.errstate(divide="ignore", invalid="ignore"):
        crossing = starts[:, 0] + (y - starts[:, 1]) / (ends[:, 1] - starts[:, 1]) * (ends[:, 0] - starts[:, 0])
    return bool(np.count_nonzero(spans & (x < crossing)) % 2)


def _square_metres(ring: Ring) -> float:
    polygon = Geodesic.WGS84.Polygon()
    for longitude, latitude in ring[:-1]:
        polygon.AddPoint(float(latitude), float(longitude))
    return abs(float(polygon.Compute()[2]))


def _middle(ring: Ring) -> Point:
    """The centre of gravity of a ring; flat, which is near enough for a label."""
    x, y = ring[:-1, 0] - ring[0, 0], ring[:-1, 1] - ring[0, 1]
    x1, y1 = ring[1:, 0] - ring[0, 0], ring[1:, 1] - ring[0, 1]
    cross = x * y1 - x1 * y
    whole = cross.sum()
    if math.isclose(whole, 0.0, abs_tol=1e-18):
        return Point(float(ring[:-1, 1].mean()), float(ring[:-1, 0].mean()))
    east, north = ((x + x1) * cross).sum() / (3 * whole), ((y + y1) * cross).sum() / (3 * whole)
    return Point(round(float(ring[0, 1] + north), DIGITS), round(float(ring[0, 0] + east), DIGITS))
