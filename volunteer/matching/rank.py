"""Best teams first. A quick scan in float32 picks a few more than wanted; these are scored exactly and sorted.

The scan's error is bounded (``slack``), so the answer is that of scoring every team exactly: a property test holds it to that.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from volunteer.matching import filter as conditions
from volunteer.matching.distance import EARTH_KM, great_circle_metres, in_space
from volunteer.matching.roster import NEVER, Roster, words
from volunteer.matching.score import near_weight, score
from volunteer.matching.terms import Match, Policy, Request, Team

if TYPE_CHECKING:
    from numpy.typing import NDArray

GROUP = 32  # scores of which one maximum is taken
NOBODY: frozenset[int] = frozenset()


def rank(
    request: Request,
    teams: Sequence[Team] | Roster,
    policy: Policy,
    k: int = 20,
    prices: Mapping[int, float] | None = None,
    without: Collection[int] = NOBODY,
) -> list[Match]:
    """Return at most ``k`` matches, the highest score less price first, equals in order of team ids.

    Teams without a wanted skill, without room, out of reach, without time in the window or, for risky work, without insured
    adults are left out, and so are those named in ``without``. prices: learned ones by team id; without them the roster's own.
    A plain sequence is made a Roster for this one call. Raises ValueError when k is not positive, a team stands on the roster
    twice, or a price is not a number from 0 up.
    """
    if k < 1:
        raise ValueError(f"k is {k}, not a positive count")
    roster = teams if isinstance(teams, Roster) else Roster(teams)
    if prices is not None:
        roster = roster.priced(prices)
    return Ranking(request, roster, policy, without).best(k)


class Ranking:
    """One request against a roster: scanned once; the best, how many there are and any team's place are read from it."""

    def __init__(self, request: Request, roster: Roster, policy: Policy, without: Collection[int] = NOBODY) -> None:
        """Scan the teams; ``without`` are not on the list, whatever they could do."""
        self.request, self.roster, self.policy = request, roster, policy
        self.without = frozenset(without)
        self.columns = roster.columns(request.skills, policy)
        self.nets, self._km, self.slack = scan(request, roster, policy)
        for team_id in self.without:
            at = self._at(team_id)
            if at is not None:
                self.nets[at] = NEVER

    @cached_property
    def able(self) -> int:
        """How many teams can do it."""
        return int(np.count_nonzero(self._exact > NEVER))

    def best(self, k: int) -> list[Match]:
        """Return the ``k`` best, ranked from 1."""
        wanted = k
        while True:
            rows, sure, complete = pick(self.nets, self.columns.rows, self.slack, wanted)
            matches = [match for row in rows if (match := self._score(row))]
            if complete or sum(match.net >= sure for match in matches) >= k:
                matches.sort(key=lambda match: (-match.net, match.team_id))
                return [replace(match, rank=place) for place, match in enumerate(matches[:k], start=1)]
            wanted *= 4

    def of(self, team_id: int) -> Match | None:
        """Return one team's match with its rank; None when it is not on the list."""
        row = self.roster.row.get(team_id)
        match = None if row is None or team_id in self.without else self._score(row)
        if match is None:
            return None
        doubtful = np.flatnonzero(np.abs(self._exact - np.float32(match.net)) <= self.slack)
        ahead = int(np.count_nonzero(self._exact > match.net + self.slack))
        for at in doubtful.tolist():
            other = self._score(int(self.columns.rows[at]))
            if other is not None and (-other.net, other.team_id) < (-match.net, team_id):
                ahead += 1
        return replace(match, rank=ahead + 1)

    @cached_property
    def _exact(self) -> NDArray[np.float32]:
        """The scan's nets without the few that its generous reach let in: these are measured on the globe."""
        nets = self.nets.copy()
        arc = 2 * EARTH_KM * np.arcsin(np.minimum(self._km.astype(np.float64) / (2 * EARTH_KM), 1.0))
        edge = self.columns.reach * (1 - 2.0**-17) - 4 * self.columns.slack_km
        for at in np.flatnonzero((nets > NEVER) & (arc > edge)).tolist():
            team = self.roster.teams[int(self.columns.rows[at])]
            if great_circle_metres(self.request.point, team.point) > conditions.reach_metres(team, self.policy):
                nets[at] = NEVER
        return nets

    def _score(self, row: int) -> Match | None:
        return score(self.request, self.roster.at(row), self.policy, float(self.roster.learned[row]))

    def _at(self, team_id: int) -> int | None:
        """The place of a team in the columns, None when it is not in them."""
        row = self.roster.row.get(team_id)
        return None if row is None else place_of(self.columns.rows, row)


def place_of(rows: NDArray[np.intp], row: int) -> int | None:
    """Return where a roster's row stands in sorted ``rows``, None when it is not there."""
    at = int(np.searchsorted(rows, row))
    return at if at < len(rows) and rows[at] == row else None


def pick(nets: NDArray[np.float32], rows: NDArray[np.intp], slack: float, k: int) -> tuple[list[int], float, bool]:
    """Return rows that contain the best ``k``, a net that no other row exceeds, and whether these are all."""
    threshold = kth_largest(nets, k)
    if threshold == NEVER:
        return rows[nets > NEVER].tolist(), 0.0, True
    return rows[nets >= threshold - 2 * slack].tolist(), threshold - slack, False


def shortlist(request: Request, roster: Roster, policy: Policy, k: int) -> list[int]:
    """Return a few rows of the roster that contain the best ``k``."""
    nets, _, slack = scan(request, roster, policy)
    return pick(nets, roster.columns(request.skills, policy).rows, slack, k)[0]


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


def scan(request: Request, roster: Roster, policy: Policy) -> tuple[NDArray[np.float32], NDArray[np.float32], float]:
    """Return for the prepared columns (n,) score less price, -inf for who cannot; (n,) km as a straight line; the nets' error."""
    columns = roster.columns(request.skills, policy)
    weights, pull = policy.weights, near_weight(request, policy)
    here = (np.array(in_space(request.point)) - roster.ground.middle).astype(np.float32)
    apart = columns.place - here[:, None]
    np.multiply(apart, apart, out=apart)
    km = np.sqrt(apart[0] + apart[1] + apart[2])
    able = km <= columns.reach
    nets = np.exp(km * np.float32(-1 / policy.scale_km))
    nets *= np.float32(pull)
    nets += roster.net(request.skills, policy)
    if request.window is not None:
        shared = [columns.hours[i] & np.uint64(word) for i, word in enumerate(words(request.window)) if word]
        able &= np.bitwise_or.reduce(shared) != 0
    else:
        able &= np.bitwise_or.reduce(columns.hours) != 0
    if request.risky_on is not None:
        able &= columns.insured >= request.risky_on.toordinal()
    if weights.continuity and request.continuity:
        _add_known(nets, request, roster, columns.rows, weights.continuity)
    nets[~able] = NEVER
    reach = float(np.abs(here).max()) * 2.0**-20 + columns.slack_km
    bend = 0.06 * (policy.scale_km / EARTH_KM) ** 2  # a straight line instead of an arc: at most 27/24 e^-3 (scale / radius)²
    size = 1 + pull + policy.load_price + roster.dearest + weights.skill + weights.rated + weights.continuity
    return nets, km, pull * (reach / policy.scale_km + bend) + 4e-6 * size


def _add_known(nets: NDArray[np.float32], request: Request, roster: Roster, rows: NDArray[np.intp], weight: float) -> None:
    for team_id, known in request.continuity.items():
        row = roster.row.get(team_id)
        at = None if row is None else place_of(rows, row)
        if at is not None:
            nets[at] += np.float32(weight * known)
