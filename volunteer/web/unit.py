"""One write transaction for one request, job batch or command: returning commits, raising rolls back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.orm import Session

from volunteer.kernel.db import db, write


@contextmanager
def transaction(*, patience: float | None = None) -> Iterator[Session]:
    """Open the write transaction of the edge.

    Whatever was read before is forgotten first, so nothing decided here rests on a stale row; on SQLite the
    writer's lock is taken at once. ``patience``: seconds to wait for it, for what may as well be left.
    """
    session = db.session()
    with write(session, patience=patience):
        yield session
