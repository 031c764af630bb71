"""Proving who one is: by name and password, or by a code sent to one's phone. Every try is recorded.

Checking a password takes a tenth of a second on purpose, so it happens outside any write transaction.
"""

from __future__ import annotations

import hmac
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from volunteer.access import NOBODY, Actor, Role
from volunteer.accounts import passwords, queries, rules
from volunteer.accounts.granting import held
from volunteer.accounts.models import LoginCode, Person, RoleGrant
from volunteer.audit.recording import record
from volunteer.kernel import serials
from volunteer.kernel.errors import Invalid
from volunteer.kernel.words import N_
from volunteer.messaging.outbox import Recipient, tell
from volunteer.places.models import Site

CODE_LIVES = timedelta(minutes=10)
CODE_TRIES = 5
CODE_DIGITS = 6
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


def request_code(session: Session, phone: str, *, at: datetime) -> None:
    """Send a code to ``phone`` when somebody who may come in by code has it. Looks the same when nobody does.

    Raises Invalid for what is no mobile number.
    """
    number = rules.mobile(phone)
    if number is None:
        raise Invalid.field("phone", N_("Please write a mobile number with 11 digits."))
    code = serials.digits(CODE_DIGITS)
    index = session.info["keyring"].blind("phone", number)
    fresh = (LoginCode.phone_index == index, LoginCode.used_at.is_(None), LoginCode.expires_at > at)
    session.execute(update(LoginCode).where(*fresh).values(expires_at=at))  # a new code ends the old one
    session.add(LoginCode(phone_index=index, code_hash=_hash(session, index, code), asked_at=at, expires_at=at + CODE_LIVES))
    if (person := _who(session, number, at)) is not None:
        tell(session, Recipient(phone=number, locale=person.locale), "login_code", at=at, secret={"code": code})


def sign_in_by_code(session: Session, phone: str, code: str, *, at: datetime) -> Person | None:
    """Return who has the phone that ``code`` was sent to, or None: wrong, used, too old, or tried too often."""
    number = rules.mobile(phone)
    if number is None:
        return None
    index = session.info["keyring"].blind("phone", number)
    row = session.scalar(
        select(LoginCode)
        .where(LoginCode.phone_index == index, LoginCode.used_at.is_(None), LoginCode.expires_at > at)
        .order_by(LoginCode.id.desc())
        .limit(1)
        .with_for_update()
    )
    if row is None or row.tries >= CODE_TRIES:
        return None
    row.tries += 1
    if not hmac.compare_digest(row.code_hash, _hash(session, index, code.strip())):
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


def _hash(session: Session, index: str, code: str) -> str:
    return str(session.info["keyring"].blind("login-code", f"{index}:{code}"))
