"""Looking for what is odd in the hours: what is new every few minutes, the last weeks once a night."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from volunteer.orders.hours import gathering


def look_at_hours(session: Session, at: datetime) -> int:
    """Look at the next batch of entries."""
    return gathering.look_at_new(session, at=at)


def look_back_at_hours(session: Session, at: datetime) -> int:
    """Compare devices, approvers and teams; what was seen before is not seen again, so a second batch finds nothing."""
    return gathering.look_back(session, at=at)
