"""Jobs of sheets."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import update
from sqlalchemy.orm import Session

from volunteer.exchange.models import Import, State

KEPT = timedelta(days=2)


def forget_uploads(session: Session, at: datetime) -> int:
    """Drop the files of uploads that nobody brought in."""
    old = (Import.state.in_([State.READ, State.WRONG]), Import.uploaded_at < at - KEPT)
    session.execute(update(Import).where(*old).values(state=State.DROPPED, file_sealed=None, report_sealed=None))
    return 0
