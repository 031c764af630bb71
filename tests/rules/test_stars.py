"""Hours make somebody eligible: the way to the next star, what counts, what is proposed, and the days of a notice."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volunteer.kernel.errors import Invalid
from volunteer.ledger.models import Grade
from volunteer.places.adopting import check_ranges
from volunteer.places.models import PolicyKind
from volunteer.places.terms import Stars
from volunteer.recognition.stars import counted, notice_of, progress, proposal, reached

USUAL = Stars().thresholds
RISING = st.lists(st.integers(1, 10**6), min_size=5, max_size=5, unique=True).map(sorted)
DAY = date(2026, 2, 28)


@pytest.mark.parametrize(
    ("minutes", "stars", "share", "left"),
    [
        (0, 0, 0.0, 6_000),
        (3_000, 0, 0.5, 3_000),
        (6_000, 1, 0.0, 12_000),
        (12_000, 1, 0.5, 6_000),
        (90_000, 5, 1.0, 0),
        (10**6, 5, 1.0, 0),
    ],
)
def test_the_ring_shows_the_way_to_the_next_star(minutes, stars, share, left):
    shown = progress(minutes, USUAL)
    assert (shown.stars, shown.share, shown.left) == (stars, share, left)
    assert shown.next == (stars + 1 if stars < len(USUAL) else None)


@given(RISING, st.integers(0, 2 * 10**6))
def test_the_way_is_never_more_than_whole_and_what_is_left_leads_exactly_to_the_next_star(thresholds, minutes):
    shown = progress(minutes, thresholds)
    assert 0 <= shown.share <= 1
    assert reached(minutes + shown.left, thresholds) == (shown.next or len(thresholds))
    if shown.left > 1:
        assert reached(minutes + shown.left - 1, thresholds) == shown.stars


@given(st.dictionaries(st.sampled_from([*Grade, None]), st.integers(0, 10**5)), st.sampled_from("abcd"))
def test_weaker_evidence_never_adds_where_a_stronger_one_is_wanted(by_grade, weakest):
    minutes = counted(by_grade, weakest)
    assert minutes <= counted(by_grade, "d") == sum(by_grade.values())
    if weakest != "d":
        assert minutes == counted({grade: m for grade, m in by_grade.items() if grade not in (None, Grade.D)}, weakest)


@given(RISING, st.integers(0, 2 * 10**6), st.integers(0, 5))
def test_only_a_higher_star_than_the_ones_held_is_proposed_and_never_to_who_left(thresholds, minutes, held):
    made = proposal(minutes, thresholds, held, active=True)
    assert made.stars == reached(minutes, thresholds)
    assert made.propose == (made.stars if made.stars > held else None)
    assert proposal(minutes, thresholds, held, active=False).propose is None


@given(st.dates(date(2020, 1, 1), date(2090, 1, 1)), st.integers(0, 60))
def test_a_notice_hangs_for_all_its_days_and_without_days_not_at_all(day, days):
    notice = notice_of(day, days)
    assert notice.is_over(day) is (days == 0)
    assert not days or not notice.is_over(day + timedelta(days=days))
    assert notice.is_over(day + timedelta(days=days + 1))


def test_a_notice_of_seven_days_ends_a_week_later():
    assert notice_of(DAY, 7).until == date(2026, 3, 7)


@pytest.mark.parametrize("values", [{"two": 6_000}, {"one": 20_000}, {"five": 60_000}, {"three": 17_999}])
def test_stars_that_do_not_rise_are_refused_beside_their_field(values):
    with pytest.raises(Invalid) as refused:
        check_ranges(PolicyKind.STARS, values)
    assert refused.value.fields


def test_the_usual_stars_are_accepted():
    check_ranges(PolicyKind.STARS, {"one": 3_000, "two": 9_000})
