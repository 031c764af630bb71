"""What a plan weighs, what it says about whoever stays without, and what it refuses."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from tests.support.boards import HOME, MORNING, POLICY, SATURDAY, TODAY, a_request, a_team
from volunteer.matching import (
    Obstacle,
    assign,
)
from volunteer.matching.flow import network


def test_urgent_first_then_as_many_as_possible_then_the_best():
    calm, urgent = a_request(1), a_request(2, point=(31.21, 120.64), urgency=1.0)
    assert assign([calm, urgent], [a_team(1)], POLICY).teams == {2: 1}  # though the calm one is at the door
    near, far = a_team(1, reach_km=4), a_team(2, point=(31.2, 120.64))
    between = a_request(3, point=(31.19, 120.64))
    assert assign([calm, between], [near, far], POLICY).teams == {1: 1, 3: 2}
    assert assign([calm, between], [replace(near, reach_km=8), replace(far, reach_km=1.5)], POLICY).teams == {1: 1, 3: 2}
    assert assign([calm, replace(between, point=HOME)], [near, replace(far, reach_km=8)], POLICY).served == 2


def test_work_is_spread_by_the_price_of_the_next_order():
    teams = [a_team(1, capacity=4), a_team(2, capacity=4, point=(31.161, 120.64))]
    requests = [a_request(number) for number in range(1, 5)]
    assert list(assign(requests, teams, replace(POLICY, load_price=0.0)).teams.values()) == [1, 1, 1, 1]
    spread = assign(requests, teams, replace(POLICY, load_price=0.5))
    assert sorted(spread.teams.values()) == [1, 1, 2, 2]
    assert sorted(match.price for match in spread.matches) == pytest.approx([0, 0, 0.5 / 16, 0.5 / 16])


def test_a_price_says_how_sought_after_a_team_is():
    sought, other = a_team(1), a_team(2, point=(31.17, 120.64))
    plan = assign([a_request(1), a_request(2)], [sought, other], POLICY)
    without = assign([a_request(1), a_request(2)], [sought, replace(other, id=3), replace(sought, id=4)], POLICY)
    assert plan.prices == {1: pytest.approx(without.total - plan.total, abs=1e-6)}


@pytest.mark.parametrize(
    ("teams", "request_", "reason"),
    [
        ([], {}, Obstacle.NOBODY),
        ([{"skills": {"haircut": 1.0}}], {}, Obstacle.MISSING_SKILL),
        ([{}], {"risky_on": TODAY}, Obstacle.NOT_INSURED),
        ([{"availability": MORNING}], {"window": SATURDAY}, Obstacle.NO_TIME),
        ([{"availability": 0}], {}, Obstacle.NO_TIME),
        ([{"point": (31.36, 120.64)}], {}, Obstacle.TOO_FAR),
        ([{"capacity": 0}], {}, Obstacle.FULL),
        ([{"load": 1}], {}, Obstacle.FULL),
    ],
)
def test_whoever_stays_without_hears_what_left_nobody(teams, request_, reason):
    crew = [a_team(number, **changes) for number, changes in enumerate(teams, start=1)]
    [one] = assign([a_request(**request_)], crew, POLICY).unserved
    assert one.reason is reason


def test_reasons_count_and_measure():
    [far] = assign([a_request()], [a_team(point=(31.36, 120.64))], POLICY).unserved
    assert far.facts == {"teams": 1, "metres": pytest.approx(22_239, abs=1), "reach_metres": 8000}
    first, second = (
        assign([a_request(1), a_request(2)], [a_team()], POLICY),
        assign([a_request()], [a_team()], POLICY, forbidden={(1, 1)}),
    )
    assert [(one.reason, one.facts) for one in first.unserved] == [(Obstacle.ALL_TAKEN, {"teams": 1})]
    assert [one.reason for one in second.unserved] == [Obstacle.RULED_OUT]
    dear = assign([a_request()], [a_team()], POLICY, prices={1: 3.0}, most_first=False)
    assert [one.reason for one in dear.unserved] == [Obstacle.NOT_WORTH]


def test_a_lock_beats_what_weighs_more_and_a_lock_too_many_is_refused():
    requests = [a_request(1), a_request(2, urgency=1.0), a_request(3)]
    plan = assign(requests, [a_team()], POLICY, locked={1: 1, 3: 1})
    assert plan.teams == {1: 1}
    assert {one.request_id: one.reason for one in plan.unserved} == {2: Obstacle.ALL_TAKEN, 3: Obstacle.FULL}
    assert plan.match(1).rank == 1
    assert plan.match(3) is None


@pytest.mark.parametrize(
    ("call", "complaint"),
    [
        (lambda: assign([a_request(), a_request()], [a_team()], POLICY), "request 1 comes twice"),
        (lambda: assign([a_request()], [a_team(), a_team()], POLICY), "twice"),
        (lambda: assign([a_request()], [a_team()], POLICY, near=0), "near is 0"),
        (lambda: assign([a_request()], [a_team()], POLICY, locked={1: 9}), "request 1 is locked to team 9"),
        (lambda: assign([a_request()], [a_team()], POLICY, locked={8: 1}), "request 8 is locked to team 1"),
        (lambda: assign([a_request()], [a_team()], POLICY, locked={1: 1}, forbidden={(1, 1)}), "forbidden"),
        (lambda: assign([a_request()], [a_team()], POLICY, prices={1: math.nan}), "price of team 1"),
        (lambda: assign([a_request()], [a_team()], POLICY, prices={1: 1e9}), "above 1000"),
        (lambda: assign([a_request()] * 1_000_000, [a_team()], POLICY), "1000000 requests are more than 250000"),
        (lambda: network(np.array([0]), np.array([0]), np.array([0.5]), np.array([1])), "whole numbers"),
        (lambda: network(np.array([0]), np.array([3]), np.array([5]), np.array([1])), "not there"),
        (lambda: network(np.array([0, 0]), np.array([0, 0]), np.array([5, 5]), np.array([1])), "twice"),
        (lambda: network(np.array([0]), np.array([0]), np.array([5]), np.array([-1])), "negative"),
        (lambda: network(np.array([0]), np.array([0]), np.array([5]), np.array([2]), seat_prices=np.array([3, 1])), "rising"),
    ],
)
def test_nonsense_is_refused_in_words(call, complaint):
    with pytest.raises(ValueError, match=complaint):
        call()


def test_nothing_to_plan_is_a_plan():
    plan = assign([], [a_team()], POLICY)
    assert (plan.teams, plan.matches, plan.unserved, plan.total, plan.gap, plan.prices) == ({}, (), (), 0, 0, {})
    assert assign([], [], POLICY).served == 0


def test_capacities_beyond_all_need_do_no_harm():
    plan = assign([a_request(1), a_request(2)], [a_team(capacity=10**9)], POLICY)
    assert plan.teams == {1: 1, 2: 1}
