"""Who may have a hand in hours written in afterwards, and which moves there are."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volunteer.accounts.humans import Hand, same_human
from volunteer.attendance.by_hand.rules import Tie, is_past, month_of, tie_of, too_long_days
from volunteer.attendance.tariff import Stay
from volunteer.ledger.models import Grade
from volunteer.ledger.rules import counts

SHANGHAI = ZoneInfo("Asia/Shanghai")
MIDNIGHT = datetime(2026, 3, 3, 16, 0, tzinfo=UTC)
HANDS = st.builds(Hand, st.integers(1, 4), st.sampled_from([None, "p1", "p2", "p3"]), st.sampled_from([None, "d1", "d2"]))


@given(HANDS, HANDS, HANDS, st.booleans())
def test_whoever_decides_is_neither_of_the_others_in_any_account(decider, asked_by, volunteer, leads):
    tie = tie_of(decider, asked_by, volunteer, leads=leads)
    part = same_human(decider, asked_by) or same_human(decider, volunteer) or leads
    assert (tie is None) == (not part)
    if same_human(decider, volunteer):
        assert tie is Tie.OWN


@given(HANDS, HANDS)
def test_being_the_same_goes_both_ways(one, other):
    assert same_human(one, other) == same_human(other, one)


def test_nobody_without_a_phone_is_everybody():
    assert not same_human(Hand(1), Hand(2))
    assert not same_human(Hand(None), Hand(None))


def test_a_limit_of_nothing_limits_nothing():
    assert not is_past(0, 10_000, 1)
    assert not is_past(60, 30, 30)
    assert is_past(60, 30, 31)


def test_a_month_is_the_countys():
    assert month_of(datetime(2026, 2, 28, 16, 0, tzinfo=UTC), SHANGHAI) == date(2026, 3, 1)


def hours(begins, length):
    return Stay(MIDNIGHT + timedelta(hours=begins), MIDNIGHT + timedelta(hours=begins + length))


def test_twenty_four_hours_are_a_day_and_one_minute_more_is_not():
    assert too_long_days(hours(0, 12), [hours(12, 12)], SHANGHAI) == []
    more = Stay(MIDNIGHT, MIDNIGHT + timedelta(hours=12, minutes=1))
    assert too_long_days(more, [hours(12, 12)], SHANGHAI) == [date(2026, 3, 4)]


def test_other_days_do_not_matter():
    assert too_long_days(hours(0, 1), [hours(24, 24), hours(24, 24)], SHANGHAI) == []
    assert too_long_days(hours(20, 8), [hours(0, 20)], SHANGHAI) == []


@pytest.mark.parametrize("grade", [*Grade, None])
@pytest.mark.parametrize("weakest", "abcd")
def test_what_is_shown_as_well_as_asked_for_counts(grade, weakest):
    assert counts(grade, weakest) == ("abcd".index((grade or Grade.D).value) <= "abcd".index(weakest))
