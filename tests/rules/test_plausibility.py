"""What looks odd, and what does not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volunteer.attendance.review import plausibility as p
from volunteer.attendance.review.lifecycle import FindingKind
from volunteer.attendance.review.plausibility import Approver, Rated, Visit, Written
from volunteer.kernel.geo import Point

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOON = datetime(2026, 3, 4, 4, 0, tzinfo=UTC)
HERE, FAR = Point(31.16, 120.64), Point(31.286, 120.64)  # 14 km
MINUTE = timedelta(minutes=1)


def visit(number, begins, length=30, point=HERE, who=1, resident=None):
    began = NOON + begins * MINUTE
    return Visit(number, who, began, began + length * MINUTE, point, resident)


def test_fourteen_kilometres_within_six_minutes_are_odd_and_within_an_hour_are_not():
    (odd,) = p.impossible_travel([visit(7, 0), visit(8, 36, point=FAR)])
    assert (odd.kind, odd.key, odd.person_id) == (FindingKind.TRAVEL, "travel:7:8", 1)
    assert odd.evidence == {"metres": pytest.approx(13970, abs=50), "minutes": 6, "transfers": [7, 8]}
    assert p.impossible_travel([visit(7, 0), visit(8, 90, point=FAR)]) == []


def test_being_in_two_places_at_once_is_odd():
    (odd,) = p.impossible_travel([visit(7, 0, 60), visit(8, 30, 60, point=FAR)])
    assert odd.evidence["minutes"] == -30


def test_next_door_two_people_and_unknown_places_are_not():
    near = Point(31.163, 120.64)  # 330 m
    assert p.impossible_travel([visit(7, 0), visit(8, 31, point=near)]) == []
    assert p.impossible_travel([visit(7, 0), visit(8, 31, point=FAR, who=2)]) == []
    assert p.impossible_travel([visit(7, 0), visit(8, 31, point=None)]) == []


VISITS = st.lists(
    st.builds(
        visit, st.integers(1, 99), st.integers(0, 2000), st.integers(0, 300),
        st.sampled_from([None, HERE, FAR]), st.integers(1, 2), st.sampled_from([None, 5]),
    ),
    max_size=8, unique_by=lambda one: one.transfer_id,
)  # fmt: skip


@given(VISITS, st.randoms(use_true_random=False))
def test_the_order_of_what_is_looked_at_does_not_matter(visits, dice):
    shuffled = list(visits)
    dice.shuffle(shuffled)
    for look in (p.impossible_travel, p.same_pair):
        assert {one.key for one in look(visits)} == {one.key for one in look(shuffled)}


@given(VISITS)
def test_what_is_found_names_entries_that_were_looked_at_and_one_person(visits):
    people = {one.transfer_id: one.volunteer_id for one in visits}
    for odd in (*p.impossible_travel(visits), *p.same_pair(visits)):
        assert {people[number] for number in odd.evidence["transfers"]} == {odd.person_id}


def test_the_same_minutes_with_the_same_resident_again_and_again():
    weekly = [visit(n, n * 7 * 1440, 45, resident=9) for n in range(5)]
    (odd,) = p.same_pair(weekly)
    assert (odd.key, odd.evidence["times"], odd.evidence["minutes"]) == ("pair:1:9:45:1", 5, 45)
    assert p.same_pair(weekly[:4]) == []
    assert p.same_pair([visit(n, n * 1440, 45 + n, resident=9) for n in range(9)]) == []  # real visits differ
    assert p.same_pair([*weekly, visit(9, 60_000, 45, resident=9)])[0].key == odd.key  # asked again after five more


def night(count, hour=15, by=3):
    """``hour`` in UTC: 15 is 23:00 in Shanghai."""
    return [Written(n, by, NOON.replace(hour=hour) + n * MINUTE) for n in range(count)]


def test_many_entries_by_one_hand_at_night():
    (odd,) = p.night_bulk(night(10), SHANGHAI)
    assert (odd.key, odd.person_id, odd.evidence["entries"]) == ("night:3:2026-03-04", 3, 10)
    assert p.night_bulk(night(9), SHANGHAI) == []
    assert p.night_bulk(night(30, hour=4), SHANGHAI) == []
    assert p.night_bulk([*night(6), *night(6, by=4)], SHANGHAI) == []


def test_a_night_over_midnight_is_one_night():
    before, after = night(6, hour=15), [Written(50 + n, 3, NOON.replace(hour=18) + n * MINUTE) for n in range(6)]
    assert [one.evidence["entries"] for one in p.night_bulk([*before, *after], SHANGHAI)] == [12]


def test_one_phone_under_three_names_is_odd_and_a_couples_is_not():
    (odd,) = p.one_device([("x", 1, 10), ("x", 2, 11), ("x", 3, 12), ("y", 1, 13), ("y", 2, 14)], "2026-10")
    assert odd.evidence == {"people": [1, 2, 3], "count": 3, "orders": [10, 11, 12]}
    assert odd.key == "device:x:2026-10"


def test_an_approver_far_from_the_others_is_odd_and_a_few_entries_are_not():
    others = [Approver(n, 2, 100) for n in range(2, 6)]
    (odd,) = p.share_by_hand([Approver(1, 40, 80), *others], "2026-03")
    assert (odd.person_id, odd.evidence["share"], odd.evidence["others"]) == (1, 50, 2)
    assert p.share_by_hand([Approver(1, 2, 2), *others], "2026-03") == []  # a new one who began with two
    assert p.share_by_hand([Approver(1, 40, 80)], "2026-03") == []  # nobody to compare with
    assert p.share_by_hand([Approver(n, 20, 100) for n in range(4)], "2026-03") == []


def test_a_team_that_is_never_rated_is_odd_where_others_are():
    others = [Rated(n, 30, 20) for n in range(2, 6)]
    (odd,) = p.never_rated([Rated(1, 30, 0), *others], "2026-03")
    assert (odd.team_id, odd.evidence["services"]) == (1, 30)
    assert p.never_rated([Rated(1, 9, 0), *others], "2026-03") == []
    assert p.never_rated([Rated(1, 30, 1), *others], "2026-03") == []
    assert p.never_rated([Rated(n, 30, 0) for n in range(4)], "2026-03") == []
