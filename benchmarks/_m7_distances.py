"""M7: the distance that people are shown, and the one that is ranked by."""

from __future__ import annotations

import random

import numpy as np
from geopy.distance import geodesic, great_circle

from benchmarks.figure import Figures, alternate
from volunteer.kernel.geo import geodesic_metres, haversine
from volunteer.matching.distance import great_circle_metres


def distances(figures: Figures) -> None:
    """M7: what is shown is geopy's geodesic; what is ranked by is within 0.6 % of it."""
    rng = random.Random(7)
    pairs = [((rng.uniform(18, 54), rng.uniform(73, 135)), (rng.uniform(-0.5, 0.5), rng.uniform(-0.5, 0.5))) for _ in range(2000)]
    shown = ranked = 0.0
    for one, (north, east) in pairs:
        other = (one[0] + north, one[1] + east)
        exact = geodesic(one, other).meters
        shown = max(shown, abs(geodesic_metres(one, other) - exact))
        ranked = max(ranked, abs(great_circle_metres(one, other) / exact - 1))
    figures.value("M7.shown", shown, "m", "geopy geodesic, 2,000 pairs", at_most=1)
    figures.value("M7.ranked", round(ranked * 100, 3), "%", "geopy geodesic, 2,000 pairs", at_most=0.6)
    one, other = pairs[0][0], (pairs[0][0][0] + 0.1, pairs[0][0][1] + 0.1)
    many = np.array([other] * 10_000)
    circle, vector = alternate(lambda: great_circle(one, other).meters, lambda: haversine(one, many), repeat=20)
    figures.ratio("M7.vectorised", vector / len(many), circle, "geopy great circle, a pair", at_most=0.1)
