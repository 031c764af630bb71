"""Periods and figures of the overview, in numbers that can be checked by hand."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as any_of

from tests.support.builders import NOON
from volunteer.insights import figures
from volunteer.insights.figures import Fate, Stage, Tally, fate, stage_seconds, stars, statuses_of, times
from volunteer.insights.periods import FIRST, LAST, Span, period_of, read_period
from volunteer.kernel.clock import SHANGHAI
from volunteer.orders.lifecycle import Status


@pytest.mark.parametrize(
    ("span", "day", "first", "last"),
    [
        (Span.WEEK, date(2026, 11, 21), date(2026, 11, 16), date(2026, 11, 22)),
        (Span.WEEK, date(2026, 1, 1), date(2025, 12, 29), date(2026, 1, 4)),
        (Span.MONTH, date(2026, 2, 28), date(2026, 2, 1), date(2026, 2, 28)),
        (Span.MONTH, date(2024, 2, 29), date(2024, 2, 1), date(2024, 2, 29)),
        (Span.MONTH, date(2026, 12, 31), date(2026, 12, 1), date(2026, 12, 31)),
        (Span.QUARTER, date(2026, 11, 21), date(2026, 10, 1), date(2026, 12, 31)),
        (Span.QUARTER, date(2026, 3, 31), date(2026, 1, 1), date(2026, 3, 31)),
    ],
)
def test_a_period_is_a_whole_week_month_or_quarter(span: Span, day: date, first: date, last: date) -> None:
    period = period_of(span, day)
    assert (period.first, period.last) == (first, last)


@given(any_of.sampled_from(Span), any_of.dates(FIRST, LAST - timedelta(days=100)))
def test_periods_follow_each_other_without_a_gap(span: Span, day: date) -> None:
    period = period_of(span, day)
    assert period.first <= day < period.after
    assert period.following.first == period.after
    assert period.following.before == period


@pytest.mark.parametrize(
    ("span", "day"), [("", ""), ("year", "2026-11-21"), ("week", "yesterday"), ("week", "2026-02-31"), ("week", "９９９９")]
)
def test_what_cannot_be_read_is_this_week(span: str, day: str) -> None:
    assert read_period(span, day, date(2026, 11, 21)).first == date(2026, 11, 16)


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_days_out_of_all_reason_still_have_a_period_and_moments(day: str) -> None:
    for span in Span:
        period = read_period(span, day, date(2026, 11, 21))
        assert period.moments(SHANGHAI) < period.following.moments(SHANGHAI)
        assert period.before.first < period.first


def test_a_period_begins_at_local_midnight() -> None:
    begins, ends = period_of(Span.WEEK, date(2026, 11, 21)).moments(SHANGHAI)
    assert begins.isoformat() == "2026-11-15T16:00:00+00:00"
    assert ends - begins == timedelta(days=7)


@pytest.mark.parametrize("status", Status)
def test_every_state_has_one_fate_and_only_what_is_open_can_be_late(status: Status) -> None:
    on_time, overdue = fate(status, overdue=False), fate(status, overdue=True)
    assert on_time is not Fate.LATE
    assert (overdue is Fate.LATE) == (on_time is Fate.OPEN)
    assert status in statuses_of(on_time)
    assert status in statuses_of(overdue)


def test_fates_add_up_to_what_was_asked() -> None:
    tally = Tally()
    for found, many in ((Fate.MET, 8), (Fate.UNMET, 2), (Fate.OPEN, 5), (Fate.LATE, 1), (Fate.WITHDRAWN, 3)):
        tally.add(found, many)
    assert tally.count("asked") == 19
    assert tally.count("late") == 1
    assert tally.share == 0.8
    assert Tally().share is None


def test_every_figure_has_its_meaning() -> None:
    assert {"asked", *Fate} <= figures.MEANINGS.keys()


def test_a_step_is_measured_from_the_step_before() -> None:
    minutes = dict(zip(Stage, (10, 30, 50, 200, None), strict=True))
    moments = {stage: None if late is None else NOON + timedelta(minutes=late) for stage, late in minutes.items()}
    took = stage_seconds(NOON, moments)
    assert [round(took[stage] / 60) for stage in list(Stage)[:4]] == [10, 20, 20, 150]
    assert Stage.RATED not in took


def test_a_step_that_was_skipped_or_taken_again_says_nothing() -> None:
    """Claimed without an offer: neither "verified → offered" nor "offered → accepted" was measured."""
    moments = {
        Stage.VERIFIED: NOON,
        Stage.DISPATCHED: None,
        Stage.ACCEPTED: NOON + timedelta(hours=2),
        Stage.SERVED: NOON,
        Stage.RATED: None,
    }
    assert stage_seconds(NOON, moments) == {Stage.VERIFIED: 0.0}


def test_median_and_nine_of_ten_are_of_the_measured_times() -> None:
    assert times([]) is None
    assert times([7.0]) == figures.Times(1, 7.0, 7.0)
    assert times([float(n) for n in range(10, 0, -1)]) == figures.Times(10, 5.5, 9.0)


@given(any_of.lists(any_of.floats(0, 1e9), min_size=1, max_size=80))
def test_nine_of_ten_took_no_longer(seconds: list[float]) -> None:
    found = times(seconds)
    assert found is not None
    assert found.ninety in seconds
    assert sum(one <= found.ninety for one in seconds) >= 0.9 * len(seconds)


def test_few_ratings_are_not_shown_and_some_are_drawn_towards_everybodys() -> None:
    assert stars([5] * 4, 4.0).mean is None
    assert stars([5] * 5, 4.0).mean == pytest.approx((25 + 40) / 15)
    assert stars([1] * 100, 4.0).mean == pytest.approx(140 / 110)
