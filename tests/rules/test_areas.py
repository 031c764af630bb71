"""Which drawn areas can be one, and how large they are; every figure of a policy has its line and a sensible default."""

from __future__ import annotations

import math
from typing import Any

import pytest
from geographiclib.geodesic import Geodesic
from hypothesis import given
from hypothesis import strategies as st

from volunteer.kernel.errors import Invalid
from volunteer.kernel.geo import Datum, Point
from volunteer.places import explaining, terms
from volunteer.places.models import PolicyKind
from volunteer.places.rules import MOST_POSITIONS, contains, shape_of

WEST, SOUTH, EAST, NORTH = 120.60, 31.10, 120.61, 31.11


def a_square(west: float = WEST, south: float = SOUTH, side: float = 0.01) -> list[list[float]]:
    east, north = west + side, south + side
    return [[west, south], [east, south], [east, north], [west, north], [west, south]]


def polygon(*rings) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": list(rings)}


def test_an_area_has_a_size_in_square_metres_and_a_middle():
    shape = shape_of(polygon(a_square()))
    wide = Geodesic.WGS84.Inverse(SOUTH, WEST, SOUTH, EAST)["s12"]
    high = Geodesic.WGS84.Inverse(SOUTH, WEST, NORTH, WEST)["s12"]
    assert shape.square_metres == pytest.approx(wide * high, rel=1e-3)
    assert shape.middle == pytest.approx((31.105, 120.605), abs=1e-6)
    assert contains(shape.geometry, Point(31.105, 120.605))
    assert not contains(shape.geometry, Point(31.105, 120.62))


def test_a_hole_is_not_part_of_the_area():
    shape = shape_of(polygon(a_square(), a_square(120.604, 31.104, 0.002)))
    assert shape.square_metres == pytest.approx(shape_of(polygon(a_square())).square_metres * 0.96, rel=1e-3)
    assert not contains(shape.geometry, Point(31.105, 120.605))


def test_several_parts_are_one_area_and_a_single_part_is_a_polygon():
    two = {"type": "MultiPolygon", "coordinates": [[a_square()], [a_square(120.63)]]}
    assert shape_of(two).geometry["type"] == "MultiPolygon"
    assert shape_of({"type": "MultiPolygon", "coordinates": [[a_square()]]}).geometry["type"] == "Polygon"
    assert shape_of({"type": "Feature", "properties": {}, "geometry": two}).square_metres == shape_of(two).square_metres


def test_positions_of_other_maps_are_shifted():
    given_there = shape_of(polygon(a_square()), Datum.GCJ02)
    metres = Geodesic.WGS84.Inverse(*shape_of(polygon(a_square())).middle, *given_there.middle)["s12"]
    assert 300 < metres < 800


BOW = [[WEST, SOUTH], [EAST, NORTH], [EAST, SOUTH], [WEST, NORTH], [WEST, SOUTH]]
TOUCHING = [[WEST, SOUTH], [EAST, SOUTH], [120.605, 31.105], [EAST, NORTH], [WEST, NORTH], [120.605, 31.105], [WEST, SOUTH]]
TOO_FINE = [[WEST + 0.01 * math.cos(turn / 600), SOUTH + 0.01 * math.sin(turn / 600)] for turn in range(MOST_POSITIONS + 2)]


@pytest.mark.parametrize(
    ("geometry", "words"),
    [
        (None, "not a GeoJSON area"),
        ({"type": "Point", "coordinates": [1, 2]}, "not a GeoJSON area"),
        ({"type": "Polygon"}, "not a GeoJSON area"),
        ({"type": "Polygon", "coordinates": []}, "not a GeoJSON area"),
        ({"type": "Polygon", "coordinates": [5]}, "not a GeoJSON area"),
        (polygon([["a", "b"], [1, 2], [3, 4], ["a", "b"]]), "not pairs of numbers"),
        (polygon([[math.nan, 31.1]] * 4), "not pairs of numbers"),
        (polygon([[1e9, 31.1]] * 4), "not pairs of numbers"),
        (polygon([[True, 31.1]] * 4), "not pairs of numbers"),
        (polygon([[y, x] for x, y in a_square()]), "longitude comes first"),
        (polygon(a_square()[:-1]), "not closed"),
        (polygon(a_square()[:3]), "not closed"),
        (polygon([[WEST, SOUTH]] * 5), "smaller than"),
        (polygon(a_square(side=0.00005)), "smaller than"),
        (polygon(a_square(110, 25, 5.0)), "larger than"),
        (polygon(BOW), "crosses itself"),
        (polygon(TOUCHING), "crosses itself"),
        (polygon(a_square(), a_square(120.605, 31.105, 0.02)), "crosses itself"),
        (polygon(a_square(), a_square(120.7, 31.2, 0.001)), "lies outside"),
        (polygon(TOO_FINE), "more than 3,000"),
    ],
)
def test_what_cannot_be_an_area_is_refused_with_words(geometry, words):
    with pytest.raises(Invalid, match=words) as refused:
        shape_of(geometry)
    assert list(refused.value.fields) == ["area"]


@given(st.lists(st.floats(0.002, 0.02), min_size=5, max_size=40))
def test_a_star_around_a_point_is_an_area_that_holds_the_point(arms):
    turns = [2 * math.pi * number / len(arms) for number in range(len(arms))]
    ring = [[120.6 + arm * math.cos(turn), 31.1 + arm * math.sin(turn)] for arm, turn in zip(arms, turns, strict=True)]
    shape = shape_of(polygon([*ring, ring[0]]))
    assert contains(shape.geometry, Point(31.1, 120.6))
    backwards = shape_of(polygon([*ring, ring[0]][::-1]))
    assert backwards.square_metres == pytest.approx(shape.square_metres, rel=1e-6)


@pytest.mark.parametrize("kind", PolicyKind)
def test_every_figure_of_a_policy_has_its_line_and_a_default_within_its_range(kind):
    defaults = {name: value for name, value in vars(terms.KINDS[kind]()).items() if name != "version"}
    assert set(explaining.FIGURES[kind]) == set(defaults)
    assert kind in explaining.KINDS
    for name, figure in explaining.FIGURES[kind].items():
        if name in explaining.CHOICES:
            assert set(explaining.CHOICES[name]) == terms.CHOICES[name]
            continue
        assert figure.least <= defaults[name] <= figure.most, name
