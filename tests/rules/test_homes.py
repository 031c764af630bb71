"""每户每月一小时: a day belongs to one home, months follow each other, and few homes have no share."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volunteer.recognition.home_rules import (
    Stay,
    minutes_by_home,
    month_of,
    share_of,
    share_reached,
    statement_month,
)

DAYS = st.dates(date(2026, 1, 1), date(2026, 3, 31))
STAYS = st.builds(
    lambda home, person, since, length: Stay(home, person, since, None if length is None else since + timedelta(days=length)),
    st.integers(1, 4), st.integers(1, 5), DAYS, st.none() | st.integers(0, 60),
)  # fmt: skip
SERVED = st.lists(st.tuples(st.integers(1, 6), DAYS, st.integers(1, 600)), max_size=30)


@given(st.lists(STAYS, max_size=12), SERVED)
def test_no_minute_counts_twice_and_none_without_a_stay(stays, served):
    found = minutes_by_home(stays, served)
    covered = sum(m for who, day, m in served if any(s.person_id == who and s.covers(day) for s in stays))
    assert sum(found.values()) == covered
    assert set(found) == {stay.home_id for stay in stays}


@given(st.lists(STAYS, min_size=1, max_size=12), SERVED, SERVED)
def test_more_service_is_never_less(stays, served, more):
    before, after = minutes_by_home(stays, served), minutes_by_home(stays, served + more)
    assert all(after[home] >= minutes for home, minutes in before.items())


def test_whoever_moves_on_a_day_counts_for_the_home_that_they_left_last():
    day = date(2026, 2, 10)
    stays = [Stay(1, 9, date(2026, 1, 1), day), Stay(2, 9, day, None)]
    assert minutes_by_home(stays, [(9, day, 60), (9, day + timedelta(1), 30), (9, date(2025, 12, 31), 5)]) == {1: 60, 2: 30}


def test_what_was_taken_back_never_makes_a_home_owe():
    assert minutes_by_home([Stay(1, 9, date(2026, 1, 1), None)], [(9, date(2026, 1, 2), -60)]) == {1: 0}


@given(st.dates(date(2000, 1, 1), date(2090, 1, 1)))
def test_months_meet_without_a_gap(day):
    month = month_of(day)
    assert month.first <= day <= month.last
    assert month.before.last + timedelta(days=1) == month.first
    assert month.before.first.day == 1


@pytest.mark.parametrize(
    ("day", "month"),
    [
        (date(2026, 3, 14), date(2026, 1, 1)),
        (date(2026, 3, 15), date(2026, 2, 1)),
        (date(2026, 1, 31), date(2025, 12, 1)),
        (date(2026, 1, 1), date(2025, 11, 1)),
    ],
)
def test_a_statement_is_written_when_the_records_are_in_or_later(day, month):
    assert statement_month(day).first == month


def test_few_homes_have_no_share():
    assert share_reached(4, 4) is None
    assert share_reached(5, 4) == 0.8
    assert (share_of(30, 60), share_of(90, 60), share_of(0, 0)) == (0.5, 1.0, 1.0)
