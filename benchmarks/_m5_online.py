"""M5: orders that do not wait, against the best assignment of the whole day with hindsight, on real requests of one city.

Teams are invented from a seed: 150 of them near real requests, each with some of eight skills, a rating and an acquaintance. A
team takes so many requests a day that all together could take 2.0, 1.2 or 0.6 times the mean demand. Days are played in their
order; ten of them warm up and are not counted. A day's optimum is exact (min-cost flow). Greedy, the best free team at once,
is played in the same run. Zero wait: the policy is told scores, skills and seats left of each request as it comes, and nothing
else, not even the hour. In batches of an hour, or of 15 minutes, it knows the hour as well. Its figures of learning were chosen
with other seeds than 1 to 4.
"""

from __future__ import annotations

import csv
import gzip
from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray
from ortools.graph.python import min_cost_flow

from benchmarks.figure import Figures
from volunteer.matching.online import OnlineDispatch

SKILLS, TEAMS, PER_DAY, WARM_UP = 8, 150, 333, 10
KM_PER_DEGREE = np.array([111.2, 82.0])  # at 42.3° north
GRAIN = 1e6
MARCH_APRIL, WINTER, SUMMER = (59, 120), (0, 59), (140, 201)
REACH = {2.0: (0.978, 0.985), 1.2: (0.952, 0.96), 0.6: (0.918, 0.93)}  # without waiting, hourly
WAITS = {"none": 0, "15 min": 15, "1 hour": 60}

Floats = NDArray[np.float64]
Able = NDArray[np.bool_]
Seats = NDArray[np.int64]


class Day(NamedTuple):
    """A day's requests in order of arrival: (n, 2) kilometres, (n,) skill, (n,) minute of the day."""

    places: Floats
    skills: Seats
    minutes: Seats


class Valued(NamedTuple):
    """A day as a policy meets it: (n, teams) scores and able, (n,) minute."""

    scores: Floats
    able: Able
    minutes: Seats


class AtOnce(Protocol):
    """What decides request by request."""

    def start(self, capacity: Seats) -> None: ...
    def choose(self, scores: Floats, able: Able, left: Seats) -> int: ...
    def finish(self, scores: Floats, able: Able, capacity: Seats) -> None: ...


class Greedy:
    """The best able team with a seat left, at once."""

    def start(self, capacity: Seats) -> None:
        """Nothing to prepare."""

    def choose(self, scores: Floats, able: Able, left: Seats) -> int:
        """The best score."""
        free = able & (left > 0)
        return int(np.where(free, scores, -1.0).argmax()) if free.any() else -1

    def finish(self, scores: Floats, able: Able, capacity: Seats) -> None:
        """Nothing to learn."""


class Nightly:
    """What the application does: the prices of the morning hold all day, and whoever asks is served as long as anybody can."""

    def __init__(self) -> None:
        self.ours = OnlineDispatch()
        self.prices = np.zeros(TEAMS)

    def start(self, capacity: Seats) -> None:
        """Take the prices of the morning."""
        self.ours.start(capacity)
        if self.ours.prices is not None:
            self.prices = np.array(self.ours.prices, dtype=np.float64)

    def choose(self, scores: Floats, able: Able, left: Seats) -> int:
        """The best score less the price."""
        free = able & (left > 0)
        return int(np.where(free, scores - self.prices, -9.0).argmax()) if free.any() else -1

    def finish(self, scores: Floats, able: Able, capacity: Seats) -> None:
        """Learn from the day."""
        self.ours.finish(scores, able, capacity)


def load_days(path: Path) -> list[Day]:
    """Read the requests, day by day; the kinds become skills, the most frequent ones dealt out first."""
    by_day: dict[str, list[tuple[str, float, float, str]]] = defaultdict(list)
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            opened = row["opened_at"]
            by_day[opened[:10]].append((opened, float(row["latitude"]), float(row["longitude"]), row["group"]))
    count = Counter(row[3] for rows in by_day.values() for row in rows)
    skill = {group: i % SKILLS for i, group in enumerate(sorted(count, key=lambda one: (-count[one], one)))}
    return [
        Day(
            np.array([row[1:3] for row in rows]) * KM_PER_DEGREE,
            np.array([skill[row[3]] for row in rows]),
            np.array([60 * int(row[0][11:13]) + int(row[0][14:16]) for row in rows]),
        )
        for _, rows in sorted(by_day.items())
    ]


def value(days: list[Day], seed: int) -> list[Valued]:
    """Invent teams and return every day's scores."""
    rng = np.random.default_rng(seed)
    everywhere = np.concatenate([day.places for day in days])
    places = everywhere[rng.integers(0, len(everywhere), TEAMS)] + rng.normal(0, 0.5, (TEAMS, 2))
    has = rng.random((TEAMS, SKILLS)) < 0.35
    has[np.arange(TEAMS), rng.integers(0, SKILLS, TEAMS)] = True
    proficiency = np.where(has, rng.uniform(0.4, 1.0, (TEAMS, SKILLS)), 0.0)
    rating, continuity = rng.beta(8, 2, TEAMS), rng.random(TEAMS)
    found = []
    for day in days:
        km = np.linalg.norm(day.places[:, None, :] - places[None, :, :], axis=2)
        skill = proficiency[:, day.skills].T
        scores = 0.40 * skill + 0.35 * np.exp(-km / 2) + 0.15 * rating + 0.10 * continuity
        found.append(Valued(np.where(skill > 0, scores, 0.0), skill > 0, day.minutes))
    return found


