"""The score of one team for one request, and its price: the one place where the arithmetic stands; others save work around it.

score = 0.40 skill + 0.35 exp(-km / 2) + 0.15 rating (shrunk) + 0.10 continuity: the starting policy. It is about quality alone.
Load and fairness are prices: what ranks is score - 0.1 (load / capacity)² - what was learned about how sought after the team is.
"""

from __future__ import annotations

import math

from volunteer.matching import filter as conditions
from volunteer.matching.distance import great_circle_metres
from volunteer.matching.terms import Match, Parts, Policy, Reasons, Request, Team

LOAD, LEARNED = "load", "learned"  # the prices by name


def skill_part(request: Request, team: Team) -> float:
    """Return the proficiency in the weakest of the wanted skills; 1 when anybody can do it."""
    return min((team.skills.get(skill, 0.0) for skill in request.skills), default=1.0)


def rated_part(team: Team, policy: Policy) -> float:
    """Return the mean rating, shrunk towards the policy's prior: three ratings prove little."""
    given = team.ratings + policy.prior_ratings
    return (team.rating * team.ratings + policy.prior * policy.prior_ratings) / given if given else policy.prior


def load_price(load: int, capacity: int, policy: Policy) -> float:
    """Return what the next order costs a team that has ``load`` of ``capacity`` in hand (a convex price of the next slot)."""
    return policy.load_price * (load / capacity) ** 2 if capacity else policy.load_price


def near_weight(request: Request, policy: Policy) -> float:
    """Return the weight of nearness, which grows with urgency."""
    return policy.weights.near * (1 + policy.urgent_pull * request.urgency)


def score(request: Request, team: Team, policy: Policy, learned: float = 0.0) -> Match | None:
    """Return the match with its reasons, unranked; None when the team cannot do it at all. ``learned``: its learned price."""
    if not conditions.has_room(team) or not conditions.has_time(request, team) or conditions.missing_skills(request, team):
        return None
    if not conditions.is_insured(request, team):
        return None
    metres = great_circle_metres(request.point, team.point)
    if metres > conditions.reach_metres(team, policy):
        return None

    parts = Parts(
        skill=skill_part(request, team),
        near=math.exp(-metres / 1000 / policy.scale_km),
        rated=rated_part(team, policy),
        continuity=request.continuity.get(team.id, 0.0),
    )
    weights = policy.weights
    total = weights.skill * parts.skill + near_weight(request, policy) * parts.near + weights.rated * parts.rated
    total += weights.continuity * parts.continuity
    prices = {LOAD: load_price(team.load, team.capacity, policy)} | ({LEARNED: learned} if learned else {})
    reasons = Reasons(
        parts=parts,
        skills={skill: team.skills[skill] for skill in sorted(request.skills)},
        reach_km=min(team.reach_km, policy.reach_km),
        capacity=team.capacity,
        load=team.load,
        rating=team.rating,
        ratings=team.ratings,
        hours_free=None if request.window is None else (request.window & team.availability).bit_count(),
        hours_asked=None if request.window is None else request.window.bit_count(),
        prices=prices,
        policy_version=policy.version,
    )
    return Match(team.id, 0, total, sum(prices.values()), metres, reasons)
