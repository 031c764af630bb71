"""Distances for ranking: great circles between places in degrees, and chords for a quick first look."""

from __future__ import annotations

import math

EARTH_KM = 6371.0088  # IUGG mean radius


def great_circle_metres(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Return the distance on a sphere of IUGG mean radius, in metres; within 0.6 % of the geodesic."""
    south, north = math.radians(one[0]), math.radians(other[0])
    half = math.sin((north - south) / 2) ** 2
    half += math.cos(south) * math.cos(north) * math.sin(math.radians(other[1] - one[1]) / 2) ** 2
    return 2000 * EARTH_KM * math.asin(math.sqrt(min(half, 1.0)))


def in_space(point: tuple[float, float]) -> tuple[float, float, float]:
    """Return the place as kilometres from the middle of the earth: a straight line there is a little shorter than the way."""
    latitude, longitude = math.radians(point[0]), math.radians(point[1])
    flat = EARTH_KM * math.cos(latitude)
    return (flat * math.cos(longitude), flat * math.sin(longitude), EARTH_KM * math.sin(latitude))