def capacities(level: float, seed: int) -> Seats:
    """Return how many requests a day each team takes."""
    weights = np.random.default_rng(seed + 1000).integers(1, 6, TEAMS)
    return np.asarray(np.maximum(1, np.round(weights * level * PER_DAY / weights.sum())), dtype=np.int64)


def optimum(day: Valued, capacity: Seats) -> float:
    """Return the largest total score of a day, each request at most once, every team within its capacity."""
    count = len(day.scores)
    rows, columns = np.nonzero(day.able)
    gain = np.round(day.scores[rows, columns] * GRAIN).astype(np.int64)
    top, sink = int(gain.max(initial=0)) + 1, count + TEAMS
    flow = min_cost_flow.SimpleMinCostFlow()
    requests = np.arange(count, dtype=np.int32)

    def arcs(tail: object, head: object, room: object, cost: object) -> NDArray[np.int32]:
        return np.asarray(flow.add_arcs_with_capacity_and_unit_cost(tail, head, room, cost))

    pairs = arcs(rows.astype(np.int32), (columns + count).astype(np.int32), np.ones(len(rows), np.int64), top - gain)
    teams = np.arange(count, sink, dtype=np.int32)
    arcs(teams, np.full(TEAMS, sink, np.int32), capacity, np.zeros(TEAMS, np.int64))
    arcs(requests, np.full(count, sink, np.int32), np.ones(count, np.int64), np.full(count, top, np.int64))
    flow.set_nodes_supplies(requests, np.ones(count, np.int64))
    flow.set_node_supply(sink, -count)
    if flow.solve() != flow.OPTIMAL:
        raise RuntimeError("the day's flow has no solution")
    used = flow.flows(pairs) > 0
    return float(day.scores[rows[used], columns[used]].sum())


def at_once(policy: AtOnce, days: list[Valued], capacity: Seats) -> Floats:
    """Return what a policy wins on each day, request by request."""
    won = np.zeros(len(days))
    for number, day in enumerate(days):
        left = capacity.copy()
        policy.start(capacity)
        for scores, able in zip(day.scores, day.able, strict=True):
            team = policy.choose(scores, able, left)
            if team >= 0:
                won[number] += take(team, scores, able, left)
        policy.finish(day.scores, day.able, capacity)
    return won


def in_batches(days: list[Valued], capacity: Seats, width: int) -> Floats:
    """Return what ours wins on each day when requests are collected for so many minutes."""
    policy, won = OnlineDispatch(), np.zeros(len(days))
    for number, day in enumerate(days):
        left = capacity.copy()
        policy.start(capacity)
        for batch in np.unique(day.minutes // width):
            here = np.flatnonzero(day.minutes // width == batch)
            chosen = policy.choose_many(day.scores[here], day.able[here], left, hour=int(batch) * width // 60)
            for row, team in zip(here, chosen.tolist(), strict=True):
                if team >= 0:
                    won[number] += take(team, day.scores[row], day.able[row], left)
        policy.finish(day.scores, day.able, capacity, day.minutes // 60)
    return won


def take(team: int, scores: Floats, able: Able, left: Seats) -> float:
    """Use up a seat and return what it wins. Raises ValueError when the policy may not."""
    if not able[team] or left[team] <= 0:
        raise ValueError("the policy chose a team that cannot take the request")
    left[team] -= 1
    return float(scores[team])


def online(figures: Figures, data: Path | None) -> None:
    """M5: shares of the optimum, without waiting and hourly, on the usual months and seeds and on others."""
    if data is None or not (data / "requests311.csv.gz").is_file():
        print("# M5 needs --data with requests311.csv.gz: left out", flush=True)
        return
    every = load_days(data / "requests311.csv.gz")
    measure(figures, "M5", every[slice(*MARCH_APRIL)], (1, 2, 3, 4), tuple(WAITS))
    measure(figures, "M5.winter_seeds_11_12", every[slice(*WINTER)], (11, 12), ("none",))
    measure(figures, "M5.summer_seeds_11_12", every[slice(*SUMMER)], (11, 12), ("none",))


def measure(figures: Figures, name: str, days: list[Day], seeds: Iterable[int], waits: tuple[str, ...]) -> None:
    """Print the mean over the seeds for each capacity."""
    shares: dict[tuple[float, str], list[float]] = defaultdict(list)
    for seed in seeds:
        valued = value(days, seed)
        for level in REACH:
            capacity = capacities(level, seed)
            best = sum(optimum(day, capacity) for day in valued[WARM_UP:])
            for label, policy in (("greedy", Greedy()), ("nightly", Nightly())):
                shares[level, label].append(at_once(policy, valued, capacity)[WARM_UP:].sum() / best)
            for wait in waits:
                width = WAITS[wait]
                won = in_batches(valued, capacity, width) if width else at_once(OnlineDispatch(), valued, capacity)
                shares[level, wait].append(won[WARM_UP:].sum() / best)
    for level, (without, hourly) in REACH.items():
        greedy = f"the exact daily optimum; greedy {np.mean(shares[level, 'greedy']):.4f}"
        nightly = float(np.mean(shares[level, "nightly"]))
        print(f"# {name}.nightly_prices_{level} {nightly:.4f} of the optimum: learned at night only, as the application does")
        reach = {"none": without, "1 hour": hourly}
        for wait in waits:
            share = float(np.mean(shares[level, wait]))
            if wait in reach:
                label = "zero_wait" if wait == "none" else "hourly"
                figures.share(f"{name}.{label}_{level}", round(share, 4), greedy, at_least=reach[wait])
            if name == "M5":
                figures.point("waiting", wait=wait, share=share, capacity=level)
        if name == "M5":
            figures.point("waiting", wait="a day", share=1.0, capacity=level)
