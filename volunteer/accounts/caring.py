"""Agreeing that somebody may ask for help for another person. Ending it touches orders, so it lies with them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from volunteer.access import Actor
from volunteer.accounts import rules
from volunteer.accounts.models import ConsentKind, Person
from volunteer.accounts.models_caring import Care, ConsentHow, Relation
from volunteer.accounts.registering import NOT_MOBILE, PersonDraft, record_consent, register_person, resident_of
from volunteer.audit.recording import record
from volunteer.kernel.errors import Conflict, Invalid
from volunteer.kernel.words import N_
from volunteer.messaging.outbox import Recipient, tell

LONGEST_NAME = 30
MOST = 20  # people whom one helper looks after

RELATIONS = {
    Relation.CHILD: N_("I am their child"),
    Relation.SPOUSE: N_("I am their husband or wife"),
    Relation.GRANDCHILD: N_("I am their grandchild"),
    Relation.RELATIVE: N_("Another relative"),
    Relation.NEIGHBOUR: N_("A neighbour or friend"),
    Relation.OTHER: N_("Somebody else"),
}
HOWS = {
    ConsentHow.SPOKEN: N_("They told me face to face"),
    ConsentHow.BY_PHONE: N_("They told me on the phone"),
    ConsentHow.WRITTEN: N_("They wrote it down"),
    ConsentHow.GUARDIAN: N_("I am their guardian and decide for them"),
}


@dataclass(frozen=True, kw_only=True)
class CareDraft:
    """Whom somebody looks after, and how that person agreed. ``notice``: version of the notice, "" when not agreed."""

    name: str
    notice: str
    phone: str = ""
    relation: Relation = Relation.OTHER
    how: ConsentHow = ConsentHow.SPOKEN
    agreed: bool = False


def complaints(draft: CareDraft) -> dict[str, list[str]]:
    """Return what is wrong with a draft, by field."""
    checks = (
        ("for_name", bool(draft.name.strip()), N_("Please tell us who needs the help.")),
        ("for_name", len(draft.name.strip()) <= LONGEST_NAME, N_("This is too long. Please keep it shorter.")),
        ("for_phone", not draft.phone.strip() or rules.mobile(draft.phone) is not None, NOT_MOBILE),
        ("agreed", draft.agreed, N_("Please ask them first, then tick this.")),
    )
    return {field: [words] for field, right, words in reversed(checks) if not right}


def begin(session: Session, actor: Actor, helper: Person, draft: CareDraft, *, at: datetime) -> Care:
    """Write down that ``helper`` may ask for help for the person named; the same person again changes nothing.

    The person is told when they have a phone of their own. Raises Invalid with every complaint, Conflict for too many.
    """
    if wrong := complaints(draft):
        raise Invalid("care_invalid", N_("Please check the fields that are marked."), wrong)
    name, phone = draft.name.strip(), rules.mobile(draft.phone) if draft.phone.strip() else None
    index = session.info["keyring"].blind("phone", phone) if phone else None
    mine = of_helper(session, helper.id)
    for care in mine:
        if care.person.name == name and (index is None or care.person.phone_index == index):
            return care
    if len(mine) >= MOST:
        raise Conflict("too_many_cares", N_("You look after many people already. Please call us."))

    person = resident_of(session, actor, name, phone, at=at) if phone else None
    if person is not None and person.id == helper.id:
        raise Invalid.field("for_name", N_("That is you. For yourself you need nobody's consent."))
    if person is None:
        person = register_person(session, actor, PersonDraft(name=name, locale=helper.locale), at=at)
    by_clerk = actor.user_id if actor.user_id not in (None, helper.id) else None
    care = Care(
        helper=helper,
        person=person,
        relation=draft.relation,
        how=draft.how,
        notice=draft.notice,
        agreed_at=at,
        written_by=by_clerk,
    )
    session.add(care)
    session.flush()  # the audit log and the consent name its id
    about = f"care:{care.id}"
    record_consent(session, actor, person, ConsentKind.CONTACT_FOR_OTHER, notice=draft.notice, at=at, about=about)
    record(session, actor, "care_begun", about, at=at, how=draft.how.value)
    if phone:
        tell(
            session, Recipient(phone=phone, locale=person.locale), "care_begun", at=at, secret={"name": helper.name}, about=about
        )
    return care


def of_helper(session: Session, person_id: int) -> Sequence[Care]:
    """Return whom somebody may ask for help for, the first first."""
    found = select(Care).options(joinedload(Care.person), joinedload(Care.helper))
    return session.scalars(found.where(Care.helper_id == person_id, Care.ended_at.is_(None)).order_by(Care.id)).all()


def of_person(session: Session, person_ids: Sequence[int]) -> Sequence[Care]:
    """Return who may ask for help for these people."""
    found = select(Care).options(joinedload(Care.person), joinedload(Care.helper))
    return session.scalars(found.where(Care.person_id.in_(person_ids), Care.ended_at.is_(None)).order_by(Care.id)).all()
