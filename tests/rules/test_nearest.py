"""The k nearest exactly: boxes hold everybody, rings and tree agree with measuring everybody, poles and antimeridian too."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from volunteer.matching import nearest
from volunteer.matching.distance import great_circle_metres
from volunteer.matching.nearest import Found, Tree, box_around, first_k, search

anywhere = st.tuples(st.floats(-90, 90), st.floats(-180, 180))
county = st.tuples(st.floats(30.9, 31.3), st.floats(120.4, 121.0))
crowds = st.lists(county, min_size=1, max_size=60)
spread = st.lists(anywhere, min_size=1, max_size=40)


def found_of(places) -> Found:
    return Found(list(range(len(places))), [one[0] for one in places], [one[1] for one in places])


def looking(places):
    """A look that returns exactly what is in the box, as a database would."""

    def look(box):
        inside = [
            n
            for n, (latitude, longitude) in enumerate(places)
            if box.south <= latitude <= box.north and any(west <= longitude <= east for west, east in box.spans)
        ]
        return Found(inside, [places[n][0] for n in inside], [places[n][1] for n in inside])

    return look


@given(anywhere, anywhere, st.floats(0, 1e6))
def test_a_box_holds_everything_within_its_metres(point, other, metres):
    box = box_around(point, metres)
    if great_circle_metres(point, other) <= metres:
        assert box.south <= other[0] <= box.north
        assert any(west <= other[1] <= east for west, east in box.spans)


@given(county, st.floats(100, 20_000))
def test_a_box_is_hardly_larger_than_its_circle(point, metres):
    box = box_around(point, metres)
    ((west, east),) = box.spans
    assert great_circle_metres(point, (box.north, point[1])) == pytest.approx(metres, rel=1e-6, abs=0.01)
    assert great_circle_metres(point, (point[0], east)) == pytest.approx(metres, rel=1e-3)
    assert west < point[1] < east


@given(county, crowds, st.integers(1, 20), st.sampled_from((1.0, 300.0, 1000.0, 60_000.0)))
@settings(max_examples=200, deadline=None)
def test_rings_find_what_measuring_everybody_finds(point, places, k, start):
    assert list(search(point, k, looking(places), start=start).nearest) == first_k(point, found_of(places), k)


@given(anywhere, spread, st.integers(1, 10))
@settings(max_examples=200, deadline=None)
def test_rings_reach_over_poles_and_the_antimeridian(point, places, k):
    assert list(search(point, k, looking(places)).nearest) == first_k(point, found_of(places), k)


@given(anywhere, st.one_of(crowds, spread), st.integers(1, 20), st.sets(st.integers(0, 60)))
@settings(max_examples=200, deadline=None)
def test_the_tree_finds_what_measuring_everybody_finds(point, places, k, able):
    tree = Tree(found_of(places), {"electric": frozenset(able)})
    assert tree.nearest(point, k) == first_k(point, found_of(places), k)
    have = [n for n in range(len(places)) if n in able]
    some = Found(have, [places[n][0] for n in have], [places[n][1] for n in have])
    assert tree.nearest(point, k, frozenset({"electric"})) == first_k(point, some, k)
    assert tree.nearest(point, k, frozenset({"electric", "sign_language"})) == []


def test_measuring_agrees_with_the_distance_of_the_matcher():
    places = [(31.2, 120.7), (-31.2, -120.7), (89.9, 10.0)]
    measured = nearest.metres_to((31.16, 120.65), np.array([p[0] for p in places]), np.array([p[1] for p in places]))
    assert measured == pytest.approx([great_circle_metres((31.16, 120.65), place) for place in places], abs=0.001)


def test_equal_distances_go_by_id_and_a_limit_is_kept():
    places = [(31.17, 120.65), (31.15, 120.65), (31.17, 120.65), (31.5, 120.65)]
    answer = search((31.16, 120.65), 4, looking(places), most=5000)
    assert [one.id for one in answer.nearest] == [0, 1, 2]
    assert [one.metres for one in answer.nearest] == pytest.approx([1112] * 3, abs=1)


def test_what_is_no_place_no_count_and_no_distance_is_refused():
    for point, k, start in (((91, 0), 1, 1), ((float("nan"), 0), 1, 1), ((0, 0), 0, 1), ((0, 0), 1, 0)):
        with pytest.raises(ValueError, match="not"):
            search(point, k, looking([]), start=start)
    with pytest.raises(ValueError, match="length"):
        Tree(Found([1], [], []), {})
