"""Proving who one is: by name and password, or by a code sent to one's phone. Every try is recorded.

Checking a password takes a tenth of a second on purpose, so it happens outside any write transaction.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from volunteer.access import NOBODY, Actor, Role
from volunteer.accounts import codes, passwords, queries, rules
from volunteer.accounts.granting import held
from volunteer.accounts.models import Person, RoleGrant
from volunteer.audit.recording import record
from volunteer.kernel.errors import Invalid
from volunteer.kernel.words import N_
from volunteer.messaging.outbox import Recipient, tell
from volunteer.places.models import Site

KIND = "login-code"
BY_CODE = frozenset({Role.RESIDENT, Role.VOLUNTEER, Role.TEAM_LEADER})  # staff need more than a phone in somebody's hand


def check_password(session: Session, login_name: str, password: str) -> Person | None:
    """Return who that is, or None. Reads only; takes the same time whether or not the name exists."""
    person = queries.by_login_name(session, login_name[:40])
    stored = person.password_hash if person is not None and person.disabled_at is None else None
    return person if passwords.matches(stored, password, session.info.get("argon2_cost", 2)) else None


def note_sign_in(session: Session, person: Person | None, *, how: str, at: datetime) -> None:
    """Record a try to sign in: by whom when it succeeded, by nobody when not."""
    if person is None:
        record(session, NOBODY, "sign_in_failed", "person:unknown", at=at, how=how)
    else:
        roles = frozenset((grant.role, grant.site.path) for grant in held(session, person.id, at))
        actor = Actor(person.id, roles, name=person.name)
        record(session, actor, "signed_in", f"person:{person.id}", at=at, how=how)


def request_code(session: Session, phone: str, *, asked_in: str = "", at: datetime) -> None:
    """Send a code to ``phone`` when somebody who may come in by code has it. Looks the same when nobody does.

    Raises Invalid for what is no mobile number.
    """
    number = rules.mobile(phone)
    if number is None:
        raise Invalid.field("phone", N_("Please write a mobile number with 11 digits."))
    code = codes.new_code(session, KIND, session.info["keyring"].blind("phone", number), asked_in=asked_in, at=at)
    if (person := _who(session, number, at)) is not None:
        tell(session, Recipient(phone=number, locale=person.locale), "login_code", at=at, secret={"code": code})


def sign_in_by_code(session: Session, phone: str, code: str, *, asked_in: str = "", at: datetime) -> Person | None:
    """Return who has the phone that ``code`` was sent to, or None: wrong, used, too old, or tried too often."""
    number = rules.mobile(phone)
    if number is None:
        return None
    row = codes.fitting(session, KIND, session.info["keyring"].blind("phone", number), code, asked_in=asked_in, at=at)
    if row is None:
        return None
    row.used_at = at
    person = _who(session, number, at)
    if person is not None and not person.grants:
        _open_account(session, person, at)
    return person


def _who(session: Session, phone: str, at: datetime) -> Person | None:
    """The first registered who may come in by code: whoever has a staff role logs in with a password.

    Nobody with an account: then the first who was known here without one, because they asked for help.
    """
    guests: list[Person] = []
    for person in queries.by_phone(session, phone):
        roles = {grant.role for grant in held(session, person.id, at)}
        if roles and roles <= BY_CODE:
            return person
        if queries.is_guest(person):
            guests.append(person)
    return guests[0] if guests else None


def _open_account(session: Session, person: Person, at: datetime) -> None:
    """Whoever asked for help without an account and proves their phone is a resident of the county from now on."""
    centre = session.scalar(select(Site.id).where(Site.parent_id.is_(None)).order_by(Site.id).limit(1))
    if centre is not None:
        person.grants.append(RoleGrant(role=Role.RESIDENT, site_id=centre, since=at))
        record(session, NOBODY, "account_opened", f"person:{person.id}", at=at)
        session.flush()  # whoever signs them in reads the grant
