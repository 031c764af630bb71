"""A plan for everything at once is the best there is, keeps every condition and says why somebody stays without."""

from __future__ import annotations

import math
import random
from dataclasses import replace
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.boards import POLICY, boards, policies
from volunteer.matching import (
    Obstacle,
    Request,
    Roster,
    Team,
    assign,
    score,
    why_not,
)
from volunteer.matching.optimum import LEVELS


def value_of(requests, teams, policy, most_first=True, forbidden=(), locked=None):
    """Return the best (served by urgency, most urgent first; sum of nets), by trying everything."""
    steps = range(LEVELS, -1, -1)
    by_id = {team.id: team for team in teams}

    @cache
    def best(place, loads):
        if place == len(requests):
            return ((0,) * len(steps) if most_first else (), 0.0)
        request = requests[place]
        must = (locked or {}).get(request.id)
        found = [] if must else [best(place + 1, loads)]
        for team_id, load in loads:
            if (must and team_id != must) or (request.id, team_id) in forbidden:
                continue
            match = score(request, replace(by_id[team_id], load=load), policy)
            if match is None:
                continue
            rest = best(place + 1, tuple((other, has + (other == team_id)) for other, has in loads))
            if rest is None:
                continue
            served = tuple(n + (math.ceil(LEVELS * request.urgency) == step) for n, step in zip(rest[0], steps, strict=False))
            found.append((served, rest[1] + match.net))
        return max((one for one in found if one), default=None)

    return best(0, tuple((team.id, team.load) for team in teams))


def value_in(plan, most_first=True):
    by_id = {request.id: request for request in plan.requests}
    levels = [math.ceil(LEVELS * by_id[request_id].urgency) for request_id in plan.teams]
    served = tuple(levels.count(step) for step in range(LEVELS, -1, -1)) if most_first else ()
    return served, plan.total


def the_same(one, other):
    return one[0] == other[0] and one[1] == pytest.approx(other[1], abs=1e-5)


@settings(max_examples=200, deadline=None)
@given(boards(), policies, st.integers(1, 5), st.booleans())
def test_a_plan_is_the_best_of_all_that_could_be_tried(board, policy, near, most_first):
    requests, teams = board
    plan = assign(requests, teams, policy, near=near, most_first=most_first)
    assert the_same(value_in(plan, most_first), value_of(requests, teams, policy, most_first))
    assert plan.gap == 0
    assert plan.bound == plan.total


@settings(max_examples=60, deadline=None)
@given(boards(), policies)
def test_every_order_is_planned_or_has_its_reason(board, policy):
    requests, teams = board
    plan = assign(requests, teams, policy)
    out = [one.request_id for one in plan.unserved]
    assert sorted([*plan.teams, *out]) == sorted(request.id for request in requests)
    assert out == sorted(out)
    assert len(plan.matches) == len(plan.teams) == plan.served


@settings(max_examples=60, deadline=None)
@given(boards(orders=8), policies)
def test_no_condition_is_broken(board, policy):
    requests, teams = board
    plan = assign(requests, teams, policy)
    loads = {team.id: team for team in teams}
    for request in sorted(requests, key=lambda one: one.id):
        if request.id in plan.teams:
            team = loads[plan.teams[request.id]]
            assert why_not(request, team, policy) == []
            loads[team.id] = replace(team, load=team.load + 1)


@settings(max_examples=60, deadline=None)
@given(boards(), policies)
def test_the_matches_add_up_and_explain_themselves(board, policy):
    requests, teams = board
    plan = assign(requests, teams, policy)
    assert sum(match.net for match in plan.matches) == pytest.approx(plan.total, abs=1e-5)
    for request_id, match in plan.pairs():
        assert plan.match(request_id) == match
        assert match.rank >= 1
        assert match.price == pytest.approx(sum(match.reasons.prices.values()))


@settings(max_examples=60, deadline=None)
@given(boards(), policies, st.randoms())
def test_the_order_of_requests_and_teams_changes_nothing(board, policy, chance):
    requests, teams = board
    one = assign(requests, teams, policy)
    chance.shuffle(requests)
    chance.shuffle(teams)
    other = assign(requests, Roster(teams), policy)
    assert (one.teams, one.unserved, one.matches, one.prices) == (other.teams, other.unserved, other.matches, other.prices)


@settings(max_examples=60, deadline=None)
@given(boards(), policies)
def test_one_team_more_never_makes_it_worse(board, policy):
    requests, teams = board
    if teams:
        fewer, all_of_them = assign(requests, teams[1:], policy), assign(requests, teams, policy)
        (served, total), (before, less) = value_in(all_of_them), value_in(fewer)
        assert (served, total + 1e-5) >= (before, less)


