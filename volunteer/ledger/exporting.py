"""Taking checkpoints out of the house: into a folder and to a mail address, outside any transaction, again until it worked."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from volunteer.kernel.db import insert_into
from volunteer.kernel.errands import Errand, leave
from volunteer.ledger import checkpoints
from volunteer.ledger.models_chain import Checkpoint, CheckpointExport, Way
from volunteer.messaging.senders import Mailer

log = structlog.get_logger(__name__)
BATCH = 10
AGAIN = (timedelta(minutes=5), timedelta(hours=1), timedelta(hours=6))  # the last for ever: an address may be down for days
ADVICE = (
    "Keep this mail, or save it as a file. Whoever keeps it can prove later that nobody has shortened or rewritten the books:\n"
    "./run flask ledger verify --against FILE\n"
)


@dataclass(frozen=True)
class Ways:
    """Where checkpoints go: ``session.info["checkpoints"]``."""

    folder: Path
    address: str
    mailer: Mailer

    def open(self) -> list[Way]:
        """Return the ways that are set up."""
        return [Way.FILE, Way.MAIL] if self.address else [Way.FILE]


def plan(session: Session, ways: Ways, at: datetime) -> int:
    """Make a row for each checkpoint that has not left yet by one of the ways; return how many are new."""
    made = 0
    for way in ways.open():
        left = select(CheckpointExport.id).where(CheckpointExport.checkpoint == Checkpoint.number, CheckpointExport.way == way)
        for number in session.scalars(select(Checkpoint.number).where(~left.exists()).order_by(Checkpoint.number).limit(BATCH)):
            row = {"checkpoint": number, "way": way, "due_at": at, "tries": 0, "error": ""}
            session.execute(insert_into(session, CheckpointExport).values(row).on_conflict_do_nothing())
            made += 1
    return made


def claim(session: Session, ways: Ways, at: datetime) -> int:
    """Take what is due and leave it as errands for after the transaction; return how many."""
    mine = CheckpointExport.way.in_(ways.open())
    due = select(CheckpointExport).where(mine, CheckpointExport.due_at <= at).order_by(CheckpointExport.id).limit(BATCH)
    taken = session.scalars(due.with_for_update(skip_locked=True)).all()
    for export in taken:
        export.tries += 1
        export.due_at = at + AGAIN[min(export.tries, len(AGAIN)) - 1]
        leave(session, Errand(_going(session, ways, export), partial(_settle, export.id)))
    return len(taken)


def file_name(checkpoint: Checkpoint) -> str:
    """Return the name of the file of a checkpoint: in the order of time when sorted, and no other county's."""
    return f"checkpoint-{checkpoint.number:06d}-{checkpoint.day.isoformat()}-{checkpoint.kid}.json"


def undelivered(session: Session) -> list[CheckpointExport]:
    """Return what tried to leave and could not."""
    stuck = or_(CheckpointExport.tries > 1, CheckpointExport.error != "")
    return list(session.scalars(select(CheckpointExport).where(CheckpointExport.done_at.is_(None), stuck)))


def _going(session: Session, ways: Ways, export: CheckpointExport) -> Callable[[], None]:
    checkpoint = session.get_one(Checkpoint, export.checkpoint)
    if export.way is Way.FILE:
        content = checkpoints.exported(session, checkpoint, blocks=True)
        return partial(write, ways.folder / file_name(checkpoint), content)
    content = checkpoints.exported(session, checkpoint, blocks=False)
    subject = f"Checkpoint {checkpoint.number} of the books, {checkpoint.day.isoformat()}"
    text = f"{json.dumps(content, ensure_ascii=False, indent=1)}\n\n{ADVICE}"
    return partial(ways.mailer.send, ways.address, subject, text)


def write(path: Path, content: dict[str, Any]) -> None:
    """Write ``content`` to ``path``, whole or not at all, and on the disk when this returns. What is there already stays."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with draft.open("w", encoding="utf-8") as file:
            json.dump(content, file, ensure_ascii=False, indent=1)
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, path)
    except FileExistsError:
        if path.read_bytes() != draft.read_bytes():
            raise RuntimeError("another checkpoint stands under this name") from None
    finally:
        draft.unlink(missing_ok=True)


def _settle(export_id: int, session: Session, outcome: Any, at: datetime) -> None:
    export = session.get_one(CheckpointExport, export_id)
    if isinstance(outcome, BaseException):
        export.error = f"{type(outcome).__name__}: {outcome}"[:200]
        log.error("checkpoint_not_exported", checkpoint=export.checkpoint, way=export.way.value, error=type(outcome).__name__)
        return
    export.done_at, export.due_at, export.error = at, None, ""
