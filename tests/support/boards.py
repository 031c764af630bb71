"""Requests and teams for plans: a few at random, and some towns with many."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date

from hypothesis import strategies as st

from volunteer.matching import ALL_WEEK, Policy, Request, Team, Weights
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
            insured_skills=dict.fromkeys(SKILLS[: draw(st.integers(0, 3))], TODAY),
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


def a_county(seed, orders=220, teams=90):
    """Return requests and teams of some towns, as many as have more than one block of neighbours of a kind."""
    chance = random.Random(seed)

    def somewhere():
        town = chance.choice(((31.05, 120.55), (31.2, 120.7), (31.16, 120.64)))
        return (round(town[0] + chance.gauss(0, 0.03), 3), round(town[1] + chance.gauss(0, 0.03), 3))

    crew = [
        Team(
            id=team_id,
            point=somewhere(),
            skills={skill: chance.choice((0.5, 0.8, 1.0)) for skill in chance.sample(SKILLS, chance.randint(1, 2))},
            reach_km=chance.choice((4, 12, 20)),
            capacity=chance.randint(1, 4),
            load=chance.randint(0, 1),
            rating=chance.random(),
            ratings=chance.randint(0, 9),
            availability=chance.choice((ALL_WEEK, ALL_WEEK, MORNING)),
        )
        for team_id in range(1, teams + 1)
    ]
    requests = [
        Request(
            id=request_id,
            point=somewhere(),
            skills=frozenset({chance.choice(SKILLS)}),
            window=chance.choice((None, None, MORNING, SATURDAY)),
            urgency=chance.choice((0.0, 0.0, 0.5, 1.0)),
            continuity={chance.randint(1, teams): chance.random()} if chance.random() < 0.2 else {},
        )
        for request_id in range(1, orders + 1)
    ]
    return requests, crew
