"""Throwing away codes that open nothing any more; making people found who came before the index."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.orm import Session

from volunteer.accounts import finding
from volunteer.accounts.models import LoginCode

KEPT = timedelta(days=1)


def forget_codes(session: Session, at: datetime) -> int:
    """Drop old log-in codes. Everything goes in one batch, so there is never a second."""
    session.execute(delete(LoginCode).where(LoginCode.expires_at < at - KEPT))
    return 0


def index_people(session: Session, at: datetime) -> int:
    """Make people found by name and by the end of their phone who were registered by an older version."""
    return finding.index_missing(session, at)
