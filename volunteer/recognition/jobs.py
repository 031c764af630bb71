"""What runs by itself: the nightly review of stars, notices that end, months of homes that are over."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from volunteer.recognition import awarding, counting_homes, reviewing


def review_stars(session: Session, at: datetime) -> int:
    """Look at the next 500 volunteers of tonight: whose hours reach a star, whose no longer do. Returns how many."""
    return reviewing.review(session, at)


def end_notices(session: Session, at: datetime) -> int:
    """Let up to 200 awards stand whose public notice is over. Returns how many."""
    return awarding.end_notices(session, at)


def close_months(session: Session, at: datetime) -> int:
    """Write the statements of up to 200 homes for the month before from the 15th on, or what was missed. Returns how many."""
    return counting_homes.close_months(session, at)
