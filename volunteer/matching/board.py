"""All that is pending as columns: orders of one kind side by side with the teams that are able to do that kind."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.spatial import cKDTree

from volunteer.matching.distance import EARTH_KM, great_circle_metres
from volunteer.matching.roster import Roster, words
from volunteer.matching.terms import Policy, Request
from volunteer.matching.week import Week

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Rows = NDArray[np.intp]

GRAIN = 1_000_000  # scores are counted in millionths, so that sums and comparisons are exact
LARGEST_SCORE = 1000.0
DOUBT_KM = 1e-6  # nearer to the edge of a team's reach than this, the great circle itself decides


class Sort(NamedTuple):
    """What decides which teams are able: orders that agree in it share their teams."""

    skills: frozenset[str]
    window: Week | None
    risky_on: date | None


@dataclass(frozen=True)
class Kind:
    """Orders of one sort, and who is able to do them, near ones side by side in both.

    orders: (p,) places in the list of requests. teams: (q,) rows of the roster. fixed: (q,) millionths of score that no order
    changes, less the learned price. reach: (q,) km. tree: the teams' places.
    """

    sort: Sort
    orders: Rows
    teams: Rows
    fixed: Floats
    reach: Floats
    tree: cKDTree


class Board:
    """The requests in order of their ids, the seats that are left, and the value of any pair.

    place: (n, 3) kilometres from the middle of the roster. pull: (n,) millionths of score for being there already. room: (m,).
    """

    def __init__(self, requests: Sequence[Request], roster: Roster, policy: Policy, room: Ints) -> None:
        """Lay out the columns. ``requests`` must be in order of their ids."""
        self.requests, self.roster, self.policy, self.room = requests, roster, policy, room
        count = len(requests)
        points = np.fromiter(chain.from_iterable(request.point for request in requests), np.float64, 2 * count)
        self.place = _in_space(points.reshape(-1, 2)) - roster.ground.middle
        self.urgency = np.fromiter((request.urgency for request in requests), np.float64, count)
        self.pull = GRAIN * policy.weights.near * (1 + policy.urgent_pull * self.urgency)
        self._rated = policy.weights.rated * roster.ground.rated(policy)
        self.kinds = [self._kind(sort, orders) for sort, orders in _sorted_out(requests).items()]
        self.kind_of = np.zeros(count, np.intp)
        for number, kind in enumerate(self.kinds):
            self.kind_of[kind.orders] = number
        self.known = self._known()

    @property
    def teams(self) -> int:
        """Return how many teams there are."""
        return len(self.room)

    def gains(
        self, orders: Rows, teams: Rows, fixed: Floats, reach: Floats, chord: Floats | None = None
    ) -> tuple[Ints, NDArray[np.bool_]]:
        """Return the value of each pair in millionths, without what the two know of each other, and which are within reach.

        chord: the straight lines between them in km, where they are known.
        """
        near, km = self.within(orders, teams, reach, chord)
        np.multiply(km, -1 / self.policy.scale_km, out=km)
        np.exp(km, out=km)
        km *= self.pull[orders]
        km += fixed
        return np.rint(km, out=km).astype(np.int64), near

    def within(self, orders: Rows, teams: Rows, reach: Floats, chord: Floats | None = None) -> tuple[NDArray[np.bool_], Floats]:
        """Return which pairs are within reach (km), and how many kilometres they are apart."""
        points = self.roster.ground.teams
        if chord is None:
            apart = self.place[orders] - self.roster.ground.place[teams]
            chord = np.sqrt(np.einsum("...i,...i->...", apart, apart))
        km = arc_km(chord)
        near = np.asarray(km <= reach)
        doubtful = np.abs(km - reach) <= np.where(km < 19_000, DOUBT_KM, 1.0)
        if doubtful.any():
            flat = zip(*(np.broadcast_to(a, km.shape)[doubtful].tolist() for a in (orders, teams, reach)), strict=True)
            pairs = ((self.requests[order].point, points[team].point, most) for order, team, most in flat)
            near[doubtful] = [great_circle_metres(one, other) <= 1000 * most for one, other, most in pairs]
        return near, km

    def has_time(self, rows: Rows, window: Week | None) -> NDArray[np.bool_]:
        """Return which of these teams serve in the window, or at all."""
        hours = self.roster.ground.hours[rows]
        if window is not None:
            hours = hours & np.array(words(window), dtype=np.uint64)
        return np.asarray((hours != 0).any(axis=1))

    def values(self, orders: Rows, teams: Rows) -> tuple[NDArray[np.bool_], Ints]:
        """Return which pairs are possible at all, and the value of these (0 for the others)."""
        able, worth = np.zeros(len(orders), np.bool_), np.zeros(len(orders), np.int64)
        for number in np.unique(self.kind_of[orders]).tolist():
            kind = self.kinds[number]
            by_row = np.argsort(kind.teams)
            mine = np.flatnonzero(self.kind_of[orders] == number)
            at = np.minimum(np.searchsorted(kind.teams[by_row], teams[mine]), max(0, len(by_row) - 1))
            if not len(by_row):
                continue
            place = by_row[at]
            mine, place = mine[same := kind.teams[place] == teams[mine]], place[same]
            worth[mine], able[mine] = self.gains(orders[mine], teams[mine], kind.fixed[place], kind.reach[place])
        return able, np.where(able, worth, 0)

    def _kind(self, sort: Sort, orders: list[int]) -> Kind:
        roster, ground, policy = self.roster, self.roster.ground, self.policy
        columns = roster.columns(sort.skills, policy)
        able = self.room[columns.rows] > 0
        able &= self.has_time(columns.rows, sort.window)
        if sort.risky_on is not None:
            able &= columns.insured >= sort.risky_on.toordinal()
        teams = columns.rows[able]
        members = np.array(orders, dtype=np.intp)
        if not len(teams):
            return Kind(sort, members, teams, np.zeros(0), np.zeros(0), cKDTree(np.zeros((0, 3))))
        teams = teams[cKDTree(ground.place[teams]).indices]
        quality = policy.weights.skill * ground.proficiency(sort.skills)[teams] + self._rated[teams]
        return Kind(
            sort=sort,
            orders=members[cKDTree(self.place[members]).indices],
            teams=teams,
            fixed=GRAIN * (quality - roster.learned[teams]),
            reach=np.minimum(ground.reach[teams], policy.reach_km),
            tree=cKDTree(ground.place[teams]),
        )

    def _known(self) -> tuple[Rows, Rows, Ints]:
        """Return order, team and millionths of score for those who know each other and could do it."""
        weight, row = GRAIN * self.policy.weights.continuity, self.roster.row
        pairs = [
            (order, row[team_id], weight * known)
            for order, request in enumerate(self.requests)
            if request.continuity
            for team_id, known in sorted(request.continuity.items())
            if known and team_id in row
        ]
        orders = np.array([pair[0] for pair in pairs], dtype=np.intp)
        teams = np.array([pair[1] for pair in pairs], dtype=np.intp)
        return orders, teams, np.rint([pair[2] for pair in pairs]).astype(np.int64)


def arc_km(chord: Floats) -> Floats:
    """Return the way over the ground for a straight line through it, both in km."""
    return np.asarray(2 * EARTH_KM * np.arcsin(np.minimum(chord * (0.5 / EARTH_KM), 1.0)))


def chord_km(arc: float) -> float:
    """Return the straight line for a way over the ground, both in km."""
    return 2 * EARTH_KM * math.sin(min(arc / (2 * EARTH_KM), math.pi / 2))


def _in_space(points: Floats) -> Floats:
    latitude, longitude = np.radians(points).T
    flat = EARTH_KM * np.cos(latitude)
    return np.column_stack((flat * np.cos(longitude), flat * np.sin(longitude), EARTH_KM * np.sin(latitude)))


def _sorted_out(requests: Iterable[Request]) -> dict[Sort, list[int]]:
    found: dict[tuple[frozenset[str], Week | None, date | None], list[int]] = {}
    for place, request in enumerate(requests):
        key = (request.skills, request.window, request.risky_on)
        if key in found:
            found[key].append(place)
        else:
            found[key] = [place]
    return {Sort(*key): orders for key, orders in found.items()}
