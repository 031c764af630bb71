"""Registering as a volunteer: by oneself with a code sent to the phone, or at the counter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from volunteer.access import NOBODY, Actor, Permission, Role
from volunteer.accounts import codes, documents, rules
from volunteer.accounts.granting import held
from volunteer.accounts.models import Person
from volunteer.accounts.registering import NOT_MOBILE
from volunteer.accounts.signing_in import BY_CODE
from volunteer.audit.recording import record
from volunteer.kernel import serials
from volunteer.kernel.clock import local_date, zone_of
from volunteer.kernel.db import load, lock
from volunteer.kernel.errors import Conflict, Invalid
from volunteer.kernel.words import N_
from volunteer.messaging.outbox import Recipient, tell
from volunteer.places.models import Site
from volunteer.places.policies import joining_at
from volunteer.places.rules import CLOSED_SITE
from volunteer.teams import ages, telling
from volunteer.teams.enrolling import NOTICE, VolunteerDraft, enrol_volunteers
from volunteer.teams.fit import years_old
from volunteer.teams.models import Standing, Volunteer
from volunteer.teams.models_volunteers import Guardian
from volunteer.teams.rules import check_week

KIND = "join-code"
USUAL_LEVEL = 0.6  # of a skill that somebody says they have
OLDEST = date(1900, 1, 1)
GUARDIAN_NAME = N_("Please write the guardian's name.")


@dataclass(frozen=True, kw_only=True, slots=True)
class JoinDraft:
    """Who wants to register. ``hours``: weekly spans as of VolunteerDraft; ``skills``: codes without a licence."""

    site: Site
    name: str
    phone: str
    born_on: date
    document: str = ""
    skills: Sequence[str] = ()
    hours: Sequence[tuple[int, int, int]] = ()
    locale: str = "zh_Hans"
    consent: bool = False
    guardian_name: str = ""
    guardian_phone: str = ""
    guardian_consent: bool = False


def send_code(session: Session, phone: str, *, asked_in: str = "", at: datetime) -> str:
    """Send a code to any mobile phone, known or not; return the phone's eleven digits. Raises Invalid for another number."""
    number = rules.mobile(phone)
    if number is None:
        raise Invalid.field("phone", NOT_MOBILE)
    index = session.info["keyring"].blind("join", number)
    code = codes.new_code(session, KIND, index, asked_in=asked_in, at=at)
    tell(session, Recipient(phone=number), "join_code", at=at, secret={"code": code})
    return number


def prove_phone(session: Session, phone: str, code: str, *, asked_in: str = "", at: datetime) -> bool:
    """Return whether ``code`` is the one that was sent to ``phone``; it works once."""
    index = session.info["keyring"].blind("join", rules.mobile(phone) or "")
    row = codes.fitting(session, KIND, index, code, asked_in=asked_in, at=at)
    if row is None:
        return False
    row.used_at = at
    return True


def join(session: Session, draft: JoinDraft, *, at: datetime, person_id: int | None = None) -> Volunteer:
    """Register oneself; the phone was proved (or the person is signed in). The number holds at once.

    Raises Invalid for what cannot be, all fields at once; Conflict ``registered_already`` for the same name and phone.
    An identity number that is known already looks like any other: its holder and the site are told, a stranger is not.
    """
    today = local_date(at, zone_of(session))
    terms = joining_at(session, draft.site.path, at)
    _must_be_right(draft, today, must_have_document=bool(terms.document), youngest=terms.youngest)
    known = load(session, Person, person_id) if person_id else _known(session, draft, at)
    if known is not None and session.get(Volunteer, known.id) is not None:
        raise Conflict("registered_already", N_("You are registered already. Please log in with your phone."))

    volunteer = _enrol(session, NOBODY, draft, known, at=at)
    _warn_of_double(session, volunteer.person, draft.document, draft.site.path, at)
    if terms.approval:
        volunteer.standing = Standing.WAITING
        telling.tell_site(session, draft.site.path, "volunteer_waits", at=at)
    elif ages.needs_guardian(draft.born_on, today):
        telling.tell_site(session, draft.site.path, "guardian_waits", at=at)
    return volunteer


