"""A batch of certificates in a test's own session: asked, answered, made as the job makes it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from sqlalchemy import select

from tests.flows.test_certificates import serve
from tests.support.builders import NOON, a_volunteer, an_actor
from volunteer.access import Role
from volunteer.certificates.batches import asking, making
from volunteer.certificates.batches.rules import BatchDraft
from volunteer.certificates.models_batches import BatchPerson
from volunteer.kernel import errands
from volunteer.ledger.models import Grade

TODAY = date(2026, 3, 4)


def a_draft(people=(), **changed):
    """Certificates of the last year for a school, of these volunteers."""
    given: dict[str, Any] = {
        "receiver": "演示县第一中学", "purpose": "综合素质评价", "first": TODAY - timedelta(days=364), "last": TODAY,
        "grades": frozenset(Grade) - {Grade.D}, "locale": "zh_Hans", "answer_by": TODAY + timedelta(days=7),
        "numbers": "\n".join(one.number for one in people),
    }  # fmt: skip
    return BatchDraft(**(given | changed))


def some_volunteers(session, station, count, *, item=None):
    """Volunteers of a station, each with one service."""
    people = [a_volunteer(session, station, f"志愿者{chr(0x4E00 + number)}") for number in range(count)]
    for one in people:
        serve(session, one, station, item=item)
    return people


def rows_of(session, batch):
    """Return who is in a batch, in the order in which they were asked."""
    return session.scalars(select(BatchPerson).where(BatchPerson.batch_id == batch.id).order_by(BatchPerson.id)).all()


def say(session, row, yes=True, at=NOON):
    """The volunteer of that row answers."""
    me = an_actor(row.volunteer.person, (Role.VOLUNTEER, row.volunteer.site))
    return asking.answer(session, me, row.id, yes, at=at)


def work(session, at=NOON, *, steps=1_000):
    """Do what the job does, at most so many steps; return how many it took."""
    for done in range(steps):
        if not making.step(session, at=at):
            return done
        for errand in errands.take(session):
            try:
                outcome = errand.go()
            except Exception as error:
                outcome = error
            errand.settle(session, outcome, at)
    return steps
