"""Whom to ask at once: chances from answers, the cheapest set exactly, budgets, the forgotten, quiet hours."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from itertools import combinations
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from volunteer.matching import waves
from volunteer.matching.waves import Answer, Choice, Part, Terms, Why

ZONE = ZoneInfo("Asia/Shanghai")
MONDAY = datetime(2026, 11, 16, 10, 0, tzinfo=ZONE)
DAY = timedelta(days=1)
TERMS = Terms()


def said(*yes: bool, ago: float = 1.0, at: datetime = MONDAY) -> list[Answer]:
    return [Answer(at - DAY * ago, one) for one in yes]


def chosen(choices, **how):
    return waves.next_wave(choices, how.pop("terms", TERMS), **how)


def test_a_team_that_nobody_knows_has_the_centres_mean():
    assert waves.chance_of_yes([], 0.37, TERMS, at=MONDAY) == pytest.approx(0.37)


def test_few_answers_prove_little_and_many_prove_much():
    one, ten = (waves.chance_of_yes(said(*[True] * n), 0.4, TERMS, at=MONDAY) for n in (1, 10))
    assert 0.4 < one < 0.65 < 0.8 < ten < 1


def test_old_answers_fade_towards_the_mean():
    fresh, old, ancient = (waves.chance_of_yes(said(*[False] * 6, ago=ago), 0.5, TERMS, at=MONDAY) for ago in (0, 90, 2000))
    assert fresh < old < ancient
    assert ancient == pytest.approx(0.5)


def test_a_team_that_only_says_no_on_workdays_is_likelier_at_the_weekend():
    saturday = MONDAY + 5 * DAY
    history = said(*[False] * 5, ago=7) + said(*[True] * 5, ago=7, at=saturday)
    workday, weekend = (waves.chance_of_yes(history, 0.5, TERMS, at=at) for at in (MONDAY, saturday))
    assert workday < 0.45 < 0.55 < weekend


@pytest.mark.parametrize(
    ("hour", "days", "part"),
    [(10, 0, Part.WORKDAY), (19, 0, Part.EVENING), (23, 0, Part.NIGHT), (5, 5, Part.NIGHT), (10, 5, Part.WEEKEND)],
)
def test_the_week_has_four_parts(hour, days, part):
    assert waves.part_of_week(MONDAY.replace(hour=hour) + days * DAY) is part


def test_the_mean_of_a_centre_without_answers_is_one_half_and_never_nothing():
    assert waves.mean_of(0, 0, TERMS) == 0.5
    assert 0 < waves.mean_of(0, 1000, TERMS) < waves.mean_of(1000, 1000, TERMS) < 1


def test_one_team_is_enough_where_one_is_wanted():
    found = chosen([Choice(1, 0.9, 0.6), Choice(2, 0.8, 0.6)])
    assert (found.team_ids, found.why) == ((1,), {1: Why.NEEDED})
    assert found.together == pytest.approx(0.6)


def test_an_urgent_order_asks_about_seven_when_few_answer():
    rng = random.Random(7)
    choices = [Choice(n, 1 - n / 100, rng.uniform(0.17, 0.47)) for n in range(40)]
    found = chosen(choices, urgent=True)
    assert 4 <= len(found.team_ids) <= 8
    assert found.together >= 0.9


def test_asking_one_more_is_cheaper_than_giving_away_much_of_the_score_but_not_at_a_high_price():
    choices = [Choice(1, 0.9, 0.3), Choice(2, 0.88, 0.3), Choice(3, 0.2, 0.7)]
    assert chosen(choices).team_ids == (1, 2)
    assert chosen(choices, terms=Terms(ask_price=1)).team_ids == (3,)


def test_a_refusal_brings_the_next_at_once_and_only_as_many_as_are_missing():
    rest = [Choice(n, 0.5, 0.5) for n in range(4, 9)]
    assert chosen(rest, urgent=True, waiting=(0.5, 0.5, 0.5, 0.5)).team_ids == ()
    assert chosen(rest, urgent=True, waiting=(0.5, 0.5, 0.5)).team_ids == (4,)
    assert chosen(rest, urgent=True, waiting=(0.5, 0.5)).team_ids == (4, 5)


def test_never_more_than_the_most_are_asked_at_once():
    choices = [Choice(n, 0.5, 0.05) for n in range(30)]
    assert len(chosen(choices, urgent=True).team_ids) == 8
    assert len(chosen(choices, urgent=True, waiting=(0.05,) * 5).team_ids) == 3
    assert chosen(choices, urgent=True, waiting=(0.05,) * 8).team_ids == ()


def test_a_team_over_its_budget_is_passed_over_with_the_reason():
    choices = [Choice(1, 0.9, 0.6, asked_today=3), Choice(2, 0.8, 0.6, asked_week=10), Choice(3, 0.7, 0.6)]
    found = chosen(choices)
    assert found.team_ids == (3,)
    assert found.passed_over == {1: Why.DAY_FULL, 2: Why.WEEK_FULL}


def test_urgent_and_nobody_else_the_least_tired_are_asked_all_the_same():
    choices = [Choice(1, 0.9, 0.6, asked_today=5), Choice(2, 0.8, 0.6, asked_today=3), Choice(3, 0.7, 0.8)]
    found = chosen(choices, urgent=True)
    assert found.why == {3: Why.NEEDED, 2: Why.LAST_RESORT}
    assert found.passed_over == {1: Why.DAY_FULL}
    assert chosen(choices[:2]).team_ids == ()  # what is not urgent waits


def test_the_longest_unasked_comes_first_when_hardly_worse():
    choices = [Choice(1, 0.9, 0.6), Choice(2, 0.86, 0.6, unasked_days=30), Choice(3, 0.87, 0.6, unasked_days=22)]
    assert chosen(choices).why == {2: Why.FORGOTTEN}
    assert chosen([choices[0], Choice(2, 0.7, 0.6, unasked_days=300)]).why == {1: Why.NEEDED}
    assert chosen([choices[0], Choice(2, 0.86, 0.6, unasked_days=21)]).why == {1: Why.NEEDED}


def test_a_forgotten_team_that_hardly_says_yes_does_not_come_alone():
    found = chosen([Choice(1, 0.9, 0.6), Choice(2, 0.88, 0.2, unasked_days=30)])
    assert found.why == {2: Why.FORGOTTEN, 1: Why.NEEDED}


def test_nobody_able_is_an_empty_wave():
    assert chosen([]).team_ids == ()


def test_a_team_that_never_says_yes_is_asked_when_there_is_no_other():
    assert chosen([Choice(1, 0.5, 0.0)]).team_ids == (1,)


chances = st.floats(0, 0.99)
nets = st.floats(-1, 2)
crowds = st.lists(st.tuples(nets, chances), min_size=1, max_size=9).map(
    lambda found: [Choice(n, round(net, 3), round(chance, 3)) for n, (net, chance) in enumerate(found)]
)


def _by_force(choices, missing, price, most):
    best = max(one.net for one in choices)
    costs = [
        price * len(group) + sum(best - one.net for one in group)
        for size in range(1, min(most, len(choices)) + 1)
        for group in combinations(choices, size)
        if 1 - waves.together(one.chance for one in group) <= 2**-missing + 1e-9
    ]
    return min(costs, default=None)


@given(crowds, st.floats(0.1, 6), st.sampled_from((0.0, 0.1, 0.25, 1.0, 4.0)), st.integers(1, 6))
@settings(max_examples=300, deadline=None)
def test_the_set_is_the_cheapest_of_all_or_the_likeliest_when_none_is_enough(choices, missing, price, most):
    found = waves.cheapest(choices, missing, price, most)
    cheapest = _by_force(choices, missing, price, most)
    assert 1 <= len(found) <= most
    if cheapest is None:
        likeliest = sorted((one.chance for one in choices), reverse=True)[:most]
        assert sorted((one.chance for one in found), reverse=True) == likeliest
    else:
        best = max(one.net for one in choices)
        assert price * len(found) + sum(best - one.net for one in found) == pytest.approx(cheapest)


@given(crowds, st.randoms(use_true_random=False), st.booleans())
@settings(max_examples=100, deadline=None)
def test_the_order_of_the_input_changes_nothing(choices, rng, urgent):
    shuffled = choices[:]
    rng.shuffle(shuffled)
    assert chosen(shuffled, urgent=urgent) == chosen(choices, urgent=urgent)


@given(crowds)
@settings(max_examples=100, deadline=None)
def test_at_a_high_price_no_smaller_set_would_do(choices):
    found = chosen(choices, terms=Terms(ask_price=100, wanted_urgent=0.9), urgent=True)
    fewer = len(found.team_ids) - 1
    likeliest = sorted((one.chance for one in choices), reverse=True)[:fewer]
    assert waves.together(likeliest) < 0.9


@pytest.mark.parametrize(
    ("hour", "quiet", "ends"),
    [(20, False, 0), (21, True, 10), (23, True, 8), (0, True, 7), (6, True, 1), (7, False, 0), (12, False, 0)],
)
def test_nights_are_quiet(hour, quiet, ends):
    moment = MONDAY.replace(hour=hour)
    assert waves.is_quiet(moment, TERMS) is quiet
    assert waves.end_of_quiet(moment, TERMS) == moment + timedelta(hours=ends)


def test_a_centre_may_have_no_quiet_hours_or_quiet_ones_at_noon():
    never, noon = Terms(quiet_from=0, quiet_to=0), Terms(quiet_from=12, quiet_to=14)
    assert not any(waves.is_quiet(MONDAY.replace(hour=hour), never) for hour in range(24))
    assert [hour for hour in range(24) if waves.is_quiet(MONDAY.replace(hour=hour), noon)] == [12, 13]
    assert waves.answer_by(MONDAY.replace(hour=11), 120, noon) == MONDAY.replace(hour=15)


@pytest.mark.parametrize(
    ("asked", "minutes", "until"),
    [
        ((0, 10, 0), 120, (0, 12, 0)),
        ((0, 20, 0), 60, (0, 21, 0)),
        ((0, 20, 0), 120, (1, 8, 0)),
        ((0, 23, 30), 120, (1, 9, 0)),
        ((1, 3, 0), 120, (1, 9, 0)),
        ((0, 20, 0), 60 + 14 * 60 + 30, (2, 7, 30)),
    ],
)
def test_an_answer_is_never_due_in_the_quiet_hours(asked, minutes, until):
    def moment(day, hour, minute):
        return MONDAY.replace(hour=hour, minute=minute) + day * DAY

    assert waves.answer_by(moment(*asked), minutes, TERMS) == moment(*until)
    assert waves.answer_by(moment(*asked), minutes, TERMS, urgent=True) == moment(*asked) + timedelta(minutes=minutes)


@pytest.mark.parametrize(
    "wrong",
    [
        {"wanted": 1.0}, {"wanted_urgent": -0.1}, {"ask_price": float("nan")}, {"tolerance": -1}, {"half_life": 0},
        {"prior_answers": 0}, {"quiet_from": 25}, {"most": 0},
    ],
)  # fmt: skip
def test_rules_that_cannot_be_are_refused(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Terms(**wrong)
