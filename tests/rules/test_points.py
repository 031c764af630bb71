"""积分: whole numbers all the way, caps that hold whatever the order of acts, and dates that do not get younger."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volunteer.ledger.lots import Step, by_day, lots, take
from volunteer.ledger.models import Grade
from volunteer.ledger.point_rules import SoFar, Terms, bonus_for, capped, points_for, rule_of, runs_out, version_of

WEIGHTS = st.integers(0, 10_000)
TERMS = st.builds(
    Terms,
    per_hour=st.integers(0, 1000),
    categories=st.dictionaries(st.sampled_from(["repair", "care"]), WEIGHTS),
    grades=st.dictionaries(st.sampled_from(["a", "b", "c", "d"]), WEIGHTS),
    holiday=WEIGHTS,
    per_activity=st.integers(0, 500),
    per_day=st.integers(0, 500),
    per_month=st.integers(0, 500),
)


@pytest.mark.parametrize(
    ("minutes", "kind", "grade", "holiday", "points"),
    [
        (60, "", Grade.B, False, 10),
        (59, "", Grade.B, False, 9),  # 9.83 is rounded down
        (90, "care", Grade.A, False, 24),  # 15 × 1.5 × 1.1 = 24.75
        (90, "care", Grade.A, True, 49),  # 49.5: rounded once, not at each step
        (90, "care", Grade.C, False, 11),  # 15 × 1.5 × 0.5 = 11.25
        (90, "none", Grade.A, False, 0),
        (0, "care", Grade.A, True, 0),
        (5, "", None, False, 0),
    ],
)
def test_points_are_minutes_times_weights_rounded_down_once(minutes, kind, grade, holiday, points):
    terms = Terms(per_hour=10, categories={"care": 1500, "none": 0}, grades={"a": 1100, "c": 500}, holiday=2000)
    assert points_for(minutes, kind, grade, holiday, terms) == points


@given(
    TERMS,
    st.integers(0, 1440),
    st.integers(0, 1440),
    st.sampled_from(["repair", "care", "x"]),
    st.sampled_from(Grade),
    st.booleans(),
)
def test_more_minutes_never_bring_fewer_points_and_parts_never_more_than_the_whole(terms, one, other, kind, grade, off):
    parts = [points_for(minutes, kind, grade, off, terms) for minutes in (one, other)]
    whole = points_for(one + other, kind, grade, off, terms)
    assert max(parts) <= whole
    assert sum(parts) <= whole <= sum(parts) + 1


@given(TERMS, st.lists(st.integers(0, 300), max_size=12))
def test_no_order_of_acts_gets_over_a_cap(terms, asked):
    before = SoFar()
    for points in asked:
        got = capped(points, before, terms)
        assert 0 <= got <= points
        before = before.plus(got)
    for cap, used in ((terms.per_activity, before.activity), (terms.per_day, before.day), (terms.per_month, before.month)):
        assert not cap or used <= cap
    caps = [cap for cap in (terms.per_activity, terms.per_day, terms.per_month) if cap]
    assert before.day == min([sum(asked), *caps])


def test_only_good_ratings_bring_a_bonus_even_if_a_row_says_otherwise():
    terms = Terms(bonus={"1": 50, "3": 1, "5": 5})
    assert [bonus_for(stars, terms) for stars in range(1, 6)] == [0, 0, 1, 0, 5]


@pytest.mark.parametrize(
    ("born", "months", "last"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2027, 12, 1), 2, date(2028, 2, 29)),
        (date(2026, 11, 30), 1, date(2026, 12, 31)),
        (date(2026, 11, 1), 24, date(2028, 11, 30)),
        (date(2026, 11, 1), 0, None),
    ],
)
def test_points_run_out_at_the_end_of_a_month(born, months, last):
    assert runs_out(born, months) == last


def test_terms_are_read_as_they_were_stored_and_forget_what_they_do_not_know():
    terms = Terms(categories={"care": 1500}, warn_days=(30,))
    assert Terms.read(terms.stored() | {"of_next_year": 1}) == terms
    assert rule_of(version_of(7)) == 7
    assert rule_of("hours:7") is rule_of("points:") is None


@st.composite
def lives(draw):
    """Steps of one account that never has less than nothing, with what is held coming back whole, in part or never."""
    steps, balance, out = [], 0, {}
    day = date(2026, 1, 1)
    for number in range(draw(st.integers(0, 25))):
        day += timedelta(days=draw(st.integers(0, 40)))
        what = draw(st.sampled_from(["in", "out", "back"]))
        if what == "out" and balance:
            points = draw(st.integers(1, balance))
            tag = draw(st.sampled_from(["", "redemption:1", "redemption:2", "order:1"]))
            out[tag] = out.get(tag, 0) + points
            steps.append(Step(-points, tag))
            balance -= points
        elif what == "back" and (held := [tag for tag, points in out.items() if points and tag]):
            tag = draw(st.sampled_from(held))
            points = draw(st.integers(1, out[tag]))
            out[tag] -= points
            steps.append(Step(points, tag, returns=True, born=day, runs_out=day + timedelta(days=999)))
            balance += points
        else:
            points = draw(st.integers(1, 50))
            ends = draw(st.none() | st.integers(0, 300).map(lambda days, day=day: day + timedelta(days=days)))
            steps.append(Step(points, f"order:{number % 3}", born=day, runs_out=ends, site=number % 2))
            balance += points
    return steps, balance


@given(lives())
def test_lots_sum_to_the_balance_and_stand_in_their_turn(life):
    steps, balance = life
    found = lots(steps)
    assert sum(lot.points for lot in found) == balance == sum(lot.points for lot in by_day(found).values())
    assert all(lot.points > 0 for lot in found)
    assert [lot.turn for lot in found] == sorted(lot.turn for lot in found)


@given(lives())
def test_what_comes_back_whole_has_its_old_dates(life):
    steps, balance = life
    if not balance:
        return
    before = by_day(lots(steps))
    for points in (balance, max(1, balance // 2)):
        there_and_back = [*steps, Step(-points, "exchange:9"), Step(points, "exchange:9", returns=True, born=date(2030, 1, 1))]
        assert {key: lot.points for key, lot in by_day(lots(there_and_back)).items()} == {
            key: lot.points for key, lot in before.items()
        }


def test_what_runs_out_first_is_spent_first_and_what_is_taken_back_is_its_own():
    first = Step(10, "order:1", born=date(2026, 1, 1), runs_out=date(2026, 6, 30))
    later = Step(10, "order:2", born=date(2026, 2, 1), runs_out=date(2026, 3, 31))
    ever = Step(10, "order:3", born=date(2025, 1, 1))
    assert [(lot.tag, lot.points) for lot in lots([ever, first, later, Step(-12)])] == [("order:1", 8), ("order:3", 10)]
    undone = lots([ever, first, later, Step(-10, "order:3")])
    assert [lot.tag for lot in undone] == ["order:2", "order:1"]


def test_nobody_spends_what_is_not_there():
    with pytest.raises(ValueError, match="more went out"):
        lots([Step(5), Step(-6)])
    assert take([], 3) == ([], [])
