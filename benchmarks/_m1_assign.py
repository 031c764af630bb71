"""M1: everything pending at once, exactly, with candidates and scores computed from coordinates and skills.

Time against OR-Tools alone on the very network that we built in the end, memory against a process that has the same libraries
and does nothing but solve a ready network with 20 candidates for each order. The gap is proved over all able pairs, not only over
candidates.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np

from benchmarks._ready_arcs import megabytes
from benchmarks.figure import Figures, alternate
from volunteer.matching import Plan, Policy, Request, Roster, Team, assign
from volunteer.matching.certificate import proves
from volunteer.matching.flow import Network, ready, solve, value

SKILLS = tuple(f"skill-{i}" for i in range(25))
SOUTH, WEST, SIZE = 30.8, 120.3, 0.5
SIZES = ((10_000, 10_000), (100_000, 10_000))
CHART = ((1_000, 10_000), (3_000, 10_000), (30_000, 10_000))  # more points of the chart of cost against size
READY = 20  # candidates in the network of the reference for memory
ARRAYS = ("rows", "cols", "gains", "bypass", "seat_cols", "seat_prices")


def invent(orders: int, teams: int) -> Callable[[], Plan]:
    """Return a call of ``assign`` on so many orders and teams over 55 by 48 km, capacities 1 to 5, every fifth order urgent."""
    rng = random.Random(1)
    crew = [
        Team(
            id=team_id,
            point=(SOUTH + SIZE * rng.random(), WEST + SIZE * rng.random()),
            skills={skill: round(rng.uniform(0.4, 1.0), 2) for skill in rng.sample(SKILLS, rng.randint(1, 5))},
            reach_km=rng.choice((5, 8, 15)),
            capacity=rng.randint(1, 5),
            rating=rng.betavariate(8, 2),
            ratings=rng.randint(0, 60),
        )
        for team_id in range(1, teams + 1)
    ]
    sets = [frozenset({skill}) for skill in SKILLS]
    wanted = [
        Request(
            id=request_id,
            point=(SOUTH + SIZE * rng.random(), WEST + SIZE * rng.random()),
            skills=rng.choice(sets),
            urgency=1.0 if request_id % 5 == 0 else 0.0,
        )
        for request_id in range(1, orders + 1)
    ]
    roster, policy = Roster(crew), Policy()
    for skills in sets:
        roster.columns(skills, policy)  # prepared once a version of the data
    return lambda: assign(wanted, roster, policy)


def assigned(figures: Figures) -> None:
    """Print time, memory, gap and mistakes; beside them, for the reader, what other ways would reach or take."""
    for orders, teams in (*CHART[:2], SIZES[0], CHART[2], SIZES[1]):
        name, counts = f"M1.{orders // 1000}k_x_{teams // 1000}k", (orders, teams) in SIZES
        call = invent(orders, teams)
        plan = call()
        net, flow = plan.best.net, plan.best.flow
        alone = partial(solve_alone, net)
        ours, reference = alternate(call, alone, rounds=5 if counts else 3, repeat=1)
        figures.point("cost", orders=orders, seconds=ours, reference=reference)
        if not counts:
            continue
        figures.ratio(name, ours, reference, f"OR-Tools on the same {len(net.rows)} ready arcs, bypass and seats", at_most=1.5)
        _memory(figures, name, orders, teams, net)
        figures.value(f"{name}_gap", plan.gap, "score", f"proved over all pairs, total {plan.total:.4f}", at_most=0)
        wrong = int(not proves(net, flow, plan.best.proof)) + int(value(net, solve(net)) != value(net, flow))
        figures.value(f"{name}_wrong", wrong, "count", "the proof checked anew, the network solved anew", at_most=0)
        _others(net, name)


def solve_alone(net: Network) -> None:
    """Do what the reference does: lay out arcs that lie ready, and solve."""
    ready(net)[0].solve()


def _memory(figures: Figures, name: str, orders: int, teams: int, net: Network) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "network.npz"
        place = np.arange(len(net.rows)) - net.row_start[net.rows]
        few = np.flatnonzero(place < READY)  # nearest first
        arrays = {key: getattr(net, key) for key in ARRAYS} | {key: getattr(net, key)[few] for key in ARRAYS[:3]}
        np.savez(path, **arrays)
        ours = _child("benchmarks._m1_assign", str(orders), str(teams))
        reference = _child("benchmarks._ready_arcs", str(path))
    what = f"OR-Tools on {len(few)} ready arcs, the same libraries loaded"
    figures.memory(f"{name}_memory", ours["megabytes"], reference["megabytes"], what, at_most=1.5)


def _child(*words: str) -> dict[str, float]:
    run = subprocess.run([sys.executable, "-m", *words], capture_output=True, text=True, check=True)
    said: dict[str, float] = json.loads(run.stdout)
    return said


def _others(net: Network, name: str) -> None:
    """Print what greedy reaches and SciPy takes: for the reader, no figure to reach."""
    order = np.lexsort((net.cols, net.rows, -net.gains))
    left, done = net.seats.copy(), np.zeros(net.orders, np.bool_)
    won = 0
    began = time.perf_counter()
    for row, col, gain in zip(net.rows[order].tolist(), net.cols[order].tolist(), net.gains[order].tolist(), strict=True):
        if not done[row] and left[col]:
            price = net.seat_prices[net.seat_start[col + 1] - left[col]]
            left[col] -= 1
            done[row] = True
            won += gain - int(price)
    took = time.perf_counter() - began
    gentle = replace(net, bypass=net.bypass // net.bypass.min() * 4 * int(np.ptp(net.gains)))
    began = time.perf_counter()
    solve_alone(gentle)
    took = time.perf_counter() - began
    print(f"# {name} OR-Tools when serving one more counts for no more than four times the best match: {took:.2f} s")
    plain = solve(replace(net, bypass=np.zeros_like(net.bypass)))
    best = value(replace(net, bypass=np.zeros_like(net.bypass)), plain)
    print(f"# {name} greedy {won / best:.4f} of the largest sum, {int(done.sum())} served, {took:.2f} s in plain Python")
    if net.orders <= net.seats.sum() and len(net.seat_cols) <= 40_000:
        _scipy(net, name, best)


def _scipy(net: Network, name: str, best: int) -> None:
    """SciPy knows no capacities: every seat is a column."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import min_weight_full_bipartite_matching

    began = time.perf_counter()
    counts = net.seats[net.cols]
    rows = np.repeat(net.rows, counts)
    seat = np.repeat(net.seat_start[net.cols] - np.cumsum(counts) + counts, counts) + np.arange(counts.sum())
    weight = np.repeat(net.gains, counts) - net.seat_prices[seat] + 1 + int(net.seat_prices.max(initial=0))
    size = (net.orders, len(net.seat_cols))
    try:
        mine, _ = min_weight_full_bipartite_matching(csr_array((weight.astype(np.float64), (rows, seat)), size), maximize=True)
    except ValueError as reason:
        print(f"# {name} SciPy min_weight_full_bipartite_matching: {reason}")
        return
    took = time.perf_counter() - began
    print(f"# {name} SciPy min_weight_full_bipartite_matching {took:.2f} s, {len(mine)} served, largest sum {best}")


if __name__ == "__main__":  # a process of its own, for its memory: ORDERS TEAMS
    program = invent(int(sys.argv[1]), int(sys.argv[2]))
    start = time.perf_counter()
    program()
    print(json.dumps({"seconds": time.perf_counter() - start, "megabytes": megabytes()}))
