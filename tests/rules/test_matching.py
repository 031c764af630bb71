"""The matcher: hard conditions are never broken, the quick list is the exact list, and every answer explains itself."""

from __future__ import annotations

import math
import random
from dataclasses import replace
from datetime import date, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from volunteer.kernel.geo import geodesic_metres, haversine
from volunteer.matching import (
    ALL_WEEK,
    Obstacle,
    Policy,
    Ranking,
    Request,
    Roster,
    Team,
    Weights,
    hours_of_week,
    rank,
    score,
    why_not,
)
from volunteer.matching.distance import great_circle_metres
from volunteer.matching.week import week_of

POLICY = Policy()
HOME = (31.16, 120.64)
SKILLS = ("electrician", "haircut", "nursing", "teaching")

near_home = st.tuples(st.floats(30.8, 31.4), st.floats(120.3, 120.9))
places = st.one_of(near_home, near_home, near_home, st.tuples(st.floats(-90, 90), st.floats(-180, 180)))
weeks = st.one_of(st.just(ALL_WEEK), st.integers(0, ALL_WEEK), st.integers(0, 167).map(lambda hour: 1 << hour))
shares = st.floats(0, 1)
days = st.dates(date(2026, 11, 1), date(2026, 12, 31))
priced = st.dictionaries(st.integers(1, 10_000), st.floats(0, 2), max_size=12)


@st.composite
def teams_of(draw, size=12):
    return [
        Team(
            id=team_id,
            point=draw(places),
            skills=draw(st.dictionaries(st.sampled_from(SKILLS), shares, max_size=4)),
            reach_km=draw(st.floats(0.1, 30_000)),
            capacity=draw(st.integers(0, 4)),
            load=draw(st.integers(0, 4)),
            rating=draw(shares),
            ratings=draw(st.integers(0, 50)),
            availability=draw(weeks),
            insured_until=draw(st.none() | days),
            insured_skills=draw(st.dictionaries(st.sampled_from(SKILLS), days, max_size=4)),
        )
        for team_id in draw(st.lists(st.integers(1, 40) | st.integers(1, 10_000), unique=True, max_size=size))
    ]


@st.composite
def requests(draw):
    return Request(
        id=1,
        point=draw(places),
        skills=draw(st.frozensets(st.sampled_from(SKILLS), max_size=2)),
        window=draw(st.one_of(st.none(), weeks.filter(bool))),
        urgency=draw(shares),
        continuity=draw(st.dictionaries(st.integers(1, 20), shares, max_size=5)),
        risky_on=draw(st.none() | st.none() | days),
    )


policies = st.builds(
    Policy,
    weights=st.builds(Weights, skill=shares, near=st.floats(0.01, 1), rated=shares, continuity=shares),
    scale_km=st.floats(0.1, 500),
    reach_km=st.floats(0.5, 30_000),
    prior=shares,
    prior_ratings=st.floats(0, 50),
    load_price=shares,
    urgent_pull=shares,
)


def a_team(team_id: int = 1, **changes) -> Team:
    return replace(Team(team_id, HOME, {"electrician": 0.9}, reach_km=5, capacity=3), **changes)


def a_request(**changes) -> Request:
    return replace(Request(1, HOME, frozenset({"electrician"})), **changes)


def by_hand(request, teams, policy, prices=None):
    """Every team scored one by one and sorted: what the quick ways have to agree with."""
    given = prices or {}
    scored = [match for team in teams if (match := score(request, team, policy, given.get(team.id, 0.0)))]
    best = sorted(scored, key=lambda match: (-match.net, match.team_id))
    return [replace(match, rank=place) for place, match in enumerate(best, start=1)]


@settings(max_examples=300)
@given(requests(), teams_of(), policies, st.integers(1, 8), st.none() | priced)
def test_the_quick_list_is_the_exact_list(request, teams, policy, k, prices):
    assert rank(request, teams, policy, k, prices) == by_hand(request, teams, policy, prices)[:k]


@settings(max_examples=200)
@given(requests(), teams_of(), policies, priced, st.sets(st.integers(1, 40), max_size=4))
def test_any_team_has_its_place_and_the_able_are_counted(request, teams, policy, prices, without):
    exact = {match.team_id: match for match in by_hand(request, [t for t in teams if t.id not in without], policy, prices)}
    ranking = Ranking(request, Roster(teams, prices=prices, loads={t.id: t.load for t in teams}), policy, without)
    assert ranking.able == len(exact)
    for team in teams:
        assert ranking.of(team.id) == exact.get(team.id)


