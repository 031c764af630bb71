"""Issuing and printing a batch, in small steps, each in a transaction of its own: whoever dies in the middle is taken over.

Facts are frozen once for each person, so a step that is done again finds its certificate there. PDFs are printed outside any
transaction; equal facts give equal bytes, so a file that is written again is the same file.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session, joinedload

from volunteer.access import Actor
from volunteer.audit.recording import record
from volunteer.certificates import freezing, issuing
from volunteer.certificates.batches import files
from volunteer.certificates.batches.lifecycle import BatchAction, BatchState
from volunteer.certificates.models_batches import Answer, Batch, BatchPerson, Outcome
from volunteer.certificates.printing import Sheet, sheet_of
from volunteer.certificates.rules import CertificateDraft
from volunteer.kernel import errands
from volunteer.kernel.clock import local_date, zone_of
from volunteer.kernel.db import lock
from volunteer.kernel.errors import Conflict, Invalid
from volunteer.ledger.models import Grade
from volunteer.teams.models import Standing, Volunteer
from volunteer.teams.telling import tell_site

SLICE = 20  # certificates in one transaction, or printed before progress is noted
LEASE = timedelta(minutes=5)  # longer than a slice, or the packing of a thousand, ever takes
log = logging.getLogger(__name__)


def step(session: Session, *, at: datetime) -> int:
    """Do the next small piece of work; return how much was done, 0 when there is nothing."""
    return _begin_due(session, at) or _issue_some(session, at) or _print_some(session, at)


def _begin_due(session: Session, at: datetime) -> int:
    """The last day to answer is over: those who agreed get theirs."""
    today = local_date(at, zone_of(session))
    due = select(Batch).where(Batch.state == BatchState.ASKING, Batch.answer_by < today)
    batches = session.scalars(due.order_by(Batch.id).limit(SLICE).with_for_update(skip_locked=True)).all()
    for batch in batches:
        batch.advance(BatchAction.START)
        batch.started_at = at
    return len(batches)


def _issue_some(session: Session, at: datetime) -> int:
    batch = _next(session, BatchState.ISSUING)
    if batch is None:
        return 0
    silent = (BatchPerson.batch_id == batch.id, BatchPerson.outcome == Outcome.WAITING, BatchPerson.answer != Answer.YES)
    session.execute(update(BatchPerson).where(*silent).values(outcome=Outcome.NO_CONSENT))
    waiting = (
        select(BatchPerson)
        .where(BatchPerson.batch_id == batch.id, BatchPerson.outcome == Outcome.WAITING)
        .options(joinedload(BatchPerson.volunteer).joinedload(Volunteer.person))
    )
    rows = session.scalars(waiting.order_by(BatchPerson.id).limit(SLICE).with_for_update(of=BatchPerson)).all()
    for row in rows:
        _issue(session, batch, row, at)
    if rows:
        return len(rows)
    issued = _count(session, batch)
    batch.advance(BatchAction.PRINT if issued else BatchAction.FIND_NONE)
    record(session, _acting(batch), "batch_issued", f"batch:{batch.id}", at=at, site_path=batch.site_path, issued=issued)
    return 1


def _issue(session: Session, batch: Batch, row: BatchPerson, at: datetime) -> None:
    if row.answer is not Answer.YES:  # they thought better of it just now
        row.outcome = Outcome.NO_CONSENT
        return
    if row.volunteer.standing in {Standing.CLOSED, Standing.REFUSED}:
        row.outcome = Outcome.LEFT
        return
    grades = frozenset(Grade(grade) for grade in batch.grades) & freezing.certified_grades(session, row.volunteer, at)
    draft = CertificateDraft(batch.first, batch.last, grades, batch.locale)
    try:
        with session.begin_nested():
            made = freezing.certify(session, _acting(batch), row.volunteer, draft, at=at, handler=batch.asker.name)
    except Conflict:
        row.outcome = Outcome.NO_HOURS
    except Invalid as error:
        if error.code != "certificate_unprintable":
            row.outcome = Outcome.NO_HOURS  # the centre no longer certifies any of these grades
            return
        row.outcome, row.note = Outcome.UNPRINTABLE, error.context["characters"][:80]
        issuing.report_unprintable(session, Actor(row.volunteer_id, frozenset()), row.note, at=at)
    else:
        row.outcome, row.certificate = Outcome.ISSUED, made


def _print_some(session: Session, at: datetime) -> int:
    """Leave an errand to print the next few, or to pack them all once every one is printed."""
    batch = _next(session, BatchState.PACKING, at)
    if batch is None:
        return 0
    batch.packing_until = at + LEASE
    issued = (
        select(BatchPerson)
        .where(BatchPerson.batch_id == batch.id, BatchPerson.outcome == Outcome.ISSUED)
        .options(joinedload(BatchPerson.certificate))
        .order_by(BatchPerson.id)
    )
    total = _count(session, batch)
    rows = session.scalars(issued if batch.packed >= total else issued.offset(batch.packed).limit(SLICE)).all()
    sheets = [sheet_of(session, row.certificate, at=at) for row in rows if row.certificate is not None]
    folder = files.folder_of(session.info["certificate_folder"], batch.token)
    errand: Printing | Packing
    if batch.packed < total:
        errand = Printing(batch.id, batch.packed, folder, sheets)
    else:
        errand = Packing(batch.id, folder, sheets, f"{batch.receiver} {batch.first} – {batch.last}", batch.site.name)
    errands.leave(session, errands.Errand(errand.go, errand.settle))
    return max(1, len(rows))


@dataclass(frozen=True)
class Printing:
    """Print a few, and note how far it came."""

    batch_id: int
    before: int
    folder: Path
    sheets: list[Sheet]

    def go(self) -> int:
        """Print; return how many."""
        for sheet in self.sheets:
            files.keep(self.folder, sheet.facts["number"], sheet.pdf())
        return len(self.sheets)

    def settle(self, session: Session, outcome: Any, at: datetime) -> None:
        """Note it, unless somebody else has taken over meanwhile."""
        batch = lock(session, Batch, self.batch_id)
        if batch.state is not BatchState.PACKING or batch.packed != self.before:
            return
        if isinstance(outcome, Exception):
            log.error("batch %s cannot be printed: %s; tried again later", batch.id, type(outcome).__name__)
            return
        batch.packed, batch.packing_until = self.before + outcome, None


@dataclass(frozen=True)
class Packing:
    """Put everything into one archive and one file for the printer."""

    batch_id: int
    folder: Path
    sheets: list[Sheet]
    title: str
    author: str

    def go(self) -> int:
        """Pack; return the size of both files."""
        return files.pack(self.folder, self.sheets, self.title, self.author)

    def settle(self, session: Session, outcome: Any, at: datetime) -> None:
        """The batch is ready: a second person is asked to look."""
        batch = lock(session, Batch, self.batch_id)
        if batch.state is not BatchState.PACKING:
            return
        if isinstance(outcome, Exception):
            log.error("batch %s cannot be packed: %s; tried again later", batch.id, type(outcome).__name__)
            return
        batch.advance(BatchAction.FINISH)
        batch.ready_at, batch.size, batch.packing_until = at, outcome, None
        batch.expires_at = at + files.KEPT
        tell_site(session, batch.site_path, "batch_ready", at=at, receiver=batch.receiver)


def _next(session: Session, state: BatchState, at: datetime | None = None) -> Batch | None:
    """Return the oldest batch in that state, held; of those that are printed one that nobody has in hand."""
    found = select(Batch).where(Batch.state == state)
    if at is not None:
        found = found.where(Batch.packing_until.is_(None) | (Batch.packing_until <= at))
    return session.scalars(found.order_by(Batch.id).limit(1).with_for_update(skip_locked=True)).first()


def _count(session: Session, batch: Batch) -> int:
    session.flush()  # what came of each is counted in the database
    issued = (BatchPerson.batch_id == batch.id, BatchPerson.outcome == Outcome.ISSUED)
    return session.scalar(select(func.count()).select_from(BatchPerson).where(*issued)) or 0


def _acting(batch: Batch) -> Actor:
    """Whoever asked for the batch: it is their act, done later."""
    return Actor(batch.asked_by, frozenset(), name=batch.asker.name)
