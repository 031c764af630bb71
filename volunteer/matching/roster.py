"""The teams as columns: built once, scanned for every request."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from volunteer.matching import filter as conditions
from volunteer.matching.distance import EARTH_KM, in_space
from volunteer.matching.score import load_price, rated_part
from volunteer.matching.terms import Policy, Team
from volunteer.matching.week import Week

if TYPE_CHECKING:
    from numpy.typing import NDArray

KEPT = 256  # prepared skill sets; a menu has a few dozen
WORD = (1 << 64) - 1


def words(week: Week) -> tuple[int, int, int]:
    """Return the 168 bits as three words of 64."""
    return (week & WORD, week >> 64 & WORD, week >> 128 & WORD)


@dataclass(frozen=True, slots=True)
class Columns:
    """The teams that have the skills and room for one more, as float32 columns of one length n.

    rows: (n,) row in the roster. place: (3, n) kilometres from the roster's middle. reach: (n,) km as a straight line, generous.
    fixed: (n,) the part of the score that no request changes. slack: how far a score computed from these may be off.
    """

    rows: NDArray[np.intp]
    place: NDArray[np.float32]
    reach: NDArray[np.float32]
    fixed: NDArray[np.float32]
    room: NDArray[np.float32]
    hours: NDArray[np.uint64]
    slack_km: float


class Roster:
    """Teams in order of their ids, ready to be ranked again and again. Raises ValueError when an id comes twice."""

    def __init__(self, teams: Sequence[Team]) -> None:
        """Sort the teams by id and lay out their columns: about 50 ms for 10,000."""
        self.teams: tuple[Team, ...] = tuple(sorted(teams, key=lambda team: team.id))
        self.row = {team.id: row for row, team in enumerate(self.teams)}
        if len(self.row) != len(self.teams):
            raise ValueError("a team stands on the roster twice")
        space = np.array([in_space(team.point) for team in self.teams], dtype=np.float64).reshape(-1, 3)
        self.middle: NDArray[np.float64] = (space.min(axis=0) + space.max(axis=0)) / 2 if len(space) else np.zeros(3)
        self._place = space - self.middle
        self._hours = np.array([words(team.availability) for team in self.teams], dtype=np.uint64).reshape(-1, 3)
        self._kept: dict[tuple[frozenset[str], Policy], Columns] = {}

    def __len__(self) -> int:
        """Return how many teams there are, whether or not they have room."""
        return len(self.teams)

    def columns(self, skills: frozenset[str], policy: Policy) -> Columns:
        """Return the columns for this skill set under this policy; prepared once and kept."""
        key = (skills, policy)
        if key not in self._kept:
            if len(self._kept) >= KEPT:
                self._kept.clear()
            self._kept[key] = self._prepare(skills, policy)
        return self._kept[key]

    def _prepare(self, skills: frozenset[str], policy: Policy) -> Columns:
        able = [
            (row, team) for row, team in enumerate(self.teams) if conditions.has_room(team) and all(map(team.skills.get, skills))
        ]
        rows = np.array([row for row, _ in able], dtype=np.intp)
        teams = [team for _, team in able]
        extent = float(np.abs(self._place).max(initial=1.0))
        slack_km = extent * 2.0**-20  # float32 has 24 bits; three coordinates and their differences lose less than four
        weights = policy.weights
        fixed = [
            weights.skill * min((team.skills[skill] for skill in skills), default=1.0)
            + weights.rated * rated_part(team, policy)
            - load_price(team, policy)
            for team in teams
        ]
        reach = [min(team.reach_km, policy.reach_km, np.pi * EARTH_KM) * (1 + 2.0**-20) + slack_km for team in teams]
        return Columns(
            rows=rows,
            place=np.ascontiguousarray(self._place[rows].T, dtype=np.float32),
            reach=np.array(reach, dtype=np.float32),
            fixed=np.array(fixed, dtype=np.float32),
            room=np.array([1 - team.load / team.capacity for team in teams], dtype=np.float32),
            hours=np.ascontiguousarray(self._hours[rows].T),
            slack_km=slack_km,
        )
