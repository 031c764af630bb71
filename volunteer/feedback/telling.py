"""Whom the news of a case go to: whoever spoke, the staff whose turn it is, the team that is asked."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from volunteer.access import Role
from volunteer.accounts.holders import holders
from volunteer.feedback.models import Case
from volunteer.feedback.rules import by_day
from volunteer.kernel.clock import zone_of
from volunteer.kernel.words import CHINESE
from volunteer.messaging.outbox import Recipient, tell
from volunteer.teams.queries import leaders_of

AT_THE_DESK = (Role.CLERK, Role.DISPATCHER)
ABOVE = (Role.DISPATCHER, Role.SITE_ADMIN, Role.DIRECTOR)  # who hears of what was late, or looks a second time


def tell_person(session: Session, case: Case, template: str, *, at: datetime, with_code: bool = False, **params: Any) -> None:
    """Tell whoever spoke, by the phone that they left; without one there is only the number and its code."""
    if not case.phone:
        return
    secret = {"link": link_of(session, case)} | ({"code": case.code or ""} if with_code else {})
    recipient = Recipient(case.person_id, case.phone, case.person.locale if case.person else CHINESE)
    due = by_day(at, zone_of(session))
    tell(session, recipient, template, {"number": case.number, **params}, at=at, secret=secret, about=about(case), due_at=due)


def tell_staff(
    session: Session, case: Case, template: str, *, at: datetime, roles: Iterable[Role] = AT_THE_DESK, **params: Any
) -> None:
    """Tell those in ``roles`` at the case's station and desk, in their inboxes. The words are not in it."""
    places = {case.desk_id} if roles is ABOVE else {case.site_id, case.desk_id}
    for person in holders(session, tuple(roles), places, at=at):
        values = {"number": case.number, **params}
        tell(session, Recipient(person.id, locale=person.locale), template, values, at=at, about=about(case))


def tell_team(session: Session, case: Case, team_id: int, template: str, *, at: datetime, **params: Any) -> None:
    """Tell the leaders and deputies of a team, in their inboxes."""
    for leader in leaders_of(session, [team_id], at=at):
        person = leader.person
        values = {"number": case.label or case.number, **params}
        tell(session, Recipient(person.id, locale=person.locale), template, values, at=at, about=about(case))


def link_of(session: Session, case: Case) -> str:
    """Return the whole address of the page on which the case is followed."""
    return f"{str(session.info.get('public_url', '')).rstrip('/')}/c/{case.secret}"


def about(case: Case) -> str:
    """Return the name under which other packages keep what belongs to a case."""
    return f"case:{case.id}"
