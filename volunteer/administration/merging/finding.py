"""Looking for entries that may be one person, a few at a time, round and round the register."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from volunteer.accounts.models import Person
from volunteer.administration.merging.merging import common, pair_of, place_of
from volunteer.administration.merging.models import Pair
from volunteer.administration.merging.rules import Known, alike
from volunteer.kernel.clock import local_date, zone_of
from volunteer.kernel.db import insert_into
from volunteer.places.models import Mark
from volunteer.teams.models import Volunteer

PLACE = "people compared"  # the mark that says how far tonight's round is
BATCH = 300
MOST = 40  # entries that share one birthday or telephone and are still compared with each other


def compare_some(session: Session, at: datetime) -> int:
    """Compare the next entries of the register with those that share a document, a telephone or a birthday with them.

    Returns how many were looked at; 0 when tonight's round is over. Safe to run twice: a pair is written down once.
    """
    tonight = local_date(at, zone_of(session))
    mark = session.get(Mark, PLACE, with_for_update=True)
    after = _after(mark, tonight)
    if after is None:
        return 0
    people = session.scalars(_living().where(Person.id > after).order_by(Person.id).limit(BATCH)).all()
    suggest(session, people, at=at)
    place = {"night": tonight.isoformat(), "after": people[-1].id if people else None}
    if mark is None:
        session.execute(insert_into(session, Mark).values(name=PLACE, value=place).on_conflict_do_nothing())
    else:
        mark.value = place
    return len(people)


def suggest(session: Session, people: Iterable[Person], *, at: datetime) -> list[Pair]:
    """Write down every pair of one of ``people`` and somebody else that may be one person and was never looked at."""
    made: list[Pair] = []
    for person in people:
        for other in _likely(session, person):
            why = alike(_known(session, person), _known(session, other))
            if not why or pair_of(session, person.id, other.id) is not None:
                continue
            one, later = sorted((person, other), key=lambda entry: entry.id)
            path = common(place_of(session, one), place_of(session, later))
            pair = Pair(one_id=one.id, other_id=later.id, site_path=path, why=[reason.value for reason in why], found_at=at)
            session.add(pair)
            session.flush()  # the next comparison asks whether the pair is there
            made.append(pair)
    return made


def _after(mark: Mark | None, tonight: date) -> int | None:
    """From which number the round goes on; None when it is over for tonight."""
    if mark is None or mark.value.get("night") != tonight.isoformat():
        return 0
    after: int | None = mark.value["after"]
    return after


def _living() -> Select[tuple[Person]]:
    return select(Person).where(Person.disabled_at.is_(None), Person.wrapped_key.is_not(None))


def _likely(session: Session, person: Person) -> Sequence[Person]:
    """Return who shares something with ``person``. The document finds everybody, the rest as many as MOST."""
    same = []
    if person.phone_index:
        same.append(Person.phone_index == person.phone_index)
    if person.born_on:
        same.append(Person.born_on == person.born_on)
    found: list[Person] = []
    if person.document_index:
        found += session.scalars(_living().where(Person.document_index == person.document_index, Person.id != person.id))
    if same:
        found += session.scalars(_living().where(or_(*same), Person.id != person.id).order_by(Person.id.desc()).limit(MOST))
    return list({other.id: other for other in found}.values())


def _known(session: Session, person: Person) -> Known:
    is_volunteer = session.get(Volunteer, person.id) is not None
    return Known(person.name, person.search or "", person.phone_index, person.document_index, person.born_on, is_volunteer)
