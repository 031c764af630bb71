"""Batches for whoever runs them, and for whoever is asked. Reads only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from volunteer.access import Actor, Permission
from volunteer.accounts.models import Person
from volunteer.certificates.batches.lifecycle import BatchState
from volunteer.certificates.models_batches import Answer, Batch, BatchPerson, Outcome
from volunteer.kernel.db import load, under
from volunteer.kernel.errors import NotFound
from volunteer.kernel.paging import Page, cut
from volunteer.kernel.text import like
from volunteer.teams.models import Volunteer

P = Permission.CERTIFICATES_FOR_OTHERS
PAGE = 50
LIST = 30


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a batch has come, in people."""

    asked: int
    yes: int
    no: int
    issued: int
    packed: int
    missing: dict[Outcome, int]

    @property
    def open(self) -> int:
        """Who has not answered."""
        return self.asked - self.yes - self.no

    @property
    def settled(self) -> int:
        """Of whom it is known what came of it."""
        return self.issued + sum(self.missing.values())

    @property
    def share(self) -> float:
        """How much of issuing and printing is done, from 0 to 1: half of it is issuing."""
        issuing = self.settled / self.asked if self.asked else 1.0
        return (issuing + (self.packed / self.issued if self.issued else 0.0)) / 2


def batches_at(session: Session, actor: Actor, *, before: int | None = None) -> Page[Batch]:
    """Return the batches of the actor's places, the newest first."""
    found = select(Batch).options(joinedload(Batch.asker), joinedload(Batch.site))
    found = found.where(under(actor.scopes(P), Batch.site_path))
    if before is not None:
        found = found.where(Batch.id < before)
    rows = session.scalars(found.order_by(Batch.id.desc()).limit(LIST + 1)).all()
    return cut(rows, LIST, [row.id for row in rows])


def visible(session: Session, actor: Actor, batch_id: int) -> Batch:
    """Return a batch of the actor's places. Raises NotFound for any other."""
    batch = load(session, Batch, batch_id)
    if not actor.can(P, at=batch.site_path):
        raise NotFound("batch")
    return batch


def progress(session: Session, batch: Batch) -> Progress:
    """Return how far a batch has come."""
    return progress_of(session, [batch])[batch.id]


def progress_of(session: Session, batches: Sequence[Batch]) -> dict[int, Progress]:
    """Return how far each of these batches has come, by its id."""
    kinds = (BatchPerson.batch_id, BatchPerson.answer, BatchPerson.outcome)
    counted = select(*kinds, func.count()).where(BatchPerson.batch_id.in_([one.id for one in batches])).group_by(*kinds)
    answers: dict[int, Counter[Answer]] = {one.id: Counter() for one in batches}
    outcomes: dict[int, Counter[Outcome]] = {one.id: Counter() for one in batches}
    for batch_id, answer, outcome, count in session.execute(counted).tuples():
        answers[batch_id][answer] += count
        outcomes[batch_id][outcome] += count
    return {one.id: _progress(one, answers[one.id], outcomes[one.id]) for one in batches}


def _progress(batch: Batch, answers: Counter[Answer], outcomes: Counter[Outcome]) -> Progress:
    known = (Outcome.WAITING, Outcome.ISSUED)
    return Progress(
        asked=answers.total(),
        yes=answers[Answer.YES],
        no=answers[Answer.NO],
        issued=outcomes[Outcome.ISSUED],
        packed=batch.packed,
        missing={outcome: outcomes[outcome] for outcome in Outcome if outcome in outcomes and outcome not in known},
    )


def people_of(session: Session, batch: Batch, *, words: str = "", only: str = "", after: int = 0) -> Page[BatchPerson]:
    """Return who is in a batch, with what they said and what came of it; ``only``: an answer, or an outcome."""
    found = (
        select(BatchPerson)
        .join(Volunteer, Volunteer.id == BatchPerson.volunteer_id)
        .join(Person, Person.id == Volunteer.id)
        .where(BatchPerson.batch_id == batch.id, BatchPerson.id > after)
        .options(joinedload(BatchPerson.volunteer).joinedload(Volunteer.person), joinedload(BatchPerson.certificate))
    )
    if words:
        pattern = like(words)
        number = func.lower(Volunteer.number).like(pattern, escape="\\")
        found = found.where(number | Person.search.like(pattern, escape="\\"))
    if only in set(Answer):
        found = found.where(BatchPerson.answer == Answer(only))
    elif only == "missing":
        found = found.where(BatchPerson.outcome.not_in((Outcome.ISSUED, Outcome.WAITING)))
    rows = session.scalars(found.order_by(BatchPerson.id).limit(PAGE + 1)).all()
    return cut(rows, PAGE, [row.id for row in rows])


def asked_of(session: Session, volunteer_id: int) -> Sequence[BatchPerson]:
    """Return what a volunteer is asked for, or was lately: what waits for an answer first."""
    found = (
        select(BatchPerson)
        .join(Batch, Batch.id == BatchPerson.batch_id)
        .where(BatchPerson.volunteer_id == volunteer_id, Batch.state != BatchState.DROPPED)
        .options(joinedload(BatchPerson.batch).joinedload(Batch.site), joinedload(BatchPerson.certificate))
        .order_by((BatchPerson.answer != Answer.OPEN), BatchPerson.id.desc())
    )
    return session.scalars(found.limit(10)).all()
