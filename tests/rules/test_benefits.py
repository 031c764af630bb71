"""Who may have a benefit, every reason why not, and within what a limit counts."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volunteer.recognition.benefit_rules import CLASSES, PERIODS, Holder, Offer, Why, obstacles, period_key, year_before
from volunteer.recognition.models_benefits import BenefitClass, Period

TODAY = date(2026, 11, 21)
ANY = Holder(5, 10**6, 40)
OPTIONAL = st.none() | st.integers(0, 120)
OFFERS = st.builds(
    Offer, stars_least=st.integers(0, 5), minutes_least=st.integers(0, 10**5), age_least=OPTIONAL, age_most=OPTIONAL,
    begins=st.dates(date(2026, 1, 1), date(2027, 1, 1)), ends=st.none() | st.dates(date(2026, 1, 1), date(2027, 1, 1)),
    limit_each=st.none() | st.integers(1, 9), limit_all=st.none() | st.integers(1, 99), used=st.integers(0, 99), closed=st.booleans(),
)  # fmt: skip
HOLDERS = st.builds(Holder, st.integers(0, 5), st.integers(0, 10**5), OPTIONAL, st.integers(0, 9))


@pytest.mark.parametrize(
    ("offer", "holder", "why"),
    [
        ({"stars_least": 3}, Holder(2, 10**6, 40), Why.STARS),
        ({"minutes_least": 1_200}, Holder(5, 1_199, 40), Why.MINUTES),
        ({"age_least": 60}, Holder(5, 0, 59), Why.YOUNG),
        ({"age_most": 18}, Holder(5, 0, 19), Why.OLD),
        ({"age_least": 60}, Holder(5, 0, None), Why.AGE_UNKNOWN),
        ({"begins": TODAY + timedelta(1)}, ANY, Why.TO_COME),
        ({"ends": TODAY - timedelta(1)}, ANY, Why.OVER),
        ({"closed": True}, ANY, Why.CLOSED),
        ({"limit_each": 2}, Holder(5, 0, 40, 2), Why.OFTEN),
        ({"limit_all": 7, "used": 7}, ANY, Why.GONE),
    ],
)
def test_each_condition_is_a_reason_of_its_own_and_its_edge_is_inside(offer, holder, why):
    wanted = Offer(**{"begins": TODAY} | offer)
    assert obstacles(wanted, holder, TODAY) == [why]
    assert obstacles(Offer(begins=TODAY, ends=TODAY, stars_least=2, age_least=40, age_most=40), Holder(2, 0, 40), TODAY) == []


@given(OFFERS, HOLDERS)
def test_more_stars_and_more_hours_never_take_a_benefit_away(offer, holder):
    better = Holder(min(holder.stars + 1, 5), holder.minutes + 60, holder.age, max(holder.used - 1, 0))
    assert set(obstacles(offer, better, TODAY)) <= set(obstacles(offer, holder, TODAY))


@given(OFFERS, HOLDERS)
def test_whoever_can_have_it_breaks_no_condition(offer, holder):
    if not obstacles(offer, holder, TODAY):
        assert offer.begins <= TODAY <= (offer.ends or TODAY)
        assert holder.stars >= offer.stars_least
        assert holder.minutes >= offer.minutes_least
        assert offer.limit_each is None or holder.used < offer.limit_each
        assert offer.limit_all is None or offer.used < offer.limit_all


@given(st.dates(date(1990, 1, 1), date(2090, 1, 1)), st.dates(date(1990, 1, 1), date(2090, 1, 1)), st.sampled_from(Period))
def test_two_days_share_a_period_when_they_are_in_the_same_one(one, other, period):
    same = {
        Period.DAY: one == other,
        Period.MONTH: (one.year, one.month) == (other.year, other.month),
        Period.YEAR: one.year == other.year,
        Period.EVER: True,
    }[period]
    assert (period_key(period, one) == period_key(period, other)) is same
    assert len(period_key(period, one)) <= 10


def test_twelve_months_back_from_a_leap_day():
    assert year_before(date(2028, 2, 29)) == date(2027, 3, 1)
    assert year_before(TODAY) == date(2025, 11, 21)


def test_every_class_and_period_has_words():
    assert set(CLASSES) == set(BenefitClass)
    assert len(CLASSES) == 10
    assert set(PERIODS) == set(Period)
