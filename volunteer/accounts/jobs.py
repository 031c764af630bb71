"""Throwing away codes that open nothing any more; making people found who came before the index."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.orm import Session

from volunteer.accounts import finding, halfway, inviting, resetting
from volunteer.accounts.models import LoginCode

KEPT = timedelta(days=1)


def forget_codes(session: Session, at: datetime) -> int:
    """Drop old codes, halves of log-ins, links, and phones of those who were invited and never came.

    Everything goes in one batch, so there is never a second.
    """
    session.execute(delete(LoginCode).where(LoginCode.expires_at < at - KEPT))
    halfway.forget_old(session, at)
    resetting.forget_old(session, at)
    inviting.forget_old(session, at)
    return 0


def index_people(session: Session, at: datetime) -> int:
    """Make people found by name and by the end of their phone who were registered by an older version."""
    return finding.index_missing(session, at)
