"""Where somebody's points are at home, who in a county may be given some, and which staff hear of what waits."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from volunteer.access import Actor, Permission, county_of
from volunteer.accounts.granting import held
from volunteer.accounts.holders import holders_above, roles_with
from volunteer.accounts.models import Person
from volunteer.accounts.rules import mobile
from volunteer.ledger.point_rules import Terms
from volunteer.ledger.queries_rules import rule_now
from volunteer.messaging.outbox import Recipient, tell
from volunteer.teams.models import Volunteer

OWNERS = tuple(roles_with(Permission.POINTS_OWN))


def home_of(actor: Actor) -> str:
    """Return the site path whose rules hold for somebody's own points: where they are a volunteer, or a resident."""
    return max((path for role, path in actor.grants if role in OWNERS), key=lambda path: (len(path), path), default="/")


def terms_of(session: Session, actor: Actor, at: datetime) -> Terms:
    """Return the rule of points that holds for somebody's own; the defaults where no rule was published yet."""
    rule = rule_now(session, home_of(actor), at)
    return rule.terms if rule else Terms()


def found_by(session: Session, actor: Actor, number: str, first: str, *, at: datetime) -> Person | None:
    """Return who in the actor's county has this phone or volunteer number and a name that begins so; None says no more.

    Whatever was typed the same is asked of the database, so that the time tells nothing either.
    """
    index = session.info["keyring"].blind("phone", mobile(number) or "-")
    code = number.strip().upper()[:40]
    by_number = select(Volunteer.id).where(Volunteer.number == code)
    rows = select(Person).where(or_(Person.phone_index == index, Person.id.in_(by_number))).order_by(Person.id).limit(20)
    wanted = first.strip()[:1].casefold()
    county = county_of(home_of(actor))
    found = [
        person
        for person in session.scalars(rows).all()
        if wanted and person.name[:1].casefold() == wanted and is_at_home(session, person, county, at)
    ]
    return found[0] if len(found) == 1 else None


def is_at_home(session: Session, person: Person, county: str, at: datetime) -> bool:
    """Return whether somebody may have points in a county: is known there as a volunteer or a resident, and not closed."""
    if person.disabled_at is not None or person.wrapped_key is None or county == "/":
        return False
    return any(grant.role in OWNERS and grant.site.path.startswith(county) for grant in held(session, person.id, at))


def hashed(token: str) -> str:
    """Return the name of an act from the token of the form that asked for it."""
    return hashlib.sha256(token.encode()).hexdigest()[:32]


def tell_staff(
    session: Session,
    site_path: str,
    permission: Permission,
    template: str,
    *,
    at: datetime,
    but: Iterable[int | None] = (),
    **params: Any,
) -> None:
    """Tell those who may do ``permission`` at a place in their inboxes; ``but``: not these."""
    for person in holders_above(session, roles_with(permission), site_path, at=at):
        if person.id not in set(but):
            tell(session, Recipient(person.id, locale=person.locale), template, params, at=at)
