"""M6: gMission, the published set of the GOMA problem (Tong et al., ICDE 2016): workers and tasks that come and go.

A pair may be matched while both are present, if the task lies within the worker's radius; it is worth payoff times success rate.
Nothing is learned, from this file or any other. What is used, by figure:

batch      everything, with hindsight: the exact optimum.
online     by the clock of the file: at each moment only who has come so far. Nobody is matched before one of the two is about to
           leave; then the best matching of everybody present is looked at, and only the pair of the one who leaves is made.
           The file's order decides between arrivals of the same second, so the ten orders say nearly the same.
at once    the published protocol, for comparison: arrivals in the file's order, whatever their time, each matched at once with
           the best of those before it or left for later ones. This is the authors' Greedy; their other programs are below it.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from benchmarks.figure import Figures

OPTIMUM = 1878.4316
Rows = NDArray[np.float64]
WORKER, TASK = 0.0, 1.0
KIND, COMES, X, Y, RADIUS, LEAVES, VALUE = range(7)


def load(path: Path) -> Rows:
    """Read a file: (n, 7) kind, comes, x, y, radius, leaves, success rate or payoff; one row a seat of a worker."""
    rows = []
    for line in path.read_text(encoding="utf-8").splitlines()[1:]:
        part = line.split()
        if part[1] == "w":
            time, x, y, radius, seats, stays, rate = map(float, (part[0], *part[2:]))
            rows += [(WORKER, time, x, y, radius, time + stays, rate)] * int(seats)
        else:
            time, x, y, stays, payoff = map(float, (part[0], *part[2:]))
            rows.append((TASK, time, x, y, 0.0, time + stays, payoff))
    return np.array(rows)


def worth(workers: Rows, tasks: Rows) -> Rows:
    """Return (workers, tasks) what each pair is worth, 0 where it may not be."""
    apart = (workers[:, X, None] - tasks[:, X]) ** 2 + (workers[:, Y, None] - tasks[:, Y]) ** 2
    both = (workers[:, COMES, None] < tasks[:, LEAVES]) & (tasks[:, COMES] < workers[:, LEAVES, None])
    return np.where(both & (apart <= workers[:, RADIUS, None] ** 2), workers[:, VALUE, None] * tasks[:, VALUE], 0.0)


def best(rows: Rows) -> dict[int, tuple[int, float]]:
    """Return the best matching of some workers and tasks: by row, the other and what the pair is worth."""
    workers, tasks = np.flatnonzero(rows[:, KIND] == WORKER), np.flatnonzero(rows[:, KIND] == TASK)
    value = worth(rows[workers], rows[tasks])
    found: dict[int, tuple[int, float]] = {}
    for i, j in zip(*linear_sum_assignment(value, maximize=True), strict=True):
        if value[i, j] > 0:
            worker, task, won = int(workers[i]), int(tasks[j]), float(value[i, j])
            found[worker], found[task] = (task, won), (worker, won)
    return found


def whole(rows: Rows) -> float:
    """Return the optimum with hindsight."""
    return sum(won for _, won in best(rows).values()) / 2


def by_the_clock(rows: Rows) -> float:
    """Return what is won when every pair is made at the last moment at which both are there."""
    comes, leaves = rows[:, COMES], rows[:, LEAVES]
    moments = sorted([(time, True, i) for i, time in enumerate(comes)] + [(time, False, i) for i, time in enumerate(leaves)])
    present: list[int] = []
    won = 0.0
    for _, coming, who in moments:  # who leaves at a moment is gone before others come
        if coming:
            present.append(who)
        elif who in present:
            pair = best(rows[present]).get(present.index(who))
            gone = [who]
            if pair is not None:
                gone.append(present[pair[0]])
                won += pair[1]
            present = [one for one in present if one not in gone]
    return won


def at_once(rows: Rows) -> float:
    """Return what is won in the published protocol without waiting."""
    free, won = np.ones(len(rows), bool), 0.0
    for i, row in enumerate(rows):
        others = np.flatnonzero(free[:i] & (rows[:i, KIND] != row[KIND]))
        mine = rows[i : i + 1]
        value = worth(mine, rows[others])[0] if row[KIND] == WORKER else worth(rows[others], mine)[:, 0]
        if len(others) and value.max() > 0:
            free[i] = free[others[int(value.argmax())]] = False
            won += float(value.max())
    return won


def gmission(figures: Figures, data: Path | None) -> None:
    """M6: batch and online, in ten orders of arrival."""
    files = sorted((data / "gmission").glob("data_*.txt")) if data else []
    if not files:
        print("# M6 needs --data with gmission/data_00.txt …: left out", flush=True)
        return
    orders = [load(file) for file in files]
    off = max(abs(round(whole(rows), 4) - OPTIMUM) for rows in orders)
    figures.value("M6.batch_off_the_optimum", round(off, 4), "utility", f"{OPTIMUM}, ten orders", at_most=0)
    plain = float(np.mean([at_once(rows) for rows in orders])) / OPTIMUM
    waiting = float(np.mean([by_the_clock(rows) for rows in orders])) / OPTIMUM
    what = f"the optimum, ten orders; the published protocol without waiting {plain:.4f}"
    figures.share("M6.online", round(waiting, 4), what, at_least=0.955)
