"""Handing out what a batch made: a second person releases it, each fetching is written down, and it does not lie around."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from volunteer.access import Actor, Permission
from volunteer.accounts.humans import hand_of, same_human
from volunteer.audit.recording import record
from volunteer.certificates.batches import files
from volunteer.certificates.batches.lifecycle import BatchAction, BatchState
from volunteer.certificates.models_batches import Batch, BatchPerson, Outcome
from volunteer.kernel.db import lock
from volunteer.kernel.errors import Conflict, NotFound
from volunteer.kernel.words import N_
from volunteer.teams.models import Volunteer
from volunteer.teams.telling import tell_person

P = Permission.CERTIFICATES_FOR_OTHERS
BATCHES = 20  # removed in one go


def release(session: Session, actor: Actor, batch_id: int, *, at: datetime) -> Batch:
    """Let the file be fetched. Never by whoever asked for the batch, or began it, under any account. Twice changes nothing.

    Everybody in it is told that their certificate is handed over. Raises NotFound outside the actor's places, Conflict
    for the first person and for a batch that is not ready.
    """
    batch = lock(session, Batch, batch_id)
    if not actor.can(P, at=batch.site_path):
        raise NotFound("batch")
    if batch.released_at is not None and batch.released_by == actor.user_id:
        return batch
    first = [person_id for person_id in (batch.asked_by, batch.started_by) if person_id is not None]
    mine = hand_of(session, actor.user_id)
    if actor.user_id is None or any(same_human(mine, hand_of(session, person_id)) for person_id in first):
        raise Conflict("second_person", N_("A second person releases it: somebody who neither asked for it nor began it."))
    if batch.state is not BatchState.READY or batch.released_at is not None:
        raise Conflict("batch_over", N_("This is over already. Please look at it again."))

    batch.released_at, batch.released_by, batch.expires_at = at, actor.user_id, at + files.KEPT
    rows = _issued(session, batch)
    for row in rows:
        number = row.certificate.number if row.certificate else ""
        tell_person(session, row.volunteer.person, "certificate_handed", at=at, receiver=batch.receiver, number=number)
    record(session, actor, "batch_released", f"batch:{batch.id}", at=at, site_path=batch.site_path, certificates=len(rows))
    return batch


def take(session: Session, actor: Actor, batch_id: int, kind: str, *, at: datetime) -> tuple[Path, Batch]:
    """Return where the released file of that kind lies, and write down that it was fetched. The edge has asked for a proof.

    Raises NotFound outside the actor's places, for another kind, and when the file is gone; Conflict before the release.
    """
    batch = lock(session, Batch, batch_id)
    if not actor.can(P, at=batch.site_path) or kind not in files.KINDS:
        raise NotFound("batch")
    if batch.released_at is None:
        raise Conflict("not_released", N_("A second person has to release it first."))
    path = files.folder_of(session.info["certificate_folder"], batch.token) / files.KINDS[kind][0]
    if batch.state is not BatchState.READY or not path.is_file():
        raise NotFound("batch")
    batch.taken += 1
    subject = f"batch:{batch.id}"
    record(session, actor, "batch_taken", subject, at=at, site_path=batch.site_path, kind=kind, to=batch.receiver)
    return path, batch


def forget(session: Session, *, at: datetime) -> int:
    """Remove files whose time is over, and those of batches that were dropped; return how many batches."""
    folder: Path = session.info["certificate_folder"]
    over = (Batch.state.in_((BatchState.READY, BatchState.DROPPED)), Batch.expires_at <= at)
    found = select(Batch).where(*over).order_by(Batch.id).limit(BATCHES)
    batches = session.scalars(found.with_for_update(skip_locked=True)).all()
    for batch in batches:
        files.remove(files.folder_of(folder, batch.token))
        batch.expires_at = None
        if batch.state is BatchState.READY:
            batch.advance(BatchAction.REMOVE)
    return len(batches)


def _issued(session: Session, batch: Batch) -> list[BatchPerson]:
    found = (
        select(BatchPerson)
        .where(BatchPerson.batch_id == batch.id, BatchPerson.outcome == Outcome.ISSUED)
        .options(joinedload(BatchPerson.volunteer).joinedload(Volunteer.person), joinedload(BatchPerson.certificate))
    )
    return list(session.scalars(found.order_by(BatchPerson.id)))
