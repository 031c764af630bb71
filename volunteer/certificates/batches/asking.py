"""Asking many for their consent to give one receiver their certificate, and what each of them answers."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, joinedload

from volunteer.access import Actor, Permission
from volunteer.accounts.models import Person
from volunteer.audit.recording import record
from volunteer.certificates.batches import rules
from volunteer.certificates.batches.lifecycle import BATCHES, GOING_ON, BatchAction, BatchState
from volunteer.certificates.batches.rules import BatchDraft
from volunteer.certificates.models_batches import Answer, Batch, BatchPerson, Outcome
from volunteer.kernel.clock import local_date, zone_of
from volunteer.kernel.db import load, lock, under
from volunteer.kernel.errors import Conflict, Invalid, NotFound
from volunteer.kernel.words import N_
from volunteer.ledger.models import Grade
from volunteer.ledger.rules import counts
from volunteer.places.models import Site
from volunteer.places.policies import evidence_at
from volunteer.teams.ages import STRICT
from volunteer.teams.fit import years_old
from volunteer.teams.models import Membership, Standing, Team, Volunteer
from volunteer.teams.telling import tell_person

SETTLING = timedelta(minutes=10)  # whoever still prints for a batch that was dropped is done by then
MOST_OPEN = 20  # batches of one site at a time
P = Permission.CERTIFICATES_FOR_OTHERS
ASKABLE = (Standing.ACTIVE, Standing.LEFT)  # who has left keeps what they did


def ask(session: Session, actor: Actor, site_id: int, draft: BatchDraft, *, at: datetime) -> Batch:
    """Ask volunteers whether this receiver may have their certificate. Nothing is issued without their yes.

    Raises NotFound or Forbidden outside the actor's places, Invalid with every complaint at once, and for numbers that
    nobody of these places has; Conflict when too much is open already.
    """
    site = load(session, Site, site_id)
    actor.must(P, at=site.path)
    today = local_date(at, zone_of(session))
    first, last, answer_by = rules.must_be_right(draft, today, certified_at(session, site.path, at))
    people = _meant(session, site, draft, at)
    going = select(func.count()).select_from(Batch).where(Batch.site_id == site.id, Batch.state.in_(sorted(GOING_ON)))
    if (session.scalar(going) or 0) >= MOST_OPEN:
        raise Conflict("batches_open", N_("Too many batches are open here. Please finish or drop one first."))

    batch = Batch(
        site=site,
        site_path=site.path,
        receiver=draft.receiver.strip(),
        purpose=draft.purpose.strip(),
        first=first,
        last=last,
        grades=sorted(grade.value for grade in draft.grades),
        locale=draft.locale,
        asked_at=at,
        asked_by=actor.user_id,
        answer_by=answer_by,
        token=secrets.token_urlsafe(24),
    )
    session.add(batch)
    session.flush()  # those who are asked point at it
    for volunteer in people:
        session.add(BatchPerson(batch=batch, volunteer=volunteer, notice=rules.NOTICE))
        template = "certificate_guardian" if is_child(volunteer.person, today) else "certificate_asked"
        tell_person(session, volunteer.person, template, at=at, receiver=batch.receiver, until=batch.answer_by.isoformat())
    record(session, actor, "batch_asked", f"batch:{batch.id}", at=at, site_path=site.path, people=len(people), to=batch.receiver)
    return batch


def answer(session: Session, actor: Actor, row_id: int, yes: bool, *, at: datetime) -> BatchPerson:
    """Say yes or no for oneself; either can be taken back until the certificate was issued. Twice changes nothing.

    Raises NotFound for somebody else's, Conflict when it is over, and for the yes of a child: that is the guardian's.
    """
    row = lock(session, BatchPerson, row_id)
    if row.volunteer_id != actor.user_id:
        raise NotFound("consent")
    wanted = Answer.YES if yes else Answer.NO
    if row.answer is wanted:
        return row
    _must_be_open(row)
    if yes and is_child(row.volunteer.person, local_date(at, zone_of(session))):
        raise Conflict("guardian_first", N_("You are under 14: your guardian is asked. We will ring them."))
    row.answer, row.answered_at = wanted, at
    subject = f"person:{row.volunteer_id}"
    record(session, actor, "certificate_consent", subject, at=at, site_path=row.batch.site_path, batch=row.batch_id, yes=yes)
    return row


def hear_guardian(session: Session, actor: Actor, row_id: int, yes: bool, *, at: datetime) -> BatchPerson:
    """Write down what the guardian of a child under 14 said to a member of staff. Twice changes nothing."""
    row = lock(session, BatchPerson, row_id)
    _must_be_mine(actor, row.batch)
    if not is_child(row.volunteer.person, local_date(at, zone_of(session))):
        raise Conflict("not_a_child", N_("They answer for themselves."))
    wanted = Answer.YES if yes else Answer.NO
    if row.answer is wanted:
        return row
    _must_be_open(row)
    row.answer, row.answered_at, row.guardian_heard_by = wanted, at, actor.user_id
    subject = f"person:{row.volunteer_id}"
    record(session, actor, "certificate_guardian", subject, at=at, site_path=row.batch.site_path, batch=row.batch_id, yes=yes)
    return row


def start(session: Session, actor: Actor, batch_id: int, *, at: datetime) -> Batch:
    """Begin to issue for those who agreed; who has not answered by now is not in it. Twice changes nothing."""
    batch = lock(session, Batch, batch_id)
    _must_be_mine(actor, batch)
    if batch.state is not BatchState.ASKING and batch.started_by == actor.user_id:
        return batch
    BATCHES.next(batch.state, BatchAction.START)
    agreed = select(func.count()).select_from(BatchPerson)
    if not session.scalar(agreed.where(BatchPerson.batch_id == batch.id, BatchPerson.answer == Answer.YES)):
        raise Conflict("nobody_agreed", N_("Nobody has agreed yet."))
    batch.advance(BatchAction.START)
    batch.started_at, batch.started_by = at, actor.user_id
    record(session, actor, "batch_started", f"batch:{batch.id}", at=at, site_path=batch.site_path)
    return batch


def drop(session: Session, actor: Actor, batch_id: int, *, at: datetime) -> Batch:
    """Let go of a batch that was not handed out; certificates that were issued stay their holders'."""
    batch = lock(session, Batch, batch_id)
    _must_be_mine(actor, batch)
    if batch.state is BatchState.DROPPED:
        return batch
    if batch.released_at is not None:
        raise _moved_on()
    batch.advance(BatchAction.DROP)
    batch.expires_at = at + SETTLING
    record(session, actor, "batch_dropped", f"batch:{batch.id}", at=at, site_path=batch.site_path)
    return batch


