"""From raw times to minutes that count."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volunteer.attendance.tariff import Counted, Stay, looks_forgotten, minutes_for, seconds_by_day, suggested_end
from volunteer.attendance.working_days import working_days_left, works
from volunteer.kernel.errors import Invalid

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOON = datetime(2026, 3, 4, 4, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Terms:
    round_to: int = 1
    rounding: str = "down"
    max_per_activity: int = 0
    max_per_day: int = 0
    break_minutes: int = 0


def stay(begin, length):
    """``begin`` minutes after noon for ``length`` minutes."""
    return Stay(NOON + timedelta(minutes=begin), NOON + timedelta(minutes=begin + length))


def after_noon(at):
    return int((at - NOON).total_seconds() // 60)


def counted(one, *before, **terms):
    return minutes_for(one, before, Terms(**terms), SHANGHAI)


def test_seconds_do_not_make_a_minute():
    assert counted(Stay(NOON, NOON + timedelta(minutes=39, seconds=59))) == 39


@pytest.mark.parametrize(
    ("rounding", "length", "minutes"),
    [
        ("down", 44, 30),
        ("nearest", 44, 45),
        ("nearest", 37, 30),
        ("nearest", 38, 45),
        ("up", 31, 45),
        ("up", 30, 30),
        ("down", 14, 0),
    ],
)
def test_rounding_is_the_centres(rounding, length, minutes):
    assert counted(stay(0, length), round_to=15, rounding=rounding) == minutes


def test_rounding_up_never_passes_a_cap():
    assert counted(stay(0, 59), round_to=60, rounding="up", max_per_activity=50) == 50
    assert counted(stay(0, 59), round_to=60, rounding="up", max_per_day=55) == 55


def test_an_activity_has_its_cap():
    assert counted(stay(0, 300), max_per_activity=240) == 240


def test_a_day_has_its_cap_with_what_came_before():
    assert counted(stay(200, 120), Counted(stay(0, 120), 120), max_per_day=180) == 60


def test_a_full_day_gives_nothing_more():
    assert counted(stay(200, 120), Counted(stay(0, 180), 180), max_per_day=180, round_to=30, rounding="up") == 0


def test_overlapping_time_counts_once():
    assert counted(stay(30, 60), Counted(stay(0, 60), 60)) == 30
    assert counted(stay(10, 20), Counted(stay(0, 60), 60)) == 0
    assert counted(stay(0, 100), Counted(stay(20, 20), 20), Counted(stay(60, 20), 20)) == 60


def test_over_midnight_each_day_has_its_own_cap():
    evening = Stay(datetime(2026, 3, 4, 13, 0, tzinfo=UTC), datetime(2026, 3, 4, 19, 0, tzinfo=UTC))  # 21:00 to 3:00
    assert counted(evening) == 360
    assert counted(evening, max_per_day=120) == 240
    assert counted(evening, Counted(stay(0, 60), 60), max_per_day=120) == 60 + 120


def test_a_break_is_taken_off_a_long_stay_only():
    assert counted(stay(0, 300), break_minutes=30) == 270
    assert counted(stay(0, 240), break_minutes=30) == 240


def test_leaving_before_coming_is_refused():
    with pytest.raises(Invalid, match="before the beginning"):
        stay(0, -1)


def test_a_forgotten_week_is_refused():
    with pytest.raises(Invalid, match="three days"):
        stay(0, 60 * 24 * 7)


def test_a_forgotten_check_out_is_suggested_and_not_later_than_now():
    assert suggested_end(NOON, 40, NOON + timedelta(hours=9)) == NOON + timedelta(minutes=40)
    assert suggested_end(NOON, 40, NOON + timedelta(minutes=5)) == NOON + timedelta(minutes=5)
    assert looks_forgotten(NOON, 40, NOON + timedelta(hours=5))
    assert not looks_forgotten(NOON, 40, NOON + timedelta(hours=1))


STAYS = st.builds(stay, st.integers(-2000, 2000), st.integers(0, 1500))
TERMS = st.builds(
    Terms,
    round_to=st.sampled_from([1, 5, 10, 15, 30, 60]),
    rounding=st.sampled_from(["down", "nearest", "up"]),
    max_per_activity=st.sampled_from([0, 60, 240, 480]),
    max_per_day=st.sampled_from([0, 60, 480, 600]),
    break_minutes=st.sampled_from([0, 30, 60]),
)


@given(STAYS, STAYS, TERMS)
def test_what_counts_is_whole_bounded_and_never_more_than_a_rounding_step_too_much(one, other, terms):
    first = minutes_for(other, [], terms, SHANGHAI)
    minutes = minutes_for(one, [Counted(other, first)], terms, SHANGHAI)
    assert isinstance(minutes, int)
    assert minutes >= 0
    raw = (one.ended - one.began) / timedelta(minutes=1)
    assert minutes <= raw + (terms.round_to if terms.rounding != "down" else 0)
    if terms.max_per_activity:
        assert minutes <= terms.max_per_activity


@given(st.lists(STAYS, max_size=6))
def test_all_stays_together_never_bring_more_than_the_time_that_passed(stays):
    before = []
    for one in stays:
        before.append(Counted(one, minutes_for(one, before, Terms(), SHANGHAI)))
    passed = {minute for one in stays for minute in range(after_noon(one.began), after_noon(one.ended))}
    assert sum(item.minutes for item in before) <= len(passed)


@given(st.lists(STAYS, max_size=6), st.sampled_from([60, 240, 480]))
def test_no_day_brings_more_than_its_cap(stays, cap):
    """Stays within one day, so that each total belongs to that day."""
    before = []
    for one in stays:
        began = NOON + (one.began - NOON) % timedelta(hours=5)
        inside = Stay(began, began + min(one.ended - one.began, timedelta(hours=6)))
        before.append(Counted(inside, minutes_for(inside, before, Terms(max_per_day=cap), SHANGHAI)))
    assert sum(item.minutes for item in before) <= cap


@given(STAYS, st.integers(0, 600), TERMS)
def test_staying_longer_without_a_break_never_brings_less(one, more, terms):
    plain = Terms(terms.round_to, terms.rounding, terms.max_per_activity, terms.max_per_day)
    longer = Stay(one.began, one.ended + timedelta(minutes=more))
    assert minutes_for(longer, [], plain, SHANGHAI) >= minutes_for(one, [], plain, SHANGHAI)


def test_working_days_skip_weekends_and_holidays_and_count_worked_weekends():
    friday, monday = date(2026, 3, 6), date(2026, 3, 9)
    assert working_days_left(friday, friday, {}, 10) == 10
    assert working_days_left(friday, monday, {}, 10) == 9
    assert working_days_left(friday, monday, {monday: False}, 10) == 10
    assert working_days_left(friday, monday, {date(2026, 3, 7): True}, 10) == 8
    assert working_days_left(friday, date(2026, 3, 20), {}, 10) == 0
    assert working_days_left(friday, date(2026, 3, 23), {}, 10) == -1
    assert works(monday, {})
    assert not works(date(2026, 3, 8), {})


@given(st.permutations([(0, 60), (30, 90), (100, 20), (115, 45), (160, 200)]), st.sampled_from([0, 90, 240]))
def test_in_whichever_order_the_stays_of_a_day_are_written_down_they_bring_the_same(stays, cap):
    before = []
    for begin, length in stays:
        one = stay(begin, length)
        before.append(Counted(one, minutes_for(one, before, Terms(max_per_day=cap), SHANGHAI)))
    union = len({minute for begin, length in stays for minute in range(begin, begin + length)})
    assert sum(item.minutes for item in before) == (min(union, cap) if cap else union)


@given(st.lists(STAYS, max_size=6), TERMS)
def test_never_over_the_caps_of_the_days_touched_over_midnight_too(stays, terms):
    before = []
    for one in stays:
        before.append(Counted(one, minutes_for(one, before, terms, SHANGHAI)))
    touched = {day for one in stays for day, seconds in seconds_by_day(one, SHANGHAI) if seconds}
    if terms.max_per_day:
        assert sum(item.minutes for item in before) <= terms.max_per_day * len(touched)
    for day in touched:
        alone = [item for item in before if {on for on, _ in seconds_by_day(item.stay, SHANGHAI)} == {day}]
        assert not terms.max_per_day or sum(item.minutes for item in alone) <= terms.max_per_day


def test_a_stay_over_midnight_that_was_cut_leaves_no_room_above_the_cap():
    """The first day was full, so its hour is of the second day, whose cap holds all the same."""
    full = Counted(stay(200, 120), 120)
    night = Stay(datetime(2026, 3, 4, 15, 0, tzinfo=UTC), datetime(2026, 3, 4, 17, 0, tzinfo=UTC))  # 23:00 to 1:00
    brought = counted(night, full, max_per_day=120)
    assert brought == 60
    tomorrow = Stay(datetime(2026, 3, 5, 2, 0, tzinfo=UTC), datetime(2026, 3, 5, 5, 0, tzinfo=UTC))
    assert counted(tomorrow, full, Counted(night, brought), max_per_day=120) == 60


@given(st.lists(STAYS, max_size=5), STAYS, TERMS)
def test_what_was_counted_before_never_adds_to_what_is_new(before, one, terms):
    alone = minutes_for(one, [], terms, SHANGHAI)
    beside = minutes_for(one, [Counted(other, minutes_for(other, [], terms, SHANGHAI)) for other in before], terms, SHANGHAI)
    assert beside <= alone


@given(STAYS)
def test_the_seconds_of_the_days_are_those_of_the_stay(one):
    assert sum(seconds for _, seconds in seconds_by_day(one, SHANGHAI)) == (one.ended - one.began).total_seconds()
