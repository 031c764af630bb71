"""Throwing away what the edge no longer needs."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from volunteer.web import accidents, idempotency, leases, sessions, throttle


def forget_old(session: Session, at: datetime) -> int:
    """Drop old counts, keys, sessions and job runs. Everything goes in one batch, so there is never a second."""
    throttle.forget_old(session, at)
    idempotency.forget_old(session, at)
    sessions.forget_old(session, at)
    leases.forget_old(session, at)
    accidents.forget_old(session, at)
    return 0
