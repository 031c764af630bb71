"""Dropping what proves nothing any more."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import CursorResult, delete
from sqlalchemy.orm import Session

from volunteer.attendance.models import UsedProof
from volunteer.attendance.review.models_findings import CheckMark

MARKS_KEPT = timedelta(days=180)
KEPT = timedelta(days=1)  # a QR runs out after a minute and a half


def forget_marks(session: Session, at: datetime) -> int:
    """Drop which device was tapped at check-ins long ago: by then everybody has looked."""
    gone = session.execute(delete(CheckMark).where(CheckMark.at < at - MARKS_KEPT))
    return gone.rowcount if isinstance(gone, CursorResult) else 0


def forget_proofs(session: Session, at: datetime) -> int:
    """Drop used proofs that have long run out anyway."""
    gone = session.execute(delete(UsedProof).where(UsedProof.at < at - KEPT))
    return gone.rowcount if isinstance(gone, CursorResult) else 0
