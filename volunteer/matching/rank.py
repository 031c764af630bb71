"""Best teams first. A quick scan in float32 picks a few more than wanted; these are scored exactly and sorted.

The scan's error is bounded (``slack``), so the answer is that of scoring every team exactly: a property test holds it to that.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from volunteer.matching.distance import EARTH_KM, in_space
from volunteer.matching.roster import Roster, words
from volunteer.matching.score import near_weight, score
from volunteer.matching.terms import Match, Policy, Request, Team

if TYPE_CHECKING:
    from numpy.typing import NDArray

NEVER = np.float32(-np.inf)
GROUP = 32  # scores of which one maximum is taken


def rank(request: Request, teams: Sequence[Team] | Roster, policy: Policy, k: int = 20) -> list[Match]:
    """Return at most ``k`` matches, best first, equal scores in order of team ids.

    Teams without a wanted skill, without room, out of reach or without time in the window are left out. A plain sequence is
    made a Roster for this one call. Raises ValueError when k is not positive or a team stands on the roster twice.
    """
    if k < 1:
        raise ValueError(f"k is {k}, not a positive count")
    roster = teams if isinstance(teams, Roster) else Roster(teams)
    wanted = k
    while True:
        rows, sure, complete = shortlist(request, roster, policy, wanted)
        matches = [match for row in rows if (match := score(request, roster.teams[row], policy))]
        if complete or sum(match.score >= sure for match in matches) >= k:
            matches.sort(key=lambda match: (-match.score, match.team_id))
            return [replace(match, rank=place) for place, match in enumerate(matches[:k], start=1)]
        wanted *= 4


def shortlist(request: Request, roster: Roster, policy: Policy, k: int) -> tuple[list[int], float, bool]:
    """Return rows of the roster that contain the best ``k``, a score that no other row exceeds, and whether these are all."""
    columns = roster.columns(request.skills, policy)
    if not len(columns.rows):
        return [], 0.0, True
    scores, slack = scan(request, roster, policy)
    threshold = kth_largest(scores, k)
    if threshold == NEVER:
        return columns.rows[scores > NEVER].tolist(), 0.0, True
    chosen = columns.rows[scores >= threshold - 2 * slack]
    return chosen.tolist(), threshold - slack, False


def kth_largest(scores: NDArray[np.float32], k: int) -> float:
    """Return the k-th largest score, -inf when there are fewer than k.

    The k-th largest of the maxima of many small groups is a lower bound that few scores reach; only these are sorted.
    """
    if len(scores) <= k:
        return float(NEVER)
    groups = len(scores) // GROUP
    if groups > 2 * k:
        maxima = scores[: groups * GROUP].reshape(GROUP, groups).max(axis=0)
        scores = scores[scores >= np.partition(maxima, groups - k)[groups - k]]
    scores = np.sort(scores)
    return float(scores[-k])


def scan(request: Request, roster: Roster, policy: Policy) -> tuple[NDArray[np.float32], float]:
    """Return (n,) scores of the prepared columns, -inf where time or reach forbid, and how far they may be off."""
    columns = roster.columns(request.skills, policy)
    weights, pull = policy.weights, near_weight(request, policy)
    here = (np.array(in_space(request.point)) - roster.middle).astype(np.float32)
    apart = columns.place - here[:, None]
    np.multiply(apart, apart, out=apart)
    km = np.sqrt(apart[0] + apart[1] + apart[2])
    able = km <= columns.reach
    scores = np.exp(km * np.float32(-1 / policy.scale_km))
    scores *= np.float32(pull)
    scores += columns.fixed
    if request.window is not None:
        shared = [columns.hours[i] & np.uint64(word) for i, word in enumerate(words(request.window)) if word]
        able &= np.bitwise_or.reduce(shared) != 0
        if weights.free:
            hours = sum(np.bitwise_count(bits).astype(np.float32) for bits in shared)
            scores += np.float32(weights.free / request.window.bit_count()) * hours * columns.room
    else:
        able &= np.bitwise_or.reduce(columns.hours) != 0
        if weights.free:
            scores += np.float32(weights.free) * columns.room
    if weights.continuity and request.continuity:
        _add_known(scores, request, roster, columns.rows, weights.continuity)
    scores[~able] = NEVER
    reach = float(np.abs(here).max()) * 2.0**-20 + columns.slack_km
    bend = 0.06 * (policy.scale_km / EARTH_KM) ** 2  # a straight line instead of an arc: at most 27/24 e^-3 (scale / radius)²
    size = 1 + pull + policy.load_price + weights.skill + weights.rated + weights.continuity + weights.free
    slack = pull * (reach / policy.scale_km + bend) + 4e-6 * size
    return scores, slack


def _add_known(scores: NDArray[np.float32], request: Request, roster: Roster, rows: NDArray[np.intp], weight: float) -> None:
    for team_id, known in request.continuity.items():
        row = roster.row.get(team_id)
        if row is not None:
            at = int(np.searchsorted(rows, row))
            if at < len(rows) and rows[at] == row:
                scores[at] += np.float32(weight * known)