def register_at_counter(session: Session, actor: Actor, draft: JoinDraft, *, at: datetime) -> Volunteer:
    """Register somebody who stands in front of us; approved at once, and the guardian was spoken to."""
    actor.must(Permission.TEAMS_MANAGE, at=draft.site.path)
    today = local_date(at, zone_of(session))
    terms = joining_at(session, draft.site.path, at)
    _must_be_right(draft, today, must_have_document=bool(terms.document), youngest=terms.youngest)
    known = _known(session, draft, at)
    if known is not None and session.get(Volunteer, known.id) is not None:
        raise Conflict("registered_already", N_("This person is registered already."))
    number = documents.identity_number(draft.document, today) if draft.document else None
    if number and _with_document(session, number, but=None):
        raise Invalid.field("document", N_("Somebody with this identity number is registered already."))

    volunteer = _enrol(session, actor, draft, known, at=at)
    guardian = session.scalar(select(Guardian).where(Guardian.volunteer_id == volunteer.id))
    if guardian is not None:
        guardian.heard_at, guardian.heard_by, guardian.via = at, actor.user_id, actor.user_id
    return volunteer


def answer_registration(
    session: Session, actor: Actor, volunteer_id: int, *, yes: bool, words: str = "", at: datetime
) -> Volunteer:
    """The site says yes to somebody who registered, or no with a reason. The same answer twice changes nothing."""
    volunteer = lock(session, Volunteer, volunteer_id)
    actor.must(Permission.TEAMS_MANAGE, at=volunteer.site.path)
    wanted = Standing.ACTIVE if yes else Standing.REFUSED
    if volunteer.standing is wanted:
        return volunteer
    if volunteer.standing not in {Standing.WAITING, Standing.REFUSED}:
        raise Conflict("registration_answered", N_("This registration was answered already."))
    if not yes and not words.strip():
        raise Invalid.field("words", N_("Please write the reason. They will read it."))
    volunteer.standing, volunteer.standing_at, volunteer.standing_words = wanted, at, " ".join(words.split())
    template = "volunteer_approved" if yes else "volunteer_refused"
    telling.tell_person(session, volunteer.person, template, at=at, reason=volunteer.standing_words)
    record(session, actor, "registration_answered", f"person:{volunteer.id}", at=at, site_path=volunteer.site.path, yes=yes)
    return volunteer


def hear_guardian(session: Session, actor: Actor, volunteer_id: int, *, at: datetime) -> Guardian:
    """Write down that a member of staff has spoken with the guardian, who agrees."""
    volunteer = lock(session, Volunteer, volunteer_id)
    actor.must(Permission.TEAMS_MANAGE, at=volunteer.site.path)
    guardian = session.scalar(select(Guardian).where(Guardian.volunteer_id == volunteer.id))
    if guardian is None:
        raise Conflict("no_guardian", N_("No guardian is written down yet. Please write down their name and phone first."))
    if guardian.heard_at is None:
        guardian.heard_at, guardian.heard_by = at, actor.user_id
        record(session, actor, "guardian_heard", f"person:{volunteer.id}", at=at, site_path=volunteer.site.path)
    return guardian


def set_guardian(session: Session, actor: Actor, volunteer: Volunteer, name: str, phone: str, *, at: datetime) -> Guardian:
    """Write down who the guardian is and that they agree; somebody else than before has to be heard anew."""
    number = rules.mobile(phone)
    wrong = {}
    if not name.strip():
        wrong["guardian_name"] = [GUARDIAN_NAME]
    if number is None:
        wrong["guardian_phone"] = [NOT_MOBILE]
    if wrong:
        raise Invalid("invalid_guardian", N_("Please check the fields that are marked."), wrong)
    guardian = session.scalar(select(Guardian).where(Guardian.volunteer_id == volunteer.id))
    if guardian is None:
        guardian = Guardian(volunteer_id=volunteer.id, notice=NOTICE, consented_at=at)
        guardian.person = volunteer.person
        session.add(guardian)
    elif (guardian.name, guardian.phone) != (name.strip(), number):
        guardian.heard_at = guardian.heard_by = None
        guardian.consented_at = at
    guardian.name, guardian.phone = name.strip(), number
    guardian.via = actor.user_id if actor.user_id not in (None, volunteer.id) else None
    session.flush()  # whoever reads it next asks the database
    return guardian


def may_come_in(session: Session, person: Person, at: datetime) -> bool:
    """Whether somebody who has proved their phone is let in by that alone: whoever has a staff role is not."""
    roles = {grant.role for grant in held(session, person.id, at)}
    return bool(roles) and roles <= BY_CODE


