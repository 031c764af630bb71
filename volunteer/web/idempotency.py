"""A double tap makes one thing: the first request claims the key, the second is sent where the first one went.

The claim is part of the request's own transaction. On PostgreSQL the second waits on the unique key until the first
commits; on SQLite writers queue anyway. Rolled back, the key is free again.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage, MultiDict

from volunteer.kernel.db import insert_into
from volunteer.kernel.errors import Conflict, Invalid
from volunteer.kernel.words import N_
from volunteer.web.models import IdempotencyKey

KEPT = timedelta(days=7)  # a phone may be without a network for days, not knowing that its form had arrived
LONGEST = 128
IGNORED = frozenset({"csrf_token", "once"})


def once() -> str:
    """Return a fresh key for the hidden field ``once`` of a form."""
    return secrets.token_urlsafe(16)


def fingerprint(form: MultiDict[str, str], files: MultiDict[str, FileStorage] | None = None) -> str:
    """Return a hash of everything that was sent but the tokens, the bytes of files included."""
    digest = hashlib.sha256()
    for name in sorted(set(form) - IGNORED):
        for value in form.getlist(name):
            digest.update(f"{name}\0{value}\0".encode())
    for name in sorted(files or ()):
        for file in (files or MultiDict()).getlist(name):
            digest.update(f"{name}\0".encode())
            digest.update(hashlib.file_digest(file.stream, "sha256").digest())  # type: ignore[arg-type]
            file.stream.seek(0)
    return digest.hexdigest()


def claim(session: Session, key: str, body: str, at: datetime, *, purpose: str = "") -> str | None:
    """Return None when the key is ours now, else where the earlier request with the same body led.

    Call it first in the transaction, and ``settle`` at its end. ``purpose`` keeps the keys of different acts apart.
    Raises Invalid for a missing key or another body, Conflict while the first is still at work.
    """
    if not key or len(key) > LONGEST:
        raise Invalid("once_missing", N_("This form is too old. Please reload the page and send again."))
    hashed = hashlib.sha256(f"{purpose}\0{key}".encode()).hexdigest()
    statement = (
        insert_into(session, IdempotencyKey)
        .values(key=hashed, fingerprint=body, at=at)
        .on_conflict_do_nothing(index_elements=["key"])
        .returning(IdempotencyKey.key)
    )
    if session.scalar(statement) is not None:
        session.info["once"] = hashed
        return None
    earlier = session.execute(
        select(IdempotencyKey.fingerprint, IdempotencyKey.outcome).where(IdempotencyKey.key == hashed)
    ).one()
    if earlier.fingerprint != body:
        raise Invalid("once_reused", N_("This form was sent before with other content. Please reload the page."))
    if earlier.outcome is None:
        raise Conflict("still_at_work", N_("This was sent already and is being worked on."))
    return str(earlier.outcome)


def settle(session: Session, location: str) -> None:
    """Write down where the claimed request led, for whoever repeats it."""
    row = session.get_one(IdempotencyKey, session.info.pop("once"))
    row.outcome = location


def forget_old(session: Session, at: datetime) -> int:
    """Job: drop keys that nobody will repeat any more."""
    session.execute(delete(IdempotencyKey).where(IdempotencyKey.at < at - KEPT))
    return 0