@given(requests(), teams_of(), policies)
def test_without_prices_the_list_is_that_of_the_scores(request, teams, policy):
    free = replace(policy, load_price=0.0)
    matches = rank(request, teams, free, len(teams) + 1, dict.fromkeys((team.id for team in teams), 0.0))
    assert [(-match.score, match.team_id) for match in matches] == sorted((-match.score, match.team_id) for match in matches)
    assert all(match.price == 0 and match.net == match.score for match in matches)


@given(requests(), teams_of(), policies, priced)
def test_a_price_says_where_it_comes_from_and_quality_stays_the_same(request, teams, policy, prices):
    plain = {match.team_id: match for match in rank(request, teams, policy, len(teams) + 1)}
    for match in rank(request, teams, policy, len(teams) + 1, prices):
        assert match.score == plain[match.team_id].score
        assert match.price == pytest.approx(sum(match.reasons.prices.values()))
        assert match.price - plain[match.team_id].price == pytest.approx(prices.get(match.team_id, 0.0))


@given(requests(), teams_of(), policies, st.dictionaries(st.integers(1, 40), st.integers(0, 5), max_size=6))
def test_loads_laid_over_a_roster_are_the_teams_own_loads(request, teams, policy, loads):
    laden = [replace(team, load=loads.get(team.id, 0)) for team in teams]
    assert rank(request, Roster(teams).over(loads=loads), policy) == rank(request, laden, policy)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("window", [None, week_of((5, 8, 12))])