def certified_at(session: Session, site_path: str, at: datetime) -> frozenset[Grade]:
    """Return the grades of evidence that are certified at a place."""
    weakest = evidence_at(session, site_path, at).certificates
    return frozenset(grade for grade in Grade if counts(grade, weakest))


def is_child(person: Person, today: date) -> bool:
    """Whether somebody is so young that only a guardian can say yes, to a person."""
    return person.born_on is not None and years_old(person.born_on, today) < STRICT


def _meant(session: Session, site: Site, draft: BatchDraft, at: datetime) -> Sequence[Volunteer]:
    """Return the volunteers who are meant, each once: all of the site that asks, whose staff will read their names.

    Raises Invalid for strangers and for too many.
    """
    found = (
        select(Volunteer)
        .join(Site, Site.id == Volunteer.site_id)
        .where(under((site.path,), Site.path), Volunteer.standing.in_(ASKABLE))
        .options(joinedload(Volunteer.person))
        .order_by(Volunteer.id)
    )
    numbers = rules.numbers_in(draft.numbers)
    if len(numbers) > rules.MOST:
        raise Invalid.field("numbers", N_("At most a thousand people in one batch, please."))
    ways = [Volunteer.number.in_(numbers)]
    if draft.team_id is not None:
        team = session.get(Team, draft.team_id)
        if team is None or not team.site_path.startswith(site.path):
            raise Invalid.field("team", N_("Please choose one of these."))
        now = or_(Membership.until.is_(None), Membership.until > at)
        ways.append(Volunteer.id.in_(select(Membership.volunteer_id).where(Membership.team_id == team.id, now)))
    people = session.scalars(found.where(or_(*ways))).all()
    rules.refuse_strangers(numbers, {volunteer.number for volunteer in people})
    if not people:
        raise Invalid.field("team", N_("This team has no members of your places."))
    if len(people) > rules.MOST:
        raise Invalid.field("numbers", N_("At most a thousand people in one batch, please."))
    return people


def _must_be_mine(actor: Actor, batch: Batch) -> None:
    if not actor.can(P, at=batch.site_path):
        raise NotFound("batch")


def _must_be_open(row: BatchPerson) -> None:
    if row.outcome is Outcome.ISSUED:
        raise Conflict("certificate_given", N_("This certificate was issued already. Please speak with your station."))
    if row.batch.state not in {BatchState.ASKING, BatchState.ISSUING} or row.outcome is not Outcome.WAITING:
        raise _moved_on()


def _moved_on() -> Conflict:
    return Conflict("batch_over", N_("This is over already. Please look at it again."))
