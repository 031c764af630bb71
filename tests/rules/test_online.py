"""Orders that do not wait: the best score less what the team's seat will be worth to the rest of the day."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from volunteer.matching.online import Learning, OnlineDispatch, at_this_hour, rests, size_chances, soft_prices

SMALL = Learning(sample=60, first=30)


def a_day(rng, count=30, teams=6):
    return rng.random((count, teams)), rng.random((count, teams)) < 0.7


def play(policy, scores, able, capacity):
    left, chosen = capacity.copy(), []
    policy.start(capacity)
    for one, can in zip(scores, able, strict=True):
        team = policy.choose(one, can, left)
        chosen.append(team)
        if team >= 0:
            assert can[team]
            assert left[team] > 0
            left[team] -= 1
    policy.finish(scores, able, capacity)
    return chosen


def worth(scores, chosen):
    return sum(scores[i, team] for i, team in enumerate(chosen) if team >= 0)


@given(st.integers(0, 10_000))
@settings(max_examples=25, deadline=None)
def test_without_history_the_best_free_team_is_chosen(seed):
    rng = np.random.default_rng(seed)
    scores, able = a_day(rng)
    capacity = rng.integers(0, 4, 6)
    left = capacity.copy()
    for one, can, team in zip(scores, able, play(OnlineDispatch(), scores, able, capacity), strict=True):
        free = can & (left > 0)
        assert team == (int(np.where(free, one, -1).argmax()) if free.any() else -1)
        if team >= 0:
            left[team] -= 1


def test_with_seats_for_many_times_the_orders_prices_are_0_and_the_best_score_wins():
    rng = np.random.default_rng(1)
    policy, capacity = OnlineDispatch(SMALL), np.full(6, 10_000)
    for _ in range(3):
        scores, able = a_day(rng)
        chosen = play(policy, scores, able, capacity)
        best = np.where(able.any(axis=1), np.where(able, scores, -1).argmax(axis=1), -1)
        assert chosen == best.tolist()


@given(st.integers(0, 10_000))
@settings(max_examples=15, deadline=None)
def test_nobody_unable_or_full_is_ever_chosen_and_the_same_days_are_decided_the_same_way(seed):
    rng = np.random.default_rng(seed)
    days = [a_day(rng, int(rng.integers(0, 40))) for _ in range(4)]
    capacity = rng.integers(0, 5, 6)
    one, other = OnlineDispatch(SMALL), OnlineDispatch(SMALL)
    for scores, able in days:
        assert play(one, scores, able, capacity) == play(other, scores, able, capacity)


def test_a_team_that_others_will_need_is_kept_for_them():
    """Ten orders either team can do, the first a little better; then ten that only the first can do."""
    scores = np.array([[0.9, 0.85]] * 10 + [[0.9, 0.0]] * 10)
    able = np.array([[True, True]] * 10 + [[True, False]] * 10)
    capacity, policy = np.array([10, 10]), OnlineDispatch()
    plain = play(policy, scores, able, capacity)
    for _ in range(10):
        learned = play(policy, scores, able, capacity)
    assert worth(scores, plain) == pytest.approx(9.0)
    assert worth(scores, learned) > 16.5  # of 17.5


def test_orders_that_come_together_take_no_more_than_the_seats_and_the_best_together():
    scores, able = np.array([[0.9, 0.8], [0.9, 0.1]]), np.ones((2, 2), bool)
    policy = OnlineDispatch()
    policy.start(np.array([1, 1]))
    assert policy.choose_many(scores, able, np.array([1, 1])).tolist() == [1, 0]
    assert policy.choose_many(scores, able, np.array([1, 0])).tolist().count(0) == 1
    assert policy.choose_many(scores, able & False, np.array([1, 1])).tolist() == [-1, -1]
    assert policy.choose_many(scores[:0], able[:0], np.array([1, 1])).tolist() == []


def test_prices_ask_every_team_for_at_most_its_seats():
    rng = np.random.default_rng(3)
    orders = rng.random((200, 5)).astype(np.float32)
    seats = np.array([3, 10, 20, 40, 80])
    prices = soft_prices(orders, seats, 100, np.zeros(5, np.float32), 400, 0.03)
    weight = np.exp((orders - prices) / 0.03)
    asked = (weight / (1 + weight.sum(axis=1, keepdims=True))).mean(axis=0) * 100
    assert (asked <= seats * 1.01).all()
    assert prices[0] > prices[-1] >= 0


def test_a_day_is_expected_to_be_like_its_day_of_the_week():
    sizes = [400, 410, 390, 420, 400, 100, 90] * 3
    chances = size_chances(sizes, Learning(doubt=0.1))
    assert chances.sum() == pytest.approx(1)
    assert 350 < chances @ np.arange(len(chances)) < 420
    quiet = size_chances(sizes[:-2], Learning(doubt=0.1))
    assert quiet @ np.arange(len(quiet)) < 160


def test_so_many_may_still_come():
    chances = size_chances([100], Learning())
    assert (np.diff(rests(chances, 0, 5)) >= 0).all()
    assert rests(chances, 90, 5).mean() < rests(chances, 0, 5).mean()
    assert (rests(chances, 10**6, 5) > 0).all()


def test_the_hour_says_how_large_the_day_gets():
    chances = size_chances([100, 200, 400], Learning(spread=0.4))
    size = np.arange(len(chances))
    few, many = at_this_hour(chances, 50, 0.5), at_this_hour(chances, 200, 0.5)
    assert few @ size / few.sum() < 160 < 300 < many @ size / many.sum()


def test_batches_learn_at_which_hours_orders_come():
    rng = np.random.default_rng(5)
    policy, capacity = OnlineDispatch(SMALL), np.full(6, 4)
    hours = np.repeat([8, 9, 10], 10)
    for _ in range(3):
        scores, able = a_day(rng)
        left = capacity.copy()
        policy.start(capacity)
        for hour in (8, 9, 10):
            here = hours == hour
            for team in policy.choose_many(scores[here], able[here], left, hour=hour):
                if team >= 0:
                    left[team] -= 1
        assert (left >= 0).all()
        policy.finish(scores, able, capacity, hours)


def test_figures_that_cannot_be_are_refused_by_name():
    with pytest.raises(ValueError, match="softness"):
        Learning(softness=0)
    with pytest.raises(ValueError, match="doubt"):
        Learning(doubt=2)
