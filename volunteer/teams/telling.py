"""Telling volunteers, leaders and sites what happened to them. Never a name: what is told is kept as it is."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from volunteer.access import Permission
from volunteer.accounts.holders import nearest_holders, roles_with
from volunteer.accounts.models import Person
from volunteer.kernel.words import named
from volunteer.messaging.outbox import Recipient, tell
from volunteer.teams.models import Team
from volunteer.teams.queries import leaders_of

MANAGERS = roles_with(Permission.TEAMS_MANAGE)


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
    for person in nearest_holders(session, MANAGERS, site_path, at=at):
        tell(session, Recipient(person.id, None, person.locale), template, params, at=at)
