"""The hard conditions: skill, insurance, room, time, reach. A team that fails one is never asked, whatever its score would be."""

from __future__ import annotations

from datetime import date

from volunteer.matching.terms import Policy, Request, Team


def missing_skills(request: Request, team: Team) -> frozenset[str]:
    """Return the wanted skills in which the team has no proficiency at all."""
    return frozenset(skill for skill in request.skills if not team.skills.get(skill))


def insured_until(request: Request, team: Team) -> date | None:
    """Return the last day on which insured adults of the team bring every wanted skill; None when they never do."""
    days = [team.insured_skills.get(skill) for skill in request.skills] if request.skills else [team.insured_until]
    known = [day for day in days if day is not None]
    return min(known) if len(known) == len(days) else None


def is_insured(request: Request, team: Team) -> bool:
    """Whether dangerous work is done by insured adults; harmless work may be done by anybody."""
    if request.risky_on is None:
        return True
    until = insured_until(request, team)
    return until is not None and until >= request.risky_on


def has_room(team: Team) -> bool:
    """Whether the team may take one more order."""
    return team.load < team.capacity


def has_time(request: Request, team: Team) -> bool:
    """Whether the team serves in at least one hour of the window; at any time suits whoever serves at all."""
    return bool(team.availability if request.window is None else team.availability & request.window)


def reach_metres(team: Team, policy: Policy) -> float:
    """How far away the team may be asked for: its own reach, but never beyond the policy's."""
    return 1000 * min(team.reach_km, policy.reach_km)
