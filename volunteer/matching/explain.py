"""Why a given team is not on the list. Codes and facts; the edge has the words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from volunteer.matching import filter as conditions
from volunteer.matching.distance import great_circle_metres
from volunteer.matching.terms import Policy, Request, Team


class Obstacle(StrEnum):
    """What keeps a team off the list."""

    MISSING_SKILL = "missing_skill"
    NO_LICENCE = "no_licence"  # said by the caller: somebody has the skill, but no licence in date
    NOT_INSURED = "not_insured"
    TOO_FAR = "too_far"
    NO_TIME = "no_time"
    FULL = "full"
    NOT_HERE = "not_here"  # said by the caller: the team serves in other places
    NOBODY = "nobody"  # of a plan: there is no team at all
    ALL_TAKEN = "all_taken"  # of a plan: those who could are full with orders that weigh more
    RULED_OUT = "ruled_out"  # of a plan: those who could were forbidden by the caller
    NOT_WORTH = "not_worth"  # of a plan: those who could cost more than the order would bring
    BRAKED = "braked"  # said by the caller: too much is open with the team; what, have, most


@dataclass(frozen=True, slots=True)
class Reason:
    """One obstacle with the facts that explain it.

    MISSING_SKILL, NO_LICENCE: skills. NOT_INSURED: until, the ISO day on which the last insurance ends or ended, when there is
    one. TOO_FAR: metres, reach_metres. NO_TIME: nothing. FULL: load, capacity.
    """

    obstacle: Obstacle
    facts: Mapping[str, float | str | tuple[str, ...]] = field(default_factory=dict)


def why_not(request: Request, team: Team, policy: Policy) -> list[Reason]:
    """Return every obstacle, not only the first; empty when the team could do it (it may still rank low)."""
    reasons = []
    if missing := conditions.missing_skills(request, team):
        reasons.append(Reason(Obstacle.MISSING_SKILL, {"skills": tuple(sorted(missing))}))
    if not conditions.is_insured(request, team):
        until = conditions.insured_until(request, team)
        reasons.append(Reason(Obstacle.NOT_INSURED, {"until": until.isoformat()} if until else {}))
    metres, reach = great_circle_metres(request.point, team.point), conditions.reach_metres(team, policy)
    if metres > reach:
        reasons.append(Reason(Obstacle.TOO_FAR, {"metres": metres, "reach_metres": reach}))
    if not conditions.has_time(request, team):
        reasons.append(Reason(Obstacle.NO_TIME))
    if not conditions.has_room(team):
        reasons.append(Reason(Obstacle.FULL, {"load": team.load, "capacity": team.capacity}))
    return reasons
