"""What a place on the list is made of: points by part and price, what sets two teams apart, and what would turn the order around.

Everything here works on what was kept, so that a decision can be explained years later with the rules of its day.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum

from volunteer.matching.score import LOAD
from volunteer.matching.terms import Match, Parts, Policy, Weights

SAME = 0.0005  # less than this sets nobody apart: it would not show in words


@dataclass(frozen=True, slots=True)
class Weighed:
    """A team as it was weighed. parts: 0 to 1 each. prices: by why. urgency: of the request, which makes nearness weigh more."""

    team_id: int
    rank: int
    parts: Parts
    prices: Mapping[str, float]
    metres: float
    load: int
    capacity: int
    rating: float
    ratings: int
    urgency: float = 0.0

    def points(self, policy: Policy) -> dict[str, float]:
        """Return what each part added and each price took off, under the rules of that day; their sum is the net score."""
        weights = policy.weights
        near = weights.near * (1 + policy.urgent_pull * self.urgency)
        given = {"skill": weights.skill, "near": near, "rated": weights.rated, "continuity": weights.continuity}
        added = {name: weight * float(getattr(self.parts, name)) for name, weight in given.items()}
        return added | {name: -price for name, price in self.prices.items()}

    def net(self, policy: Policy) -> float:
        """Return the score less the prices."""
        return sum(self.points(policy).values())


class Way(StrEnum):
    """What would have put a team level with another, all else the same."""

    NEARER = "nearer"  # metres: at most so far away
    RATINGS = "ratings"  # so many more ratings of five stars
    FEWER = "fewer"  # so many orders fewer in hand


def weighed(match: Match, urgency: float) -> Weighed:
    """Return a match as it is weighed."""
    reasons = match.reasons
    return Weighed(
        team_id=match.team_id,
        rank=match.rank,
        parts=reasons.parts,
        prices=reasons.prices,
        metres=match.metres,
        load=reasons.load,
        capacity=reasons.capacity,
        rating=reasons.rating,
        ratings=reasons.ratings,
        urgency=urgency,
    )


def policy_kept(kept: Mapping[str, object]) -> Policy:
    """Return the rules that were kept with a decision; names that are no longer known are passed over."""
    weights = kept.get("weights")
    known = {name: kept[name] for name in asdict(Policy()) if name in kept and name != "weights"}
    if isinstance(weights, Mapping):
        known["weights"] = Weights(**{name: weights[name] for name in asdict(Weights()) if name in weights})
    return Policy(**known)  # type: ignore[arg-type]  # it was written by asdict


def apart(one: Weighed, other: Weighed, policy: Policy) -> list[tuple[str, float]]:
    """Return by how much ``one`` is ahead in each part and price, the most telling first; what sets nobody apart is left out."""
    mine, theirs = one.points(policy), other.points(policy)
    found = [(name, mine.get(name, 0.0) - theirs.get(name, 0.0)) for name in dict.fromkeys([*mine, *theirs])]
    return sorted(((name, gap) for name, gap in found if abs(gap) >= SAME), key=lambda one: -abs(one[1]))


def ways_up(behind: Weighed, ahead: Weighed, policy: Policy) -> dict[Way, float]:
    """Return what alone would have put ``behind`` level with ``ahead``; only what is possible at all."""
    gap = ahead.net(policy) - behind.net(policy)
    if gap <= 0:
        return {}
    found: dict[Way, float] = {}
    near = policy.weights.near * (1 + policy.urgent_pull * behind.urgency)
    if near and 0 < (level := behind.parts.near + gap / near) <= 1:
        found[Way.NEARER] = -1000 * policy.scale_km * math.log(level)
    if policy.weights.rated and (level := behind.parts.rated + gap / policy.weights.rated) < 1:
        given = behind.ratings + policy.prior_ratings
        found[Way.RATINGS] = math.ceil(given * (level - behind.parts.rated) / (1 - level) - 1e-9)
    price = behind.prices.get(LOAD, 0.0)
    if policy.load_price and behind.capacity and price >= gap:
        share = math.sqrt((price - gap) / policy.load_price)
        found[Way.FEWER] = behind.load - math.floor(share * behind.capacity + 1e-9)
    return found
