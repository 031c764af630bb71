"""Each night points are counted by age and end when their time is over; in the morning whoever loses some soon is told."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from volunteer.ledger import ageing


def count_points(session: Session, at: datetime) -> int:
    """Keep how old everybody's points are, once a day for each. Returns how many people."""
    return ageing.count(session, at)


def expire_points(session: Session, at: datetime) -> int:
    """End points whose last day is over. Twice is harmless. Returns how many people were looked at."""
    return ageing.expire(session, at)


def warn_of_points(session: Session, at: datetime) -> int:
    """Tell whose points run out soon, as often as the rules say. Returns how many were told."""
    return ageing.warn(session, at)
