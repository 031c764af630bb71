"""Finding a person by the end of the phone; making those findable who were registered by an older version."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from volunteer.accounts.models import TAIL, Person, tail_index

BATCH = 500


def by_phone_part(session: Session, digits: str, *, limit: int) -> Sequence[Person]:
    """Return whose phone ends with ``digits``: four or more of them. Longer ones are compared after unsealing."""
    index = tail_index(session.info["keyring"], digits)
    found = select(Person).where(Person.phone_tail_index == index).order_by(Person.id)
    if len(digits) == TAIL:
        return session.scalars(found.limit(limit)).all()
    return [person for person in session.scalars(found) if (person.phone or "").endswith(digits)][:limit]


def index_missing(session: Session, at: datetime) -> int:
    """Write what people are found by where an older version did not; return how many rows were done."""
    lacking = or_(Person.search.is_(None), and_(Person.phone_sealed.is_not(None), Person.phone_tail_index.is_(None)))
    known = or_(Person.wrapped_key.is_not(None), Person.search.is_(None))  # of the forgotten the phone cannot be read
    rows = session.scalars(select(Person).where(lacking, known).order_by(Person.id).limit(BATCH)).all()
    for person in rows:
        person.be_found()
    return len(rows)
