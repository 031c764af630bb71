"""The demo county on paper: its map, names, numbers, menu and the courses of its orders. No database."""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from itertools import islice, pairwise

import pytest

from volunteer.kernel.clock import SHANGHAI
from volunteer.kernel.geo import Point, in_mainland
from volunteer.orders.lifecycle import Status
from volunteer.orders.models import WhenKind
from volunteer.simulation import county, crews, people, shapes, skills
from volunteer.simulation.asking import AFTERNOON, MORNING
from volunteer.simulation.casting import resident_household, write
from volunteer.simulation.menu import menu
from volunteer.simulation.personas import HOME_STATION, HOME_TEAM, PERSONAS
from volunteer.simulation.plots import Plot, Writer
from volunteer.simulation.settling import Place
from volunteer.simulation.sizes import LEFT
from volunteer.simulation.voices import voices

BRANCHES = county.branches(1)
TODAY = date(2026, 11, 21)
MIDNIGHT = datetime(2026, 11, 20, 16, 0, tzinfo=UTC)  # in the county


def area(ring: list[shapes.Place]) -> float:
    return abs(sum(a[1] * b[0] - b[1] * a[0] for a, b in pairwise([*ring, ring[0]]))) / 2


def test_the_county_has_the_shape_of_the_brief():
    assert len(BRANCHES) == 11
    assert sum(len(branch.stations) for branch in BRANCHES) == 289
    assert sum(len(venues) for branch in BRANCHES for venues in branch.venues.values()) == 500
    names = [spot.name for branch in BRANCHES for spot in branch.stations]
    assert len(set(names)) == 289
    assert HOME_STATION in names


def test_the_same_seed_makes_the_same_county_and_another_one_another():
    assert county.branches(1) == BRANCHES
    assert county.branches(2) != BRANCHES


def test_the_branches_fill_the_outline_without_gap_or_overlap():
    cells = shapes.cells([(row[3], row[4]) for row in county.BRANCHES])
    assert sum(map(area, cells)) == pytest.approx(area(shapes.outline()), rel=0.002)


def test_every_station_lies_in_its_branch_and_not_in_a_lake():
    cells = shapes.cells([(row[3], row[4]) for row in county.BRANCHES])
    lakes = [shapes.lake(middle, radii, turn) for _, _, middle, radii, turn in shapes.LAKES]
    for branch, cell in zip(BRANCHES, cells, strict=True):
        for spot in branch.stations[1:]:
            place = (spot.latitude, spot.longitude)
            assert shapes.inside(place, cell), spot.name
            assert not any(shapes.inside(place, lake) for lake in lakes), spot.name
            assert in_mainland(Point(*place))


def test_shapes_are_closed_rings_with_longitude_first():
    for feature in shapes.water()["features"]:
        assert feature["properties"]["name"]
        assert feature["properties"]["name_en"]
        if feature["geometry"]["type"] == "Polygon":
            [ring] = feature["geometry"]["coordinates"]
            assert ring[0] == ring[-1]
            assert all(119 < longitude < 122 and 30 < latitude < 32 for longitude, latitude in ring)


def test_identity_numbers_are_right_and_nobodys():
    assert people.check_character("44052418800101001") == "4"  # the example of GB 11643
    for one in islice(people.enrolees(1, TODAY), 500):
        assert people.check_character(one.document[:17]) == one.document[17]
        assert one.document.startswith(people.REGION)
        assert one.document[6:14] == f"{one.born_on:%Y%m%d}"
        assert re.fullmatch(r"19900\d{6}", one.phone)


def test_volunteers_are_many_people():
    crowd = list(islice(people.enrolees(1, TODAY), 6000))
    assert len({one.name[0] for one in crowd}) > 60
    assert len({one.name for one in crowd}) > 3000
    assert len({one.phone for one in crowd}) == 6000
    assert set(Counter(one.life for one in crowd)) == set(people.PATTERNS)
    minors = [one for one in crowd if (TODAY - one.born_on).days < 18 * 365]
    assert 0 < len(minors) < 600