def test_the_quick_list_is_exact_for_a_whole_county(seed, window):
    rng = random.Random(seed)
    teams = [
        Team(
            team_id,
            (round(rng.uniform(31.0, 31.3), 2 + seed), round(rng.uniform(120.5, 120.8), 2 + seed)),
            {skill: round(rng.random(), 1) for skill in rng.sample(SKILLS, 2)},
            reach_km=rng.choice((3, 8, 20)),
            capacity=4,
            load=rng.randint(0, 4),
            rating=round(rng.random(), 1),
            ratings=rng.randint(0, 2),
            availability=rng.choice((ALL_WEEK, week_of((5, 9, 10)), week_of((1, 9, 10)))),
        )
        for team_id in range(1, 3001)
    ]
    roster = Roster(teams)
    for skills in (frozenset(), frozenset({"nursing"}), frozenset({"nursing", "haircut"})):
        request = Request(1, HOME, skills, window=window)
        best = by_hand(request, teams, POLICY)
        assert rank(request, roster, POLICY) == best[:20]
        ranking = Ranking(request, roster, POLICY)
        assert ranking.able == len(best)
        some = (best[0], best[len(best) // 2], best[-1])
        assert tuple(ranking.of(one.team_id) for one in some) == some


@given(requests(), teams_of(), policies, st.randoms())
def test_the_order_of_the_teams_does_not_matter(request, teams, policy, chance):
    shuffled = list(teams)
    chance.shuffle(shuffled)
    assert rank(request, shuffled, policy) == rank(request, Roster(teams), policy)


@given(requests(), teams_of(), policies)
def test_a_hard_condition_is_never_broken(request, teams, policy):
    by_id = {team.id: team for team in teams}
    for match in rank(request, teams, policy):
        team = by_id[match.team_id]
        assert all(team.skills[skill] > 0 for skill in request.skills)
        assert team.load < team.capacity
        assert match.metres <= 1000 * min(team.reach_km, policy.reach_km)
        assert team.availability & (request.window or ALL_WEEK)
        if request.risky_on:
            held = [team.insured_skills[skill] for skill in request.skills] or [team.insured_until]
            assert min(held) >= request.risky_on


@given(requests(), teams_of(), policies)
def test_a_team_is_ranked_or_there_is_a_reason_why_not(request, teams, policy):
    ranked = {match.team_id for match in rank(request, teams, policy, k=len(teams) + 1)}
    for team in teams:
        assert (team.id in ranked) == (why_not(request, team, policy) == [])


@given(requests(), teams_of(), policies)
def test_parts_are_between_nothing_and_all(request, teams, policy):
    for match in rank(request, teams, policy):
        parts = match.reasons.parts
        assert all(0 <= part <= 1 for part in (parts.skill, parts.near, parts.rated, parts.continuity))


def test_the_starting_policy_is_the_published_formula():
    team = a_team(point=(31.17, 120.64), rating=0.9, ratings=15)
    [match] = rank(a_request(continuity={1: 1.0}), [team], POLICY)
    km = match.metres / 1000
    assert (match.price, match.net) == (0.0, match.score)
    assert match.score == pytest.approx(0.40 * 0.9 + 0.35 * math.exp(-km / 2) + 0.15 * (0.9 * 15 + 0.8 * 5) / 20 + 0.10)


def test_equals_stand_in_order_of_their_ids():
    matches = rank(a_request(), [a_team(team_id) for team_id in (9, 3, 7, 1)], POLICY, k=3)
    assert [(match.rank, match.team_id) for match in matches] == [(1, 1), (2, 3), (3, 7)]


def test_work_already_taken_costs_a_little():
    idle, busy = a_team(2), a_team(1, load=2)
    first, second = rank(a_request(), [idle, busy], POLICY)
    assert (first.team_id, second.team_id) == (2, 1)
    assert first.score == second.score
    assert second.reasons.prices == {"load": pytest.approx(0.1 * (2 / 3) ** 2)}


def test_a_sought_after_team_is_left_to_those_who_need_it_more():
    best, other = a_team(1), a_team(2, skills={"electrician": 0.8})
    assert [match.team_id for match in rank(a_request(), [best, other], POLICY)] == [1, 2]
    assert [match.team_id for match in rank(a_request(), [best, other], POLICY, prices={1: 0.05})] == [2, 1]
    assert rank(a_request(), [best], POLICY, prices={1: 0.05})[0].reasons.prices == {"load": 0.0, "learned": 0.05}


DAY = date(2026, 11, 21)


def test_dangerous_work_needs_insured_adults_who_have_the_skill():
    safe = a_team(1, insured_until=DAY, insured_skills={"electrician": DAY})
    clerk_only = a_team(2, insured_until=DAY, insured_skills={})
    ended = a_team(3, insured_until=DAY, insured_skills={"electrician": DAY - timedelta(days=1)})
    teams = [safe, clerk_only, ended, a_team(4)]
    assert [match.team_id for match in rank(a_request(risky_on=DAY), teams, POLICY)] == [1]
    assert len(rank(a_request(), teams, POLICY)) == 4
    assert [match.team_id for match in rank(a_request(skills=frozenset(), risky_on=DAY), teams, POLICY)] == [1, 2, 3]
    assert why_not(a_request(risky_on=DAY), ended, POLICY)[0].facts == {"until": "2026-11-20"}
    assert why_not(a_request(risky_on=DAY), clerk_only, POLICY)[0].facts == {}


def test_few_ratings_prove_little():
    lucky, proven = a_team(1, rating=1.0, ratings=1), a_team(2, rating=0.95, ratings=60)
    assert [match.team_id for match in rank(a_request(), [lucky, proven], POLICY)] == [2, 1]


def test_urgency_prefers_the_near():
    near, skilled = a_team(1, skills={"electrician": 0.7}), a_team(2, point=(31.165, 120.64), skills={"electrician": 1.0})
    calm, urgent = a_request(), a_request(urgency=1.0)
    policy = replace(POLICY, urgent_pull=1.0)
    assert [match.team_id for match in rank(calm, [near, skilled], policy)] == [2, 1]
    assert [match.team_id for match in rank(urgent, [near, skilled], policy)] == [1, 2]


def test_every_obstacle_is_named_with_its_facts():
    team = a_team(point=(31.36, 120.64), skills={"haircut": 1.0, "electrician": 0.0}, load=3, availability=week_of((5, 8, 12)))
    reasons = why_not(a_request(window=week_of((0, 8, 12)), risky_on=DAY), team, POLICY)
    assert [reason.obstacle for reason in reasons] == [
        Obstacle.MISSING_SKILL, Obstacle.NOT_INSURED, Obstacle.TOO_FAR, Obstacle.NO_TIME, Obstacle.FULL
    ]  # fmt: skip
    assert reasons[0].facts == {"skills": ("electrician",)}
    assert reasons[2].facts["metres"] == pytest.approx(22_239, abs=1)
    assert reasons[4].facts == {"load": 3, "capacity": 3}


def test_nobody_is_on_an_empty_roster():
    assert rank(a_request(), [], POLICY) == []
    assert (Ranking(a_request(), Roster([]), POLICY).able, Ranking(a_request(), Roster([]), POLICY).of(1)) == (0, None)
    assert rank(a_request(skills=frozenset({"magic"})), [a_team()], POLICY) == []


def test_a_team_that_takes_no_orders_is_full_and_says_so():
    team = a_team(capacity=0)
    assert rank(a_request(), [team], POLICY) == []
    assert [reason.obstacle for reason in why_not(a_request(), team, POLICY)] == [Obstacle.FULL]


@pytest.mark.parametrize(
    ("build", "complaint"),
    [
        (lambda: a_request(point=(math.nan, 120.0)), "not a place on earth"),
        (lambda: a_request(point=(120.64, 31.16)), "not a place on earth"),
        (lambda: a_team(point=(31.0, math.inf)), "not a place on earth"),
        (lambda: a_request(urgency=math.nan), "urgency of request 1 is nan"),
        (lambda: a_request(window=0), "empty"),
        (lambda: a_request(window=-1), "not 168 hours"),
        (lambda: a_request(window=1 << 168), "not 168 hours"),
        (lambda: a_request(continuity={1: 1.5}), "continuity of request 1 with team 1"),
        (lambda: a_team(skills={"electrician": math.nan}), "electrician of team 1 is nan"),
        (lambda: a_team(rating=4.5), "rating of team 1 is 4.5, not between 0 and 1"),
        (lambda: a_team(reach_km=0), "reach of team 1"),
        (lambda: a_team(load=-1), "load of team 1 is -1, not a count"),
        (lambda: Weights(0, 0, 0, 0), "weights"),
        (lambda: Weights(skill=math.nan), "weights"),
        (lambda: Policy(scale_km=-2), "scale_km"),
        (lambda: Policy(prior=2), "prior"),
        (lambda: Policy(load_price=math.inf), "load_price"),
        (lambda: Roster([a_team(1), a_team(1)]), "twice"),
        (lambda: rank(a_request(), [a_team()], POLICY, k=0), "k is 0"),
        (lambda: rank(a_request(), [a_team()], POLICY, prices={1: math.nan}), "price of team 1 is not a number"),
        (lambda: rank(a_request(), [a_team()], POLICY, prices={1: -0.1}), "price of team 1 is not a number"),
        (lambda: Roster([a_team()], loads={1: -1}), "load of team 1 is not a count"),
        (lambda: Roster([a_team()], loads={1: 1.5}), "load of team 1 is not a count"),  # type: ignore[dict-item]
    ],
)
def test_nonsense_is_refused_in_words(build, complaint):
    with pytest.raises(ValueError, match=complaint):
        build()


MONDAY = datetime(2026, 11, 16)  # noqa: DTZ001 - hours of a week are local


@pytest.mark.parametrize(
    ("start", "hours", "bits"),
    [
        (MONDAY, 1, [0]),
        (MONDAY + timedelta(hours=9, minutes=30), 1, [9, 10]),
        (MONDAY + timedelta(days=6, hours=23), 2, [167, 0]),
        (MONDAY + timedelta(days=5, hours=8), 4, [128, 129, 130, 131]),
        (MONDAY + timedelta(minutes=30), 7 * 24 - 0.75, list(range(168))),
        (MONDAY, 500, list(range(168))),
    ],
)
def test_a_window_is_the_hours_it_touches(start, hours, bits):
    assert hours_of_week(start, start + timedelta(hours=hours)) == sum(1 << bit for bit in bits)


@pytest.mark.parametrize("hours", [0, -1])
def test_a_window_that_runs_backwards_is_refused(hours):
    with pytest.raises(ValueError, match="ends before it begins"):
        hours_of_week(MONDAY, MONDAY + timedelta(hours=hours))


def test_hours_that_no_day_has_are_refused():
    with pytest.raises(ValueError, match="not hours of a week"):
        week_of((0, 20, 25))


@given(near_home, near_home)
def test_the_ranking_distance_is_the_kernels_and_within_six_per_mille(one, other):
    exact = geodesic_metres(one, other)
    assert great_circle_metres(one, other) == pytest.approx(exact, rel=0.006, abs=0.001)
    assert great_circle_metres(one, other) == pytest.approx(haversine(one, np.array([other]))[0], abs=0.001)
