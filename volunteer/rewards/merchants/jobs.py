"""What runs out by itself."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from volunteer.rewards.merchants import reserving


def expire_reservations(session: Session, at: datetime) -> int:
    """Give back what was reserved and not fetched in time. Returns how many."""
    return reserving.expire(session, at)
