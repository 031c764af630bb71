"""Telling volunteers, leaders and sites what happened to them. Never a name: what is told is kept as it is."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from volunteer.access import GRANTS, Permission
from volunteer.accounts.models import Person, RoleGrant
from volunteer.kernel.words import named
from volunteer.messaging.outbox import Recipient, tell
from volunteer.places.models import Site
from volunteer.teams.models import Team
from volunteer.teams.queries import leaders_of

MANAGERS = [role for role, granted in GRANTS.items() if Permission.TEAMS_MANAGE in granted and role.value != "system"]


def tell_person(session: Session, person: Person, template: str, *, at: datetime, **params: str) -> None:
    """Tell one person, in the application and by SMS."""
    tell(session, Recipient(person.id, person.phone, person.locale), template, params, at=at)


def tell_about(session: Session, person: Person, template: str, team: Team, *, at: datetime, **params: str) -> None:
    """Tell one person something about a team, which is named in their language."""
    tell_person(session, person, template, at=at, team=named(team, person.locale), **params)


def tell_leaders(session: Session, team: Team, template: str, *, at: datetime, but: int | None = None) -> None:
    """Tell those who answer for a team."""
    for leader in leaders_of(session, [team.id], at=at):
        if leader.person.id != but:
            tell_about(session, leader.person, template, team, at=at)


def tell_site(session: Session, site_path: str, template: str, *, at: datetime, **params: str) -> None:
    """Tell those who look after the teams of a place: of the nearest site that has somebody. In the application only."""
    parts = site_path.strip("/").split("/")
    above = ["/" + "/".join(parts[: length + 1]) + "/" for length in range(len(parts))]
    rows = session.execute(
        select(Person, Site.path)
        .join(RoleGrant, RoleGrant.person_id == Person.id)
        .join(Site, Site.id == RoleGrant.site_id)
        .where(RoleGrant.role.in_(MANAGERS), Site.path.in_(above), Person.disabled_at.is_(None))
        .where(RoleGrant.since <= at, RoleGrant.until.is_(None) | (RoleGrant.until > at))
    ).all()
    nearest = max((path for _, path in rows), key=len, default="")
    for person in {person.id: person for person, path in rows if path == nearest}.values():
        tell(session, Recipient(person.id, None, person.locale), template, params, at=at)
