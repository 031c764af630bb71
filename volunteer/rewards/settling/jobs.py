"""Statements in the first days of a month, and every night a look at what is odd."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from volunteer.kernel.clock import local_date, month_before, zone_of
from volunteer.rewards.settling import looking, preparing

BATCH = 50


def prepare_statements(session: Session, at: datetime) -> int:
    """Prepare last month's statement of merchants who are owed something. What cannot be settled yet is tried the next day."""
    month = month_before(local_date(at, zone_of(session)))
    made = 0
    for merchant_id in preparing.due_merchants(session, month):
        made += preparing.prepare_by_itself(session, merchant_id, month, at=at) is not None
        if made >= BATCH:
            break
    return made


def look_for_odd_points(session: Session, at: datetime) -> int:
    """Write down what looks odd about the past weeks, for a person to look at. There is never a second batch."""
    looking.look(session, at=at)
    return 0
