"""The calendar of help that comes again."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as some

from volunteer.orders.households.weekly import COMING, HOLIDAY, SKIPPED, Rhythm, plan, undecided

MONDAY = date(2026, 3, 2)
MORNING = (8 * 60, 12 * 60)


def rhythm(*weekdays, every=1, begins=MONDAY, ends=None):
    return Rhythm(frozenset(weekdays), every, begins, ends, *MORNING)


def test_every_week_on_two_days():
    assert list(islice(rhythm(1, 4).days(MONDAY), 4)) == [MONDAY + timedelta(days=n) for n in (1, 4, 8, 11)]


def test_every_second_week_counts_from_the_week_in_which_it_begins():
    friday = MONDAY + timedelta(days=4)
    assert list(islice(rhythm(0, 4, every=2, begins=friday).days(MONDAY), 3)) == [
        friday,
        MONDAY + timedelta(days=14),
        friday + timedelta(days=14),
    ]


def test_the_last_day_counts():
    assert list(rhythm(0, ends=MONDAY + timedelta(days=7)).days(MONDAY)) == [MONDAY, MONDAY + timedelta(days=7)]


def test_the_window_is_what_the_clocks_of_the_county_show():
    begins, ends = rhythm(0).window(MONDAY, ZoneInfo("Asia/Shanghai"))
    assert (begins.astimezone(UTC), ends - begins) == (datetime(2026, 3, 2, 0, tzinfo=UTC), timedelta(hours=4))


def test_the_window_stays_at_its_hour_when_clocks_change():
    zone = ZoneInfo("Europe/Berlin")
    hours = {rhythm(6).window(day, zone)[0].hour for day in (date(2026, 3, 22), date(2026, 3, 29))}
    assert hours == {8}


def test_a_holiday_and_a_day_left_out_use_up_none_of_the_times():
    days = [MONDAY + timedelta(weeks=n) for n in range(5)]
    found = plan(rhythm(0), MONDAY, decided={days[1]: SKIPPED}, holidays={days[0]: "春节"}, left=2, limit=10)
    assert [(one.day, one.state) for one in found] == [
        (days[0], HOLIDAY),
        (days[1], SKIPPED),
        (days[2], COMING),
        (days[3], COMING),
    ]


def test_what_was_decided_is_not_decided_again():
    days = list(undecided(rhythm(0), MONDAY, MONDAY + timedelta(days=20), {MONDAY}))
    assert days == [MONDAY + timedelta(days=7), MONDAY + timedelta(days=14)]


@given(some.sets(some.integers(0, 6), min_size=1), some.integers(1, 8), some.integers(0, 700))
def test_each_day_is_one_of_its_weekdays_once_and_in_order(weekdays, every, since):
    one = rhythm(*weekdays, every=every)
    days = list(islice(one.days(MONDAY + timedelta(days=since)), 30))
    assert days == sorted(set(days))
    assert all(one.falls_on(day) and day.weekday() in weekdays for day in days)
