"""Jobs of sheets."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import update
from sqlalchemy.orm import Session

from volunteer.exchange.lifecycle import IMPORTS, UPLOADED, ImportAction, State
from volunteer.exchange.models import Import

KEPT = timedelta(days=2)


def forget_uploads(session: Session, at: datetime) -> int:
    """Drop the files of uploads that nobody brought in."""
    old = (Import.state.in_(sorted(UPLOADED)), Import.uploaded_at < at - KEPT)
    dropping = update(Import).where(*old).values(state=IMPORTS.next(State.READ, ImportAction.DROP))  # WRONG ends there, too
    session.execute(dropping.values(file_sealed=None, report_sealed=None))
    return 0