def test_the_menu_is_complete_in_both_languages():
    codes = {code for code, *_ in skills.SKILLS}
    assert len(menu().categories) == 8
    assert len(menu().items) >= 46
    assert len({item.code for item in menu().items}) == len(menu().items)
    for item in menu().items:
        assert item.category in {category.code for category in menu().categories}
        assert item.skills
        assert codes.issuperset(item.skills)
        assert 1 <= len(item.questions) <= 3
        assert item.minutes >= 15
        assert item.reply >= 60
        for chinese, english in ((item.name, item.name_en), (item.summary, item.summary_en), (item.bring, item.bring_en)):
            assert bool(chinese) == bool(english)
            assert english.isascii()
        assert not item.stopper.name or item.stopper.call in {"110", "119", "120"}


def test_licensed_work_is_risky_where_it_can_hurt():
    assert all(item.risk != "low" for item in menu().items if "electric" in item.skills)


def test_every_service_has_wishes_and_there_are_many():
    wishes = voices().wishes
    assert set(wishes) == {item.code for item in menu().items} | {"free"}
    assert sum(map(len, wishes.values())) >= 120
    assert set(voices().records) == {category.code for category in menu().categories}


def test_every_trade_is_in_every_branch_and_every_service_has_a_trade():
    plan = crews.crews(1, BRANCHES, county.centre(), 420, 6000)
    assert len(plan) == 420
    assert len({crew.name for crew in plan}) == 420
    assert HOME_TEAM in {crew.name for crew in plan}
    assert sum(crew.size for crew in plan) == pytest.approx(6000, rel=0.02)
    for branch in BRANCHES:
        able = [set(crew.skills) for crew in plan if crew.site == branch.spot.code]
        for item in menu().items:
            assert any(skills_.issuperset(item.skills) for skills_ in able), (branch.spot.name, item.code)


def plots(seed: int, at: datetime) -> list[Plot]:
    stations = [
        Place(number, spot.code, spot.name, Point(spot.latitude, spot.longitude), branch.spot.code)
        for branch in BRANCHES
        for number, spot in enumerate(branch.stations)
    ]
    writer = Writer(seed, stations, SHANGHAI, at)
    return list(write(writer, LEFT, resident_household(stations, PERSONAS[0].phone, PERSONAS[0].name)))


@pytest.mark.parametrize("hour", [0, 7, 12, 18, 23])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_course_goes_forwards_in_time_and_ends_by_now(seed, hour):
    at = MIDNIGHT + timedelta(hours=hour, minutes=50)
    written = plots(seed, at)
    assert Counter(plot.status for plot in written) == LEFT
    for plot in written:
        assert list(plot.times[:4]) == sorted(plot.times[:4])
        if plot.status in {Status.CLOSED, Status.SERVED}:
            assert plot.times.answered < plot.times.came < plot.times.left < plot.times.recorded
            assert max(plot.times.left, plot.times.recorded) <= at
        if plot.status not in {Status.PLACED, Status.VERIFIED, Status.OFFERED, Status.ACCEPTED}:
            assert plot.times.begins <= at
        assert plot.times.answered <= at
        assert at - plot.times.placed < timedelta(days=62)


def test_who_asks_for_a_half_day_gets_one_that_holds_the_visit():
    for plot in plots(1, MIDNIGHT):
        if plot.when is WhenKind.WINDOW and plot.status is Status.CLOSED:
            clock = plot.times.begins.astimezone(SHANGHAI).time()
            assert MORNING[0] <= clock < MORNING[1] or AFTERNOON[0] <= clock < AFTERNOON[1]


def test_the_same_seed_and_moment_write_the_same_story():
    assert plots(1, MIDNIGHT) == plots(1, MIDNIGHT)
    assert plots(1, MIDNIGHT) != plots(2, MIDNIGHT)