def _enrol(session: Session, actor: Actor, draft: JoinDraft, known: Person | None, *, at: datetime) -> Volunteer:
    today = local_date(at, zone_of(session))
    number = documents.identity_number(draft.document, today) if draft.document else None
    serial = f"{serials.take(session, 'volunteer'):07d}"
    wanted = VolunteerDraft(
        site=draft.site,
        number=f"V{serial[:3]}-{serial[3:]}-{serials.check_digit(serial)}",
        name=draft.name.strip(),
        phone=draft.phone,
        document=number or "",
        born_on=draft.born_on,
        skills=[(code, USUAL_LEVEL, None) for code in dict.fromkeys(draft.skills)],
        hours=list(draft.hours),
        person_id=known.id if known else None,
    )
    acting = Actor(actor.user_id, frozenset({(Role.SYSTEM, "/")}), name=actor.name)  # who may do it was asked above
    person_id = enrol_volunteers(session, acting, [wanted], at=at)[0]
    volunteer = session.get_one(Volunteer, person_id)
    person = volunteer.person
    person.born_on, person.locale = draft.born_on, draft.locale
    if known is not None and number:
        person.document = number
        person.document_index = session.info["keyring"].blind("document", number)
    if ages.needs_guardian(draft.born_on, today):
        set_guardian(session, actor, volunteer, draft.guardian_name, draft.guardian_phone, at=at)
    telling.tell_person(session, person, "volunteer_registered", at=at, number=volunteer.number)
    return volunteer


def _must_be_right(draft: JoinDraft, today: date, *, must_have_document: bool, youngest: int) -> None:
    wrong: dict[str, list[str]] = {}
    if not draft.name.strip():
        wrong["name"] = [N_("Please write your name.")]
    if rules.mobile(draft.phone) is None:
        wrong["phone"] = [NOT_MOBILE]
    if not draft.consent:
        wrong["consent"] = [N_("Please read the notice and tick that you agree.")]
    if words := check_week(draft.hours):
        wrong["hours"] = [words]
    if draft.site.closed_at is not None:
        wrong["site"] = [CLOSED_SITE]
    wrong |= _document_complaints(draft, today, must_have_document)
    wrong |= _age_complaints(draft, today, youngest)
    if wrong:
        raise Invalid("invalid_registration", N_("Please check the fields that are marked."), wrong)


def _document_complaints(draft: JoinDraft, today: date, must_have: bool) -> dict[str, list[str]]:
    number = documents.identity_number(draft.document, today) if draft.document else None
    if draft.document and number is None:
        return {"document": [N_("This identity number is not right. Please check its 18 characters.")]}
    if must_have and number is None:
        return {"document": [N_("Please write your identity number: your county asks for it.")]}
    if number and documents.born_on(number) != draft.born_on:
        return {"born_on": [N_("The birth date is not the one of the identity number.")]}
    return {}


def _age_complaints(draft: JoinDraft, today: date, youngest: int) -> dict[str, list[str]]:
    if not OLDEST <= draft.born_on <= today:
        return {"born_on": [N_("Please write your birth date.")]}
    if years_old(draft.born_on, today) < youngest:
        return {"born_on": [N_("You can register when you are a little older.")]}
    if not ages.needs_guardian(draft.born_on, today):
        return {}
    wrong: dict[str, list[str]] = {}
    if not draft.guardian_name.strip():
        wrong["guardian_name"] = [GUARDIAN_NAME]
    if rules.mobile(draft.guardian_phone) is None:
        wrong["guardian_phone"] = [NOT_MOBILE]
    if not draft.guardian_consent:
        wrong["guardian_consent"] = [N_("Under 18 a guardian has to agree.")]
    return wrong


def _known(session: Session, draft: JoinDraft, at: datetime) -> Person | None:
    """Who has this name and this phone already: a resident, or a volunteer. Never a member of staff."""
    index = session.info["keyring"].blind("phone", rules.mobile(draft.phone) or "")
    rows = select(Person).where(Person.phone_index == index, Person.disabled_at.is_(None)).order_by(Person.id)
    for person in session.scalars(rows):
        roles = {grant.role for grant in held(session, person.id, at)}
        if person.name == draft.name.strip() and person.wrapped_key is not None and roles <= BY_CODE:
            return person
    return None


def _with_document(session: Session, number: str, but: int | None) -> list[Person]:
    index = session.info["keyring"].blind("document", number)
    found = select(Person).join(Volunteer, Volunteer.id == Person.id).where(Person.document_index == index)
    return [person for person in session.scalars(found) if person.id != but]


def doubles_of(session: Session, person: Person) -> list[int]:
    """Return the other volunteers that have the same identity number: one of them is too many."""
    if person.document_index is None:
        return []
    same = select(Volunteer.id).join(Person, Person.id == Volunteer.id).where(Person.document_index == person.document_index)
    return [found for found in session.scalars(same.order_by(Volunteer.id)) if found != person.id]


def _warn_of_double(session: Session, person: Person, document: str, site_path: str, at: datetime) -> None:
    number = documents.identity_number(document, local_date(at, zone_of(session))) if document else None
    others = _with_document(session, number, person.id) if number else []
    for other in others:
        telling.tell_person(session, other, "document_used", at=at)
    if others:
        telling.tell_site(session, site_path, "document_double", at=at)
