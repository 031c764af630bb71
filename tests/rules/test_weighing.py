"""Weighing two teams against each other: points add up to the score, and what is said to turn the order around does turn it."""

from __future__ import annotations

from dataclasses import asdict, replace

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from volunteer.matching import Policy, Request, Team, Weights, rank
from volunteer.matching.weighing import Way, apart, policy_kept, ways_up, weighed

HOME = (31.16, 120.64)
POLICY = Policy(version=7)
shares = st.floats(0.05, 1)


def team(number: int, **changes) -> Team:
    return replace(Team(number, HOME, {"lamp": 0.9}, reach_km=9, capacity=4, rating=0.8, ratings=10), **changes)


@st.composite
def two_teams(draw):
    return [
        team(
            number,
            point=(HOME[0] + draw(st.floats(0, 0.06)), HOME[1]),
            skills={"lamp": draw(shares)},
            load=draw(st.integers(0, 3)),
            rating=draw(shares),
            ratings=draw(st.integers(0, 40)),
        )
        for number in (1, 2)
    ]


wishes = st.builds(
    lambda urgency, known: Request(1, HOME, frozenset({"lamp"}), urgency=urgency, continuity=known),
    st.sampled_from((0.0, 0.5, 1.0)),
    st.dictionaries(st.integers(1, 2), st.just(1.0)),
)
prices = st.dictionaries(st.integers(1, 2), st.floats(0, 0.3))


def both(request, teams, given_prices=None):
    return [weighed(match, request.urgency) for match in rank(request, teams, POLICY, prices=given_prices)]


@given(wishes, two_teams(), prices)
def test_the_points_of_a_team_are_its_score_less_its_prices(request, teams, given_prices):
    for match in rank(request, teams, POLICY, prices=given_prices):
        one = weighed(match, request.urgency)
        assert one.net(POLICY) == pytest.approx(match.net, abs=1e-9)
        assert sum(value for value in one.points(POLICY).values() if value > 0) == pytest.approx(match.score, abs=1e-9)


@given(wishes, two_teams(), prices)
def test_what_sets_two_teams_apart_adds_up_to_the_difference(request, teams, given_prices):
    first, second = both(request, teams, given_prices)
    gap = first.net(POLICY) - second.net(POLICY)
    assert sum(by for _, by in apart(first, second, POLICY)) == pytest.approx(gap, abs=0.0005 * 6)
    assert [(name, -by) for name, by in apart(second, first, POLICY)] == apart(first, second, POLICY)
    assert ways_up(first, second, POLICY) == {} or gap == 0


@settings(max_examples=200)
@given(wishes, two_teams(), prices)
def test_each_way_alone_puts_the_second_level_with_the_first(request, teams, given_prices):
    first, second = both(request, teams, given_prices)
    assume(first.net(POLICY) - second.net(POLICY) > 1e-6)
    by_id = {one.id: one for one in teams}
    behind, ahead = by_id[second.team_id], by_id[first.team_id]
    for way, amount in ways_up(second, first, POLICY).items():
        if way is Way.NEARER:
            changed = replace(behind, point=(HOME[0] + amount / second.metres * (behind.point[0] - HOME[0]), HOME[1]))
        elif way is Way.FEWER:
            assert 0 < amount <= behind.load
            changed = replace(behind, load=behind.load - int(amount))
        else:
            given_now = behind.ratings + int(amount)
            changed = replace(behind, rating=(behind.rating * behind.ratings + amount) / given_now, ratings=given_now)
        now = {one.team_id: one.net(POLICY) for one in both(request, [ahead, changed], given_prices)}
        assert now[behind.id] >= now[ahead.id] - 1e-6


def test_what_cannot_be_is_not_said():
    request = Request(1, HOME, frozenset({"lamp"}))
    first, second = both(request, [team(1), team(2, skills={"lamp": 0.1})])
    assert ways_up(second, first, POLICY) == {}  # next door already, nothing in hand, and no rating is worth that much


def test_the_rules_of_a_day_are_read_back_as_they_were_kept():
    policy = Policy(weights=Weights(near=0.5), scale_km=3.0, version=12)
    assert policy_kept(asdict(policy)) == policy
    assert policy_kept(asdict(policy) | {"weights": asdict(policy.weights) | {"free": 0.2}, "beauty": 3}) == policy
