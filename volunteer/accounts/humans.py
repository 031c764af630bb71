"""Whether two accounts are one human being: wherever two must decide, or nobody about themselves, another account is no way."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from volunteer.accounts.models import Brought, Person


@dataclass(frozen=True, slots=True)
class Hand:
    """A person as far as it must be known whether two accounts are one human being, or one household's."""

    person_id: int | None
    phone: str | None = None  # blind indexes: equal for equal phones and documents
    document: str | None = None


def same_human(one: Hand, other: Hand) -> bool:
    """Return whether two accounts are, or share a phone or a document with, the same person."""
    if one.person_id is not None and one.person_id == other.person_id:
        return True
    return bool((one.phone and one.phone == other.phone) or (one.document and one.document == other.document))


def hand_of(session: Session, person_id: int | None) -> Hand:
    """Return what tells whether two accounts are one human being. An entry that was merged is the one that stayed."""
    person = session.get(Person, person_id) if person_id is not None else None
    if person is None:
        return Hand(person_id)
    into = select(Brought.person_id).where(Brought.from_id == person.id, Brought.ended_at.is_(None))
    stayed = session.scalar(into.order_by(Brought.id.desc()).limit(1)) if person.disabled_at is not None else None
    return Hand(stayed or person.id, person.phone_index, person.document_index)


def same_person(session: Session, one: int | None, other: int | None) -> bool:
    """Return whether two accounts are, or share a phone or a document with, one human being. Nobody is nobody."""
    if one is None or other is None:
        return False
    return same_human(hand_of(session, one), hand_of(session, other))


def accounts_of(session: Session, person_id: int | None) -> frozenset[int]:
    """Return every account that `same_person` takes for this one's: for pages, which ask once and not for each row.

    Its own, those with its phone or its document, and the entries that were merged into it. Two queries.
    """
    if person_id is None:
        return frozenset()
    me = hand_of(session, person_id)
    same: list[ColumnElement[bool]] = [Person.id.in_({person_id, me.person_id})]
    same += [Person.phone_index == me.phone] if me.phone else []
    same += [Person.document_index == me.document] if me.document else []
    alike = set(session.scalars(select(Person.id).where(or_(*same))))
    merged = select(Brought.from_id).where(Brought.person_id == me.person_id, Brought.ended_at.is_(None))
    return frozenset({person_id} | alike | {one for one in session.scalars(merged) if same_person(session, person_id, one)})


def is_among(session: Session, one: int | None, others: Iterable[int | None]) -> bool:
    """Return whether ``one`` is any of the others, under whatever account."""
    return any(same_person(session, one, other) for other in others)
