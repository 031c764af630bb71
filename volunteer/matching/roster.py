"""The teams as columns: built once a version of the data, scanned for every request.

Loads and learned prices change all the time, teams do not: a roster lies ``over`` the same columns with other loads and prices.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from volunteer.matching.distance import EARTH_KM, in_space
from volunteer.matching.terms import Policy, Team
from volunteer.matching.week import Week

if TYPE_CHECKING:
    from numpy.typing import NDArray

KEPT = 256  # prepared skill sets; a menu has a few dozen
WORD = (1 << 64) - 1
NEVER = np.float32(-np.inf)


def words(week: Week) -> tuple[int, int, int]:
    """Return the 168 bits as three words of 64."""
    return (week & WORD, week >> 64 & WORD, week >> 128 & WORD)


@dataclass(frozen=True, slots=True)
class Columns:
    """The teams that have the skills, as float32 columns of one length n, whatever they have in hand.

    rows: (n,) row in the roster. place: (3, n) kilometres from the roster's middle. reach: (n,) km as a straight line, generous.
    quality: (n,) the part of the score that no request changes. hours: (3, n) words of the week. insured: (n,) the day number to
    which insured adults bring the skills, 0 for never. slack_km: how far a distance computed from these may be off.
    """

    rows: NDArray[np.intp]
    place: NDArray[np.float32]
    reach: NDArray[np.float32]
    quality: NDArray[np.float32]
    hours: NDArray[np.uint64]
    insured: NDArray[np.int32]
    slack_km: float


class Ground:
    """What rosters over the same teams share: float64 columns of all of them, and the prepared skill sets.

    ids: (n,) ascending. place: (n, 3) kilometres from ``middle``. reach: (n,) km. hours: (n, 3) words of the week.
    capacity, load: (n,) orders.
    """

    def __init__(self, teams: Sequence[Team]) -> None:
        """Sort the teams by id and lay out their columns: about 50 ms for 10,000. Raises ValueError when an id comes twice."""
        self.teams: tuple[Team, ...] = tuple(sorted(teams, key=lambda team: team.id))
        self.row = {team.id: row for row, team in enumerate(self.teams)}
        if len(self.row) != len(self.teams):
            raise ValueError("a team stands on the roster twice")
        self.ids: NDArray[np.int64] = np.array([team.id for team in self.teams], dtype=np.int64)
        space = np.array([in_space(team.point) for team in self.teams], dtype=np.float64).reshape(-1, 3)
        self.middle: NDArray[np.float64] = (space.min(axis=0) + space.max(axis=0)) / 2 if len(space) else np.zeros(3)
        self.place: NDArray[np.float64] = space - self.middle
        self.reach: NDArray[np.float64] = np.array([team.reach_km for team in self.teams], dtype=np.float64)
        self.hours: NDArray[np.uint64] = np.array([words(t.availability) for t in self.teams], dtype=np.uint64).reshape(-1, 3)
        self.capacity: NDArray[np.int64] = np.array([team.capacity for team in self.teams], dtype=np.int64)
        self.load: NDArray[np.int64] = np.array([team.load for team in self.teams], dtype=np.int64)
        self.rating: NDArray[np.float64] = np.array([team.rating for team in self.teams], dtype=np.float64)
        self.ratings: NDArray[np.float64] = np.array([team.ratings for team in self.teams], dtype=np.float64)
        self._levels: dict[str, NDArray[np.float64]] = {}
        self._columns: dict[tuple[frozenset[str], Policy], Columns] = {}

    def proficiency(self, skills: frozenset[str]) -> NDArray[np.float64]:
        """Return (n,) the proficiency in the weakest of the skills, 0 where one is missing, 1 when none is asked."""
        weakest = np.ones(len(self.teams))
        for skill in skills:
            if skill not in self._levels:
                self._levels[skill] = np.array([team.skills.get(skill, 0.0) for team in self.teams], dtype=np.float64)
            np.minimum(weakest, self._levels[skill], out=weakest)
        return weakest

    def rated(self, policy: Policy) -> NDArray[np.float64]:
        """Return (n,) the shrunk ratings."""
        given = self.ratings + policy.prior_ratings
        known = np.maximum(given, np.finfo(float).tiny)  # nothing given and nothing trusted: the prior alone
        shrunk: NDArray[np.float64] = (self.rating * self.ratings + policy.prior * policy.prior_ratings) / known
        return np.where(given > 0, shrunk, policy.prior)

    def insured(self, skills: frozenset[str], rows: NDArray[np.intp]) -> NDArray[np.int32]:
        """Return the day number to which insured adults of the teams bring every skill, 0 where they never do."""

        def until(team: Team) -> int:
            days = [team.insured_skills.get(skill) for skill in skills] if skills else [team.insured_until]
            return min(day.toordinal() if day else 0 for day in days)

        return np.array([until(self.teams[row]) for row in rows.tolist()], dtype=np.int32)

    def columns(self, skills: frozenset[str], policy: Policy) -> Columns:
        """Return the columns for this skill set under this policy; prepared once and kept."""
        key = (skills, policy)
        kept = self._columns.get(key)
        if kept is None:
            if len(self._columns) >= KEPT:
                self._columns.clear()
            kept = self._columns[key] = self._prepare(skills, policy)
        return kept

    def _prepare(self, skills: frozenset[str], policy: Policy) -> Columns:
        level = self.proficiency(skills)
        rows = np.flatnonzero((level > 0) & (self.capacity > 0))
        extent = float(np.abs(self.place).max(initial=1.0))
        slack_km = extent * 2.0**-20  # float32 has 24 bits; three coordinates and their differences lose less than four
        quality = policy.weights.skill * level + policy.weights.rated * self.rated(policy)
        reach = np.minimum(self.reach, min(policy.reach_km, math.pi * EARTH_KM)) * (1 + 2.0**-20) + slack_km
        return Columns(
            rows=rows,
            place=np.ascontiguousarray(self.place[rows].T, dtype=np.float32),
            reach=reach[rows].astype(np.float32),
            quality=quality[rows].astype(np.float32),
            hours=np.ascontiguousarray(self.hours[rows].T),
            insured=self.insured(skills, rows),
            slack_km=slack_km,
        )


class Roster:
    """Teams in order of their ids with the orders that each has in hand, ready to be ranked again and again.

    load: (n,) orders in hand. learned: (n,) what was learned to be taken off each team's score. dearest: the highest of these.
    """

    def __init__(
        self,
        teams: Sequence[Team] | Ground,
        *,
        loads: Mapping[int, int] | None = None,
        prices: Mapping[int, float] | None = None,
    ) -> None:
        """Lay loads and learned prices, by team id, over the teams; without loads each team's own counts.

        Unknown ids are passed over. Raises ValueError for a team that comes twice, a load that is not a count, or a price that is
        not a number from 0 up.
        """
        self.ground = teams if isinstance(teams, Ground) else Ground(teams)
        self.load: NDArray[np.int64] = self.ground.load if loads is None else self._counts(loads)
        self.learned = self._laid(prices or {})
        if (bad := ~((self.learned >= 0) & np.isfinite(self.learned))).any():
            raise ValueError(f"price of team {self._first(bad)} is not a number from 0 up")
        self.dearest = float(self.learned.max(initial=0.0))
        self._net: dict[tuple[frozenset[str], Policy], NDArray[np.float32]] = {}

    def __len__(self) -> int:
        """Return how many teams there are, whether or not they have room."""
        return len(self.ground.teams)

    @property
    def teams(self) -> tuple[Team, ...]:
        """The teams in order of their ids; ``at`` has their loads of now."""
        return self.ground.teams

    @property
    def row(self) -> Mapping[int, int]:
        """The row of each team by id."""
        return self.ground.row

    def over(self, *, loads: Mapping[int, int] | None = None, prices: Mapping[int, float] | None = None) -> Roster:
        """Return a roster of the same teams with other loads and learned prices: a tenth of a millisecond."""
        return Roster(self.ground, loads=loads, prices=prices)

    def priced(self, prices: Mapping[int, float]) -> Roster:
        """Return a roster of the same teams with the same loads and other learned prices."""
        fresh = Roster(self.ground, prices=prices)
        fresh.load = self.load
        return fresh

    def at(self, row: int) -> Team:
        """Return a team with the orders that it has in hand now."""
        team, load = self.ground.teams[row], int(self.load[row])
        return team if team.load == load else replace(team, load=load)

    def price(self, policy: Policy) -> NDArray[np.float64]:
        """Return (n,) what is taken off each team's score for its next order: for load, and what was learned."""
        share = self.load / np.maximum(self.ground.capacity, 1)
        return policy.load_price * share**2 + self.learned

    def columns(self, skills: frozenset[str], policy: Policy) -> Columns:
        """Return the columns for this skill set under this policy; prepared once and kept."""
        return self.ground.columns(skills, policy)

    def net(self, skills: frozenset[str], policy: Policy) -> NDArray[np.float32]:
        """Return for each row of the columns quality less price, -inf where there is no room; kept as long as this roster."""
        key = (skills, policy)
        kept = self._net.get(key)
        if kept is None:
            if len(self._net) >= KEPT:
                self._net.clear()
            columns = self.columns(skills, policy)
            kept = (columns.quality - self.price(policy)[columns.rows]).astype(np.float32)
            kept[(self.load >= self.ground.capacity)[columns.rows]] = NEVER
            self._net[key] = kept
        return kept

    def _laid(self, values: Mapping[int, float]) -> NDArray[np.float64]:
        laid = np.zeros(len(self.ground.teams))
        if values and len(laid):
            ids = np.fromiter(values.keys(), np.int64, len(values))
            rows = np.minimum(np.searchsorted(self.ground.ids, ids), len(laid) - 1)
            known = self.ground.ids[rows] == ids
            laid[rows[known]] = np.fromiter(values.values(), np.float64, len(values))[known]
        return laid

    def _counts(self, loads: Mapping[int, int]) -> NDArray[np.int64]:
        laid = self._laid(loads)
        if (bad := ~((laid >= 0) & (laid == np.floor(laid)) & np.isfinite(laid))).any():
            raise ValueError(f"load of team {self._first(bad)} is not a count")
        return laid.astype(np.int64)

    def _first(self, wrong: NDArray[np.bool_]) -> int:
        return self.ground.teams[int(np.argmax(wrong))].id