@settings(max_examples=60, deadline=None)
@given(boards(), policies, st.data())
def test_what_is_forbidden_is_not_done_and_the_rest_is_still_the_best(board, policy, data):
    requests, teams = board
    pairs = [(request.id, team.id) for request in requests for team in teams]
    forbidden = data.draw(st.sets(st.sampled_from(pairs))) if pairs else set()
    plan = assign(requests, teams, policy, forbidden=forbidden, near=2)
    assert not forbidden & set(plan.teams.items())
    assert the_same(value_in(plan), value_of(requests, teams, policy, forbidden=forbidden))


@settings(max_examples=60, deadline=None)
@given(boards(), policies, st.data())
def test_locks_are_kept_or_refused_with_the_obstacle(board, policy, data):
    requests, teams = board
    if not requests or not teams:
        return
    ids = [team.id for team in teams]
    locked = data.draw(st.dictionaries(st.sampled_from([one.id for one in requests]), st.sampled_from(ids), max_size=3))
    plan = assign(requests, teams, policy, locked=locked)
    refused = {one.request_id: one for one in plan.unserved if "wished" in one.facts}
    for request_id, team_id in locked.items():
        if request_id in refused:
            assert refused[request_id].facts["wished"] == team_id
            taken = sum(to == team_id and one not in refused for one, to in locked.items())
            laden = [replace(team, load=team.load + taken) for team in teams if team.id == team_id]
            wishing = next(one for one in requests if one.id == request_id)
            assert refused[request_id].reason in {reason.obstacle for reason in why_not(wishing, laden[0], policy)}
        else:
            assert plan.teams[request_id] == team_id
    if not refused:
        assert the_same(value_in(plan), value_of(requests, teams, policy, locked=locked))


@settings(max_examples=60, deadline=None)
@given(boards(orders=6), policies)
def test_the_reasons_are_true(board, policy):
    requests, teams = board
    plan = assign(requests, teams, policy)
    by_id = {request.id: request for request in requests}
    loads = {team.id: team.load + list(plan.teams.values()).count(team.id) for team in teams}
    for one in plan.unserved:
        request = by_id[one.request_id]
        obstacles = [{reason.obstacle for reason in why_not(request, team, policy)} for team in teams]
        if one.reason is Obstacle.ALL_TAKEN:
            able = [team for team, found in zip(teams, obstacles, strict=True) if not found]
            assert able
            assert len(able) == one.facts["teams"]
            assert all(loads[team.id] >= team.capacity for team in able)
        else:
            assert all(obstacles)
            if one.reason is Obstacle.NOBODY:
                assert not teams
            elif one.reason is not Obstacle.FULL:
                assert any(one.reason in found for found in obstacles)
            else:
                assert {Obstacle.FULL} in obstacles


@settings(max_examples=60, deadline=None)
@given(boards(), st.dictionaries(st.integers(1, 99), st.floats(0, 0.5), max_size=4))
def test_learned_prices_are_taken_off(board, prices):
    requests, teams = board
    plan = assign(requests, teams, POLICY, prices=prices)
    for match in plan.matches:
        assert match.reasons.prices.get("learned", 0.0) == prices.get(match.team_id, 0.0)


@pytest.mark.parametrize("seed", range(25))
def test_poles_the_date_line_and_the_far_side_of_the_earth_are_places_too(seed):
    chance = random.Random(seed)
    edges = [(90.0, 0.0), (-90.0, 10.0), (0.0, 180.0), (0.0, -180.0), (10.0, 179.99), (10.0, -179.99)]

    def somewhere():
        return chance.choice([*edges, (chance.uniform(-90, 90), chance.uniform(-180, 180))])

    reaches = (5, 500, 8_000, 20_015, 20_016, 30_000)
    teams = [
        Team(number, somewhere(), {"nursing": chance.random()}, chance.choice(reaches), chance.randint(0, 2))
        for number in range(1, 6)
    ]
    requests = [Request(number, somewhere(), frozenset({"nursing"}), urgency=chance.choice((0, 1))) for number in range(1, 7)]
    policy = replace(POLICY, reach_km=chance.choice((20, 5_000, 25_000)), scale_km=chance.choice((2, 500, 5_000)))
    plan = assign(requests, teams, policy, near=chance.choice((1, 50)))
    assert the_same(value_in(plan), value_of(requests, teams, policy))
    assert len(plan.matches) + len(plan.unserved) == len(requests)
