"""A new password for who forgot the old one: by a code to the own phone, or by an administrator's link.

A phone alone is not enough for staff: they need their second factor as well, or an administrator who knows them.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from volunteer.access import Actor
from volunteer.accounts import codes, passwords, queries, rules, second_factor, signing_in
from volunteer.accounts.granting import held, must_manage
from volunteer.accounts.models import Person
from volunteer.accounts.models_entering import ResetLink
from volunteer.accounts.registering import NOT_MOBILE, set_password
from volunteer.accounts.tokens import hashed, link, new_token
from volunteer.audit.recording import record
from volunteer.kernel.db import load
from volunteer.kernel.errors import Conflict, Invalid, NotFound
from volunteer.kernel.words import N_
from volunteer.messaging.outbox import Recipient, tell

KIND = "reset-code"
LIVES = timedelta(hours=24)
WRONG = N_("That does not fit together. Look at log-in name, phone and code, or ask your administrator for a link.")


def make_link(session: Session, actor: Actor, person_id: int, *, at: datetime) -> str:
    """Return a link with which somebody chooses a new password once; it also goes to their phone. Older links are dead.

    The old password goes on working until then: a link made by mistake locks nobody out.
    """
    person = load(session, Person, person_id)
    must_manage(session, actor, person, at=at)
    if person.id == actor.user_id:
        raise Conflict("own_password", N_("Your own password you change yourself."))
    if person.login_name is None:
        raise Conflict("no_login_name", N_("This person comes in with a code by phone and has no password."))
    if person.disabled_at is not None:
        raise Conflict("account_closed", N_("This account is closed."))
    token = new_token()
    session.execute(update(ResetLink).where(ResetLink.person_id == person.id, ResetLink.used_at.is_(None)).values(used_at=at))
    session.add(
        ResetLink(token_hash=hashed(token), person_id=person.id, made_by=actor.user_id, made_at=at, expires_at=at + LIVES)
    )
    record(session, actor, "reset_link_made", f"person:{person.id}", at=at)
    address = link(session, "reset", token)
    if person.phone:
        tell(session, Recipient(phone=person.phone, locale=person.locale), "password_link", at=at, secret={"link": address})
    return address


def behind(session: Session, token: str, *, at: datetime) -> Person:
    """Return whose password ``token`` changes. Raises NotFound for used, old and guessed ones alike."""
    alive = (ResetLink.used_at.is_(None), ResetLink.expires_at > at)
    found = select(Person).join(ResetLink, ResetLink.person_id == Person.id)
    person = session.scalar(found.where(ResetLink.token_hash == hashed(token), Person.disabled_at.is_(None), *alive))
    if person is None:
        raise NotFound("link")
    return person


def use_link(session: Session, token: str, password: str, *, at: datetime) -> Person:
    """Set the new password; the link is used up. Raises Invalid for a password that may not be chosen."""
    person = behind(session, token, at=at)
    _choose(session, person, password, how="link", at=at)
    mine = update(ResetLink).where(ResetLink.token_hash == hashed(token), ResetLink.used_at.is_(None)).values(used_at=at)
    if not session.execute(mine).rowcount:  # type: ignore[attr-defined]
        raise NotFound("link")
    return person


def request_code(session: Session, login_name: str, phone: str, *, asked_in: str = "", at: datetime) -> None:
    """Send a code when that name and that phone are one person's who may come in this way; looks the same when not."""
    number = rules.mobile(phone)
    if number is None:
        raise Invalid.field("phone", NOT_MOBILE)
    person = _known(session, login_name, number, at)
    code = codes.new_code(session, KIND, _index(session, login_name, number), asked_in=asked_in, at=at)
    if person is not None:
        tell(session, Recipient(phone=number, locale=person.locale), "reset_code", at=at, secret={"code": code})


def by_code(
    session: Session, login_name: str, phone: str, code: str, password: str, second: str = "", *, asked_in: str = "", at: datetime
) -> Person | None:
    """Set the new password for the code that was sent, and the second factor's where one is on; None when anything is wrong.

    Raises Invalid for a password that may not be chosen, before the code is looked at: it says nothing about the code.
    """
    if words := passwords.complaint(password, login_name):
        raise Invalid.field("new", words)
    number = rules.mobile(phone)
    if number is None:
        return None
    row = codes.fitting(session, KIND, _index(session, login_name, number), code, asked_in=asked_in, at=at)
    person = _known(session, login_name, number, at)
    if row is None or person is None:
        return None
    if second_factor.is_on(session, person.id) and second_factor.accept(session, person.id, second, at=at) is None:
        return None
    row.used_at = at
    _choose(session, person, password, how="code", at=at)
    return person


def forget_old(session: Session, at: datetime) -> None:
    """Drop links long past."""
    session.execute(delete(ResetLink).where(ResetLink.expires_at < at - 30 * LIVES))


def _choose(session: Session, person: Person, password: str, *, how: str, at: datetime) -> None:
    themselves = Actor(
        person.id, frozenset((grant.role, grant.site.path) for grant in held(session, person.id, at)), name=person.name
    )
    set_password(session, themselves, person, password, at=at)
    record(session, themselves, "password_reset", f"person:{person.id}", at=at, how=how)
    tell(session, Recipient(person.id, person.phone, person.locale), "password_changed", at=at)


def _known(session: Session, login_name: str, number: str, at: datetime) -> Person | None:
    person = queries.by_login_name(session, login_name[:40])
    if person is None or person.disabled_at is not None:
        return None
    if person.phone_index != session.info["keyring"].blind("phone", number):
        return None
    roles = {grant.role for grant in held(session, person.id, at)}
    only_by_phone = bool(roles) and roles <= signing_in.BY_CODE
    return person if only_by_phone or second_factor.is_on(session, person.id) else None


def _index(session: Session, login_name: str, number: str) -> str:
    """Codes for a new password open no door, and codes of the door change no password: another index."""
    return str(session.info["keyring"].blind("reset", f"{login_name.strip().lower()[:40]}:{number}"))
