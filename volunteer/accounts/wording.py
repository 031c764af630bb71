"""What each role is called, and what whoever holds it does."""

from __future__ import annotations

from volunteer.access import Role
from volunteer.kernel.words import N_

ROLES: dict[Role, tuple[str, str]] = {
    Role.CLERK: (N_("Station clerk"), N_("orders for callers and walk-ins")),
    Role.DISPATCHER: (N_("Dispatcher"), N_("finds a team for every request")),
    Role.SITE_ADMIN: (N_("Site administrator"), N_("looks after sites, people, teams and rules")),
    Role.DIRECTOR: (N_("Centre director"), N_("sees what was asked and what was met")),
    Role.AUDITOR: (N_("Auditor"), N_("sees who looked at what")),
    Role.COUNTY_IT: (N_("County IT"), N_("sees that everything runs")),
    Role.MERCHANT: (N_("Merchant"), N_("hands over gifts for points")),
    Role.VOLUNTEER: (N_("Volunteer"), ""),
    Role.RESIDENT: (N_("Resident"), ""),
    Role.TEAM_LEADER: (N_("Team leader"), ""),
}


def role_word(role: Role) -> str:
    """Return the msgid of what ``role`` is called."""
    return ROLES[role][0] if role in ROLES else role.value
