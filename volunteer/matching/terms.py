"""What the matcher is given and what it answers. Everything is checked here, so that the arithmetic need not.

Units: degrees (WGS-84) for points, kilometres for reach and scale, metres in answers, 0 to 1 for proficiency, rating and every
part of a score. Ids are integers and only compared.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from volunteer.matching.week import ALL_WEEK, Week

Place = tuple[float, float]


def _place(point: Place, whose: str) -> None:
    latitude, longitude = point
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):  # also false for NaN
        raise ValueError(f"{whose}: {tuple(point)} is not a place on earth")


def _share(value: float, whose: str) -> None:
    if not 0 <= value <= 1:
        raise ValueError(f"{whose} is {value}, not between 0 and 1")


def _positive(value: float, whose: str) -> None:
    if not (0 < value < math.inf):
        raise ValueError(f"{whose} is {value}, not a positive number")


def _week(week: Week, whose: str) -> None:
    if not 0 <= week <= ALL_WEEK:
        raise ValueError(f"{whose} is not 168 hours of a week")


@dataclass(frozen=True, slots=True)
class Request:
    """What is wanted, where and when.

    window: the local hours of the week in which somebody may come; None is any time. urgency: 0 routine to 1 at once; it makes
    nearness weigh more. continuity: by team id, 0 to 1, how well the team knows this household (1 = served it well before).
    risky_on: the local day of dangerous work, for which only insured adults count; None for harmless work.
    """

    id: int
    point: Place
    skills: frozenset[str] = frozenset()
    window: Week | None = None
    urgency: float = 0.0
    continuity: Mapping[int, float] = field(default_factory=dict)
    risky_on: date | None = None

    def __post_init__(self) -> None:
        _place(self.point, f"request {self.id}")
        _share(self.urgency, f"urgency of request {self.id}")
        if self.window is not None:
            _week(self.window, f"window of request {self.id}")
            if not self.window:
                raise ValueError(f"window of request {self.id} is empty; None means any time")
        for team_id, known in self.continuity.items():
            _share(known, f"continuity of request {self.id} with team {team_id}")


@dataclass(frozen=True, slots=True)
class Team:
    """Who could come.

    skills: proficiency 0 to 1 by skill; 0 is the same as missing. reach_km: how far the team goes. capacity, load: orders it
    takes at a time, and has now. rating: the mean of ``ratings`` ratings, 0 to 1. availability: the local hours of the week in
    which it serves. insured_until: the last day on which an adult member is insured, None when nobody is; insured_skills: the
    same by skill, for members who have it. Skills that want a licence count only where a member's licence is in date.
    """

    id: int
    point: Place
    skills: Mapping[str, float]
    reach_km: float
    capacity: int
    load: int = 0
    rating: float = 0.0
    ratings: int = 0
    availability: Week = ALL_WEEK
    insured_until: date | None = None
    insured_skills: Mapping[str, date] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _place(self.point, f"team {self.id}")
        _positive(self.reach_km, f"reach of team {self.id}")
        _share(self.rating, f"rating of team {self.id}")
        _week(self.availability, f"availability of team {self.id}")
        for skill, proficiency in self.skills.items():
            _share(proficiency, f"{skill} of team {self.id}")
        for name, count in (("capacity", self.capacity), ("load", self.load), ("ratings", self.ratings)):
            if count < 0 or count != int(count):
                raise ValueError(f"{name} of team {self.id} is {count}, not a count")


@dataclass(frozen=True, slots=True)
class Weights:
    """How much each part of a score counts."""

    skill: float = 0.40
    near: float = 0.35
    rated: float = 0.15
    continuity: float = 0.10

    def __post_init__(self) -> None:
        values = (self.skill, self.near, self.rated, self.continuity)
        if not all(0 <= value < math.inf for value in values) or not any(values):
            raise ValueError(f"weights must be numbers from 0 up, not all 0: {values}")


@dataclass(frozen=True, slots=True)
class Policy:
    """A centre's dated rules of matching; ``version`` is stored with every offer made under it.

    scale_km: nearness is exp(-km / scale_km). reach_km: nobody is asked from farther away, whatever their own reach.
    prior, prior_ratings: a rating counts as if ``prior_ratings`` more ratings of ``prior`` (the centre's mean) had been given, so
    that few ratings prove little. load_price: with ``load`` of ``capacity`` orders in hand a team's next one costs
    load_price * (load / capacity)², a convex price that spreads work. urgent_pull: at urgency 1 nearness weighs (1 + urgent_pull)
    times as much.
    """

    weights: Weights = Weights()
    scale_km: float = 2.0
    reach_km: float = 20.0
    prior: float = 0.8
    prior_ratings: float = 5.0
    load_price: float = 0.1
    urgent_pull: float = 0.5
    version: int = 1

    def __post_init__(self) -> None:
        _positive(self.scale_km, "scale_km of the policy")
        _positive(self.reach_km, "reach_km of the policy")
        _share(self.prior, "prior of the policy")
        for name in ("prior_ratings", "load_price", "urgent_pull"):
            if not 0 <= getattr(self, name) < math.inf:
                raise ValueError(f"{name} of the policy is {getattr(self, name)}, not a number from 0 up")


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of a score, each 0 to 1."""

    skill: float
    near: float
    rated: float
    continuity: float


@dataclass(frozen=True, slots=True)
class Reasons:
    """Why a team stands where it stands: the parts, and the facts behind them. Stored with the offer, worded at the edge.

    hours_free of hours_asked: local hours of the window in which the team serves; both None when any time suits.
    prices: what was taken off the score, by why: "load" for the orders in hand, "learned" where one was learned.
    """

    parts: Parts
    skills: Mapping[str, float]
    reach_km: float
    capacity: int
    load: int
    rating: float
    ratings: int
    hours_free: int | None
    hours_asked: int | None
    prices: Mapping[str, float]
    policy_version: int


@dataclass(frozen=True, slots=True)
class Match:
    """One team that can do it. metres: great circle, within 0.6 % of the geodesic. rank: 1 is best; 0 when not ranked.

    score: how good the match is. price: what it costs the others to use this team for it. ``net`` is what ranks.
    """

    team_id: int
    rank: int
    score: float
    price: float
    metres: float
    reasons: Reasons

    @property
    def net(self) -> float:
        """The score less the price."""
        return self.score - self.price
