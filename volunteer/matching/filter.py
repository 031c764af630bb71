"""The hard conditions: skill, room, time, reach. A team that fails one is never asked, whatever its score would be."""

from __future__ import annotations

from volunteer.matching.terms import Policy, Request, Team


def missing_skills(request: Request, team: Team) -> frozenset[str]:
    """Return the wanted skills in which the team has no proficiency at all."""
    return frozenset(skill for skill in request.skills if not team.skills.get(skill))


def has_room(team: Team) -> bool:
    """Whether the team may take one more order."""
    return team.load < team.capacity


def has_time(request: Request, team: Team) -> bool:
    """Whether the team serves in at least one hour of the window; at any time suits whoever serves at all."""
    return bool(team.availability if request.window is None else team.availability & request.window)


def reach_metres(team: Team, policy: Policy) -> float:
    """How far away the team may be asked for: its own reach, but never beyond the policy's."""
    return 1000 * min(team.reach_km, policy.reach_km)
