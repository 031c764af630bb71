"""What a transaction has read once and keeps in its session's info: dropped when it ends, or when such rows change."""

from __future__ import annotations

from sqlalchemy import event
from sqlalchemy.orm import Session, SessionTransaction


def dropped_with(key: str, kind: type[object]) -> None:
    """Drop ``session.info[key]`` as a transaction begins, when one is rolled back, and when rows of ``kind`` were written."""

    @event.listens_for(Session, "after_begin")
    def _drop(session: Session, begun: SessionTransaction, *_: object) -> None:
        if not begun.nested:
            session.info.pop(key, None)

    @event.listens_for(Session, "after_soft_rollback")
    def _drop_undone(session: Session, *_: object) -> None:
        session.info.pop(key, None)

    @event.listens_for(Session, "after_flush")
    def _drop_changed(session: Session, _: object) -> None:
        if is_changed(session, kind):
            session.info.pop(key, None)


def is_changed(session: Session, kind: type[object]) -> bool:
    """Return whether rows of ``kind`` wait to be written."""
    return any(isinstance(row, kind) for row in (*session.new, *session.dirty, *session.deleted))
