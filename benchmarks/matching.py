"""Figures of the matcher: M2 (rank one order against 10,000 teams) and M7 (distances). Run: ./run bench matching

The reference of M2 is what somebody would write in an afternoon: float32 columns, one scan with the same filters and the same
score, ``argpartition`` for the first 20. Ours has to find the exact 20 as well, with ties by id.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from functools import partial

import numpy as np
from geopy.distance import geodesic, great_circle
from numpy.typing import NDArray

from benchmarks.figure import Figures, alternate
from volunteer.kernel.geo import geodesic_metres, haversine
from volunteer.matching import ALL_WEEK, Policy, Request, Roster, Team, rank
from volunteer.matching.distance import great_circle_metres
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


def plain_scan(teams: list[Team], request: Request, policy: Policy) -> Callable[[], object]:
    """Return the reference: one float32 scan over all teams for this request's skill."""
    skill = next(iter(request.skills), None)

    def column(values: Iterable[float]) -> NDArray[np.float32]:
        return np.array(list(values), dtype=np.float32)

    proficiency = column(t.skills.get(skill, 0.0) if skill else 1.0 for t in teams)
    north, east = column(t.point[0] for t in teams), column(t.point[1] for t in teams)
    prior = policy.prior_ratings
    rated = column((t.rating * t.ratings + policy.prior * prior) / (t.ratings + prior) for t in teams)
    price = column(policy.load_price * (t.load / t.capacity) ** 2 for t in teams)
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
    """M2: with a skill (the usual case), with a skill and a window, and without any (the worst)."""
    rng = random.Random(2)
    teams, policy = invent(rng), Policy()
    roster = Roster(teams)
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
            plain_scan(teams, request, policy),
            partial(shortlist, request, roster, policy, K),
            partial(rank, request, roster, policy, K),
        )
        figures.ratio(name, ours, reference, "numpy float32 scan and top 20", at_most=3)
        figures.value(
            f"{name}_with_reasons", round(whole * 1e3, 3), "ms", "the matcher with a kept roster, reasons included", at_most=3
        )


def distances(figures: Figures) -> None:
    """M7: what is shown is geopy's geodesic; what is ranked by is within 0.6 % of it."""
    rng = random.Random(7)
    pairs = [((rng.uniform(18, 54), rng.uniform(73, 135)), (rng.uniform(-0.5, 0.5), rng.uniform(-0.5, 0.5))) for _ in range(2000)]
    shown = ranked = 0.0
    for one, (north, east) in pairs:
        other = (one[0] + north, one[1] + east)
        exact = geodesic(one, other).meters
        shown = max(shown, abs(geodesic_metres(one, other) - exact))
        ranked = max(ranked, abs(great_circle_metres(one, other) / exact - 1))
    figures.value("M7.shown", shown, "m", "geopy geodesic, 2,000 pairs", at_most=1)
    figures.value("M7.ranked", round(ranked * 100, 3), "%", "geopy geodesic, 2,000 pairs", at_most=0.6)
    one, other = pairs[0][0], (pairs[0][0][0] + 0.1, pairs[0][0][1] + 0.1)
    many = np.array([other] * 10_000)
    circle, vector = alternate(lambda: great_circle(one, other).meters, lambda: haversine(one, many), repeat=20)
    figures.ratio("M7.vectorised", vector / len(many), circle, "geopy great circle, a pair", at_most=0.1)


def main() -> None:
    """Print every figure of the matcher."""
    figures = Figures()
    rank_one(figures)
    distances(figures)
    figures.end()


if __name__ == "__main__":
    main()
