"""Points: refused when absurd, converted at the edge without loss, measured in metres."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from volunteer.kernel.geo import Datum, Point, from_wgs84, geodesic_metres, haversine, in_mainland, to_wgs84

CITIES = {
    "Beijing": (39.90, 116.40), "Shanghai": (31.23, 121.47), "Urumqi": (43.82, 87.62), "Harbin": (45.80, 126.53),
    "Guangzhou": (23.13, 113.26), "Kunming": (25.04, 102.71), "Lhasa": (29.65, 91.14), "Haikou": (20.04, 110.34),
    "Shenzhen": (22.60, 114.05), "Zhuhai": (22.27, 113.50), "Xiamen": (24.48, 118.09), "Dalian": (38.91, 121.60),
    "Sanya": (18.25, 109.51), "Kashgar": (39.47, 75.99), "Mohe": (52.97, 122.54), "Qingdao": (36.07, 120.38),
    "Songling": (31.16, 120.64), "Wenzhou": (27.99, 120.70),
}  # fmt: skip
ELSEWHERE = {
    "Taipei": (25.03, 121.56), "Kaohsiung": (22.63, 120.30), "Hong Kong": (22.32, 114.17), "Lantau": (22.26, 113.95),
    "Macau": (22.19, 113.543), "Seoul": (37.57, 126.98), "Tokyo": (35.68, 139.69), "Hanoi": (21.03, 105.85),
    "Delhi": (28.61, 77.21), "Ulaanbaatar": (47.89, 106.91), "Boston": (42.36, -71.06), "Almaty": (43.24, 76.89),
}  # fmt: skip

anywhere = st.tuples(st.floats(18, 54), st.floats(73, 135))


@pytest.mark.parametrize(
    "pair", [(math.nan, 120), (31, math.nan), (math.inf, 120), (31, -math.inf), (90.01, 0), (-91, 0), (0, 180.5), (120.6, 31.1)]
)
def test_what_is_not_on_earth_is_refused(pair):
    with pytest.raises(ValueError, match="not a place on earth"):
        Point(*pair)


def test_a_point_is_a_pair_with_names():
    point = Point(31, 120)
    assert point == (31.0, 120.0)
    assert (point.latitude, point.longitude) == (31.0, 120.0)


@pytest.mark.parametrize("city", CITIES)
def test_cities_of_the_mainland_are_inside(city):
    assert in_mainland(Point(*CITIES[city]))


@pytest.mark.parametrize("city", ELSEWHERE)
def test_other_places_are_outside_and_never_shifted(city):
    point = Point(*ELSEWHERE[city])
    assert not in_mainland(point)
    assert all(to_wgs84(point, datum) == point == from_wgs84(point, datum) for datum in Datum)


@settings(max_examples=400)
@given(anywhere, st.sampled_from([Datum.GCJ02, Datum.BD09]))
def test_there_and_back_is_the_same_place(pair, datum):
    point = Point(*pair)
    shifted = from_wgs84(point, datum)
    assume(in_mainland(point) == in_mainland(Point(*shifted)))  # within a kilometre of the outline, either answer is right
    back = to_wgs84(shifted, datum)
    assert abs(back.latitude - point.latitude) <= 1e-6
    assert abs(back.longitude - point.longitude) <= 1e-6


@settings(max_examples=400)
@given(anywhere)
def test_the_shift_is_a_few_hundred_metres_or_a_kilometre(pair):
    """The bounds are measured over the whole polygon, see the module; around the demo county they are far narrower."""
    point = Point(*pair)
    assume(in_mainland(point))
    assert 15 <= geodesic_metres(point, from_wgs84(point, Datum.GCJ02)) <= 710
    assert 680 <= geodesic_metres(point, from_wgs84(point, Datum.BD09)) <= 1510


def test_a_published_pair_agrees():
    """The example of the open-source libraries: Tian'anmen, WGS-84 to GCJ-02 and BD-09, to a metre."""
    gcj = from_wgs84(Point(39.915, 116.404), Datum.GCJ02)
    assert gcj == pytest.approx((39.91640428150164, 116.41024449916938), abs=1e-8)
    baidu = from_wgs84(to_wgs84((39.915, 116.404), Datum.GCJ02), Datum.BD09)
    assert baidu == pytest.approx((39.92133699, 116.41036949), abs=1e-5)


@settings(max_examples=200)
@given(anywhere, st.floats(-0.5, 0.5), st.floats(-0.5, 0.5))
def test_the_ranking_distance_is_within_six_per_mille_of_the_geodesic(pair, north, east):
    there = (pair[0] + north, pair[1] + east)
    exact = geodesic_metres(pair, there)
    assume(exact > 1)
    assert haversine(pair, np.array([there]))[0] == pytest.approx(exact, rel=0.006)
