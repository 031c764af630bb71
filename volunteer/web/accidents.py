"""How often pages broke, by kind and route: enough to know that and where, nothing of what was being handled."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from volunteer.kernel.clock import local_date, zone_of
from volunteer.kernel.db import db, insert_into, write
from volunteer.web.models import Accident

KEPT_DAYS = 30
LONGEST = 80


def note(kind: str, place: str, reference: str, *, at: datetime) -> None:
    """Count one accident in a transaction of its own. A database that is broken too is no reason to break more."""
    session = db.session()
    try:
        with write(session):
            count(session, kind, place, reference, at=at)
    except SQLAlchemyError:
        session.rollback()


def count(session: Session, kind: str, place: str, reference: str, *, at: datetime) -> None:
    """Add one to today's count of this kind in this route."""
    day = local_date(at, zone_of(session))
    statement = (
        insert_into(session, Accident)
        .values(day=day, kind=kind[:LONGEST], place=place[:LONGEST], count=1, last_at=at, reference=reference)
        .on_conflict_do_update(
            index_elements=["day", "kind", "place"],
            set_={"count": Accident.count + 1, "last_at": at, "reference": reference},
        )
    )
    session.execute(statement)


def forget_old(session: Session, at: datetime) -> int:
    """Drop counts of days long gone."""
    first = local_date(at, zone_of(session)).toordinal() - KEPT_DAYS
    session.execute(delete(Accident).where(Accident.day < at.date().fromordinal(first)))
    return 0
