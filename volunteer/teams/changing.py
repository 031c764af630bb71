"""Saying that who can do what has changed: every process then reads its roster anew."""

from __future__ import annotations

import uuid

from sqlalchemy.orm import Session

from volunteer.kernel.db import insert_into
from volunteer.places.models import Mark

ROSTER = "roster"


def roster_changed(session: Session) -> None:
    """Give the roster a new version, in the same transaction as the change to a team, its skills or its hours.

    A random name and not a counter: a transaction that is rolled back must not leave its number to the next one.
    """
    fresh = uuid.uuid4().hex
    statement = insert_into(session, Mark).values(name=ROSTER, value=fresh)
    session.execute(statement.on_conflict_do_update(index_elements=["name"], set_={"value": statement.excluded.value}))
