"""M2: one order ranked against 10,000 teams in memory, the 20 best with reasons.

The reference is what somebody would write in an afternoon: float32 columns, one scan with the same filters, the same score and
the same prices, ``argpartition`` for the first 20. Ours has to find the exact 20 as well, with ties by id.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from functools import partial

import numpy as np
from numpy.typing import NDArray

from benchmarks.figure import Figures, alternate
from volunteer.matching import ALL_WEEK, Policy, Request, Roster, Team, rank
from volunteer.matching.rank import shortlist
from volunteer.matching.week import week_of

TEAMS, K = 10_000, 20
SKILLS = tuple(f"skill-{i}" for i in range(25))
SOUTH, WEST, SIZE = 30.8, 120.3, 0.5
MORNINGS = week_of(*((day, 8, 12) for day in range(7)))
SATURDAY = week_of((5, 8, 12))


def invent(rng: random.Random) -> list[Team]:
    """Return 10,000 teams over 55 by 48 km, each with about three of 25 skills."""
    return [
        Team(
            id=team_id,
            point=(SOUTH + SIZE * rng.random(), WEST + SIZE * rng.random()),
            skills={skill: round(rng.uniform(0.4, 1.0), 2) for skill in rng.sample(SKILLS, rng.randint(1, 5))},
            reach_km=rng.choice((5, 8, 15)),
            capacity=rng.randint(1, 5),
            load=rng.randint(0, 2),
            rating=rng.betavariate(8, 2),
            ratings=rng.randint(0, 60),
            availability=rng.choice((ALL_WEEK, MORNINGS, SATURDAY)),
        )
        for team_id in range(1, TEAMS + 1)
    ]


def plain_scan(teams: list[Team], request: Request, policy: Policy, learned: dict[int, float]) -> Callable[[], object]:
    """Return the reference: one float32 scan over all teams for this request's skill."""
    skill = next(iter(request.skills), None)

    def column(values: Iterable[float]) -> NDArray[np.float32]:
        return np.array(list(values), dtype=np.float32)

    proficiency = column(t.skills.get(skill, 0.0) if skill else 1.0 for t in teams)
    north, east = column(t.point[0] for t in teams), column(t.point[1] for t in teams)
    prior = policy.prior_ratings
    rated = column((t.rating * t.ratings + policy.prior * prior) / (t.ratings + prior) for t in teams)
    price = column(policy.load_price * (t.load / t.capacity) ** 2 + learned[t.id] for t in teams)
    room = np.array([t.load < t.capacity for t in teams])
    hours = np.array([bool(t.availability & (request.window or ALL_WEEK)) for t in teams])  # given away: ours compares bits
    reach = column(min(t.reach_km, policy.reach_km) for t in teams)
    y, x = np.float32(request.point[0]), np.float32(request.point[1])
    per_y, per_x = np.float32(111.2), np.float32(111.2 * np.cos(np.radians(request.point[0])))
    w = policy.weights

    def scan() -> object:
        km = np.sqrt(((north - y) * per_y) ** 2 + ((east - x) * per_x) ** 2)
        scores = w.skill * proficiency + w.near * np.exp(-km / policy.scale_km) + w.rated * rated - price
        able = np.flatnonzero((proficiency > 0) & room & hours & (km <= reach))
        lowest_first = -scores[able]
        best = np.argpartition(lowest_first, K)[:K] if len(able) > K else np.arange(len(able))
        return able[best[np.argsort(lowest_first[best])]]

    return scan


def rank_one(figures: Figures) -> None:
    """M2: with a skill (the usual case), with a skill and a window, and without any (the worst); load and learned prices on."""
    rng = random.Random(2)
    teams, policy = invent(rng), Policy()
    learned = {team.id: rng.uniform(0, 0.2) for team in teams}
    roster = Roster(teams, prices=learned)
    point = (SOUTH + SIZE / 2, WEST + SIZE / 2)
    skilled, anybody = frozenset({SKILLS[3]}), frozenset[str]()
    cases = {
        "M2.skill": Request(1, point, skilled),
        "M2.skill_and_window": Request(2, point, skilled, window=SATURDAY),
        "M2.anybody": Request(3, point, anybody),
        "M2.anybody_and_window": Request(4, point, anybody, window=SATURDAY),
    }
    for name, request in cases.items():
        reference, ours, whole = alternate(
            plain_scan(teams, request, policy, learned),
            partial(shortlist, request, roster, policy, K),
            partial(rank, request, roster, policy, K),
        )
        figures.ratio(name, ours, reference, "numpy float32 scan and top 20", at_most=3)
        figures.value(
            f"{name}_with_reasons", round(whole * 1e3, 3), "ms", "the matcher with a kept roster, reasons included", at_most=3
        )
    loads = {team.id: rng.randint(0, 3) for team in teams}
    [fresh] = alternate(lambda: rank(cases["M2.skill"], roster.over(loads=loads, prices=learned), policy, K), repeat=20)
    figures.value(
        "M2.new_loads", round(fresh * 1e3, 3), "ms", "other loads and prices over the same teams, then the 20", at_most=3
    )
