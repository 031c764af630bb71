"""Everything at once: the plan is the best there is, keeps every condition, says why somebody stays without, and can be proved."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from volunteer.matching import ALL_WEEK, Obstacle, Policy, Request, Roster, Team, Weights, assign, score, why_not
from volunteer.matching.optimum import LEVELS
from volunteer.matching.week import week_of

HOME = (31.16, 120.64)
SKILLS = ("electrician", "haircut", "nursing")
MORNING, SATURDAY = week_of((0, 8, 12)), week_of((5, 8, 12))
TODAY = date(2026, 11, 21)
POLICY = Policy()

places = st.tuples(st.floats(31.0, 31.3), st.floats(120.5, 120.8))
shares = st.floats(0, 1)
levels = st.sampled_from((0.0, 0.5, 1.0))


def a_team(team_id: int = 1, **changes) -> Team:
    return replace(Team(team_id, HOME, {"electrician": 0.9}, reach_km=8, capacity=1), **changes)


def a_request(request_id: int = 1, **changes) -> Request:
    return replace(Request(request_id, HOME, frozenset({"electrician"})), **changes)


@st.composite
def boards(draw, orders=5, teams=4):
    """A few requests and teams near each other; some pairs know each other, some skills and hours are missing."""
    team_ids = draw(st.lists(st.integers(1, 99), unique=True, max_size=teams))
    crew = [
        Team(
            id=team_id,
            point=draw(places),
            skills=draw(st.dictionaries(st.sampled_from(SKILLS), st.sampled_from((0.0, 0.5, 0.9, 1.0)), max_size=3)),
            reach_km=draw(st.sampled_from((5.0, 15.0, 40.0))),
            capacity=draw(st.integers(0, 3)),
            load=draw(st.integers(0, 2)),
            rating=draw(shares),
            ratings=draw(st.integers(0, 30)),
            availability=draw(st.sampled_from((ALL_WEEK, ALL_WEEK, MORNING, SATURDAY))),
            insured_until=draw(st.sampled_from((None, TODAY))),
            insured_skills=dict.fromkeys(SKILLS[:draw(st.integers(0, 3))], TODAY),
        )
        for team_id in team_ids
    ]
    requests = [
        Request(
            id=request_id,
            point=draw(places),
            skills=draw(st.frozensets(st.sampled_from(SKILLS), max_size=1)),
            window=draw(st.sampled_from((None, None, MORNING, SATURDAY))),
            urgency=draw(levels),
            continuity=draw(st.dictionaries(st.sampled_from([*team_ids, 7]), shares, max_size=2)),
            risky_on=draw(st.sampled_from((None, None, None, TODAY))),
        )
        for request_id in draw(st.lists(st.integers(1, 99), unique=True, max_size=orders))
    ]
    return requests, crew


policies = st.builds(
    Policy,
    weights=st.builds(Weights, skill=shares, near=st.floats(0.1, 1), rated=shares, continuity=shares),
    scale_km=st.floats(0.5, 20),
    reach_km=st.sampled_from((8.0, 20.0, 60.0)),
    load_price=st.sampled_from((0.0, 0.1, 2.0)),
    urgent_pull=shares,
)


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
            assert len(able) == one.facts["teams"] > 0
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
    assert plan.total <= assign(requests, teams, POLICY).total + 1e-5 or plan.served
