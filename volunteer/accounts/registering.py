"""Making a person known, letting them go, and what they agreed to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from volunteer.access import Actor, Role
from volunteer.accounts import passwords, rules
from volunteer.accounts.granting import keep_a_governor_without, must_manage, sign_out_everywhere
from volunteer.accounts.models import Consent, ConsentKind, Person, RoleGrant
from volunteer.audit.recording import record
from volunteer.kernel.db import load
from volunteer.kernel.errors import Conflict, Invalid
from volunteer.kernel.words import N_
from volunteer.places.models import Site

NOT_MOBILE = N_("Please write a mobile number with 11 digits.")


@dataclass(frozen=True)
class PersonDraft:
    """What is needed to know somebody. Without a log-in name they have no password and come in by phone code."""

    name: str
    phone: str | None = None
    document: str | None = None
    born_on: date | None = None
    login_name: str | None = None
    password: str | None = None
    locale: str = "zh_Hans"


def register_person(
    session: Session, actor: Actor, draft: PersonDraft, *, at: datetime, role: Role | None = None, site: Site | None = None
) -> Person:
    """Return a new person with a key of their own; with ``role`` and ``site`` also its grant.

    Raises Invalid for a phone or a password that cannot be, Conflict for a log-in name that is taken.
    """
    phone = _phone(draft.phone)
    login_name = draft.login_name.strip().lower() if draft.login_name else None
    if draft.password and (words := passwords.complaint(draft.password, login_name or "")):
        raise Invalid.field("password", words)
    if login_name and session.scalar(select(Person.id).where(Person.login_name == login_name)):
        raise Conflict("login_name_taken", N_("This log-in name is taken."))

    keyring = session.info["keyring"]
    cost = session.info.get("argon2_cost", 2)
    person = Person(
        name=draft.name.strip(),
        born_on=draft.born_on,
        login_name=login_name,
        password_hash=passwords.hash_password(draft.password, cost) if draft.password else None,
        locale=draft.locale,
        registered_at=at,
    )
    person.wrapped_key = keyring.new_data_key(person.uid)
    session.add(person)
    person.phone = phone
    person.phone_index = keyring.blind("phone", phone) if phone else None
    person.document = draft.document
    person.document_index = keyring.blind("document", draft.document.upper()) if draft.document else None
    session.flush()  # the id is wanted by whatever is about this person
    if role is not None and site is not None:
        session.add(RoleGrant(person_id=person.id, role=role, site_id=site.id, since=at, granted_by=actor.user_id))
    record(session, actor, "person_registered", f"person:{person.id}", at=at, role=role.value if role else None)
    return person


def set_password(session: Session, actor: Actor, person: Person, password: str, *, at: datetime) -> None:
    """Give somebody a new password, their own or by an administrator of every place they have a role in."""
    if actor.user_id != person.id:
        must_manage(session, actor, person, at=at)
    if words := passwords.complaint(password, person.login_name or ""):
        raise Invalid.field("password", words)
    person.password_hash = passwords.hash_password(password, session.info.get("argon2_cost", 2))
    sign_out_everywhere(session, person.id, at=at)
    record(session, actor, "password_changed", f"person:{person.id}", at=at)


def disable(session: Session, actor: Actor, person_id: int, *, at: datetime) -> Person:
    """Close an account: from the next request on it is signed out everywhere. Closing it twice is no error."""
    person = load(session, Person, person_id)
    must_manage(session, actor, person, at=at)
    if person.disabled_at is not None:
        return person
    if person.id == actor.user_id:
        raise Conflict("own_account", N_("You cannot close your own account."))
    keep_a_governor_without(session, actor, person, at=at)
    person.disabled_at = at
    sign_out_everywhere(session, person.id, at=at)
    record(session, actor, "person_disabled", f"person:{person.id}", at=at)
    return person


def enable(session: Session, actor: Actor, person_id: int, *, at: datetime) -> Person:
    """Open a closed account again."""
    person = load(session, Person, person_id)
    must_manage(session, actor, person, at=at)
    if person.disabled_at is None:
        return person
    person.disabled_at = None
    record(session, actor, "person_enabled", f"person:{person.id}", at=at)
    return person


def record_consent(
    session: Session, actor: Actor, person: Person, kind: ConsentKind, *, notice: str, at: datetime, about: str = ""
) -> Consent:
    """Write down that ``person`` agreed to the notice of version ``notice``; through a clerk, when a clerk acts."""
    via = actor.user_id if actor.user_id not in (None, person.id) else None
    consent = Consent(person_id=person.id, kind=kind, notice=notice, about=about, via=via, at=at)
    session.add(consent)
    return consent


def resident_of(session: Session, actor: Actor, name: str, phone: str, *, at: datetime) -> Person:
    """Return who orders under that name and phone: the same person as before, else a new one without an account.

    A household shares a phone, so the name decides among those who have it.
    """
    number = _phone(phone)
    if number is None:
        raise Invalid.field("phone", NOT_MOBILE)
    index = session.info["keyring"].blind("phone", number)
    known = session.scalars(select(Person).where(Person.phone_index == index).order_by(Person.id)).all()
    for person in known:
        if person.name == name.strip() and person.disabled_at is None and person.wrapped_key is not None:
            return person
    return register_person(session, actor, PersonDraft(name=name, phone=number), at=at)


def _phone(typed: str | None) -> str | None:
    if not typed:
        return None
    phone = rules.mobile(typed)
    if phone is None:
        raise Invalid.field("phone", NOT_MOBILE)
    return phone
