"""Why nobody comes: for each order that a plan leaves out, the first condition after which nobody was left."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from volunteer.matching.board import Board, Kind
from volunteer.matching.explain import Obstacle

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Rows = NDArray[np.intp]

Facts = Mapping[str, float | str | tuple[str, ...]]
PAIRS = 1 << 20  # looked at a time


@dataclass(frozen=True, slots=True)
class Unserved:
    """An order that the plan leaves out, and why.

    NOBODY: nothing. MISSING_SKILL: skills. NOT_INSURED, NO_TIME: teams, how many were left before this was asked. TOO_FAR: teams,
    and of the nearest metres and reach_metres. FULL, RULED_OUT, ALL_TAKEN, NOT_WORTH: teams, how many could otherwise have come.
    A wish that cannot be: the obstacle of the wished team, with its facts and ``wished``, the team's id.
    """

    request_id: int
    reason: Obstacle
    facts: Facts = field(default_factory=dict)


def unserved(board: Board, orders: Rows, forbidden: Ints, taken: Ints) -> list[Unserved]:
    """Return the reason for each of these orders, in this order. taken: (m,) seats that the plan uses."""
    found: dict[int, Unserved] = {}
    numbers = board.kind_of[orders]
    for number in np.unique(numbers).tolist():
        _of_kind(board, board.kinds[number], orders[numbers == number], forbidden, taken, found)
    return [found[order] for order in orders.tolist()]


def _of_kind(board: Board, kind: Kind, orders: Rows, forbidden: Ints, taken: Ints, found: dict[int, Unserved]) -> None:
    rows, (reason, facts) = _left(board, kind)
    step = max(1, PAIRS // max(1, len(rows)))
    for start in range(0, len(orders), step):
        some = orders[start : start + step]
        said = _nearby(board, some, rows, forbidden, taken) if len(rows) else [(reason, facts)] * len(some)
        for order, (why, what) in zip(some.tolist(), said, strict=True):
            found[order] = Unserved(board.requests[order].id, why, what)


def _left(board: Board, kind: Kind) -> tuple[Rows, tuple[Obstacle, Facts]]:
    """Return the teams that have skill, insurance and time, and what left nobody if there are none."""
    sort, roster = kind.sort, board.roster
    ground = roster.ground
    if not board.teams:
        return np.zeros(0, np.intp), (Obstacle.NOBODY, {})
    rows = np.flatnonzero(ground.proficiency(sort.skills) > 0)
    if not len(rows):
        alone = [skill for skill in sorted(sort.skills) if not (ground.proficiency(frozenset({skill})) > 0).any()]
        return rows, (Obstacle.MISSING_SKILL, {"skills": tuple(alone or sorted(sort.skills))})
    if sort.risky_on is not None:
        able = rows[ground.insured(sort.skills, rows) >= sort.risky_on.toordinal()]
        if not len(able):
            return able, (Obstacle.NOT_INSURED, {"teams": len(rows)})
        rows = able
    able = rows[board.has_time(rows, sort.window)]
    return able, (Obstacle.NO_TIME, {"teams": len(rows)})


def _nearby(board: Board, orders: Rows, rows: Rows, forbidden: Ints, taken: Ints) -> list[tuple[Obstacle, Facts]]:
    ground = board.roster.ground
    reach = np.minimum(ground.reach[rows], board.policy.reach_km)
    near, km = board.within(orders[:, None], rows[None, :], reach[None, :])
    closest = km.argmin(axis=1)
    has_room = (board.roster.load < ground.capacity)[rows]
    open_to = near & has_room
    if len(forbidden):
        keys = orders[:, None] * board.teams + rows
        at = np.minimum(np.searchsorted(forbidden, keys), len(forbidden) - 1)
        allowed = open_to & (forbidden[at] != keys)
    else:
        allowed = open_to
    with_seat = (allowed & (taken < board.room)[rows]).any(axis=1)
    said: list[tuple[Obstacle, Facts]] = []
    counts = zip(near.sum(axis=1).tolist(), open_to.sum(axis=1).tolist(), allowed.sum(axis=1).tolist(), strict=True)
    for place, (reached, roomy, free) in enumerate(counts):
        if not reached:
            best = int(closest[place])
            facts = {"teams": len(rows), "metres": 1000 * float(km[place, best]), "reach_metres": 1000 * float(reach[best])}
            said.append((Obstacle.TOO_FAR, facts))
        elif not roomy:
            said.append((Obstacle.FULL, {"teams": reached}))
        elif not free:
            said.append((Obstacle.RULED_OUT, {"teams": roomy}))
        else:
            said.append((Obstacle.NOT_WORTH if with_seat[place] else Obstacle.ALL_TAKEN, {"teams": free}))
    return said
