"""Saying that who can do what has changed: every process then reads its roster anew."""

from __future__ import annotations

import uuid

from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as lite_insert
from sqlalchemy.orm import Session

from volunteer.places.models import Mark

ROSTER = "roster"


def roster_changed(session: Session) -> None:
    """Give the roster a new version, in the same transaction as the change to a team, its skills or its hours.

    A random name and not a counter: a transaction that is rolled back must not leave its number to the next one.
    """
    insert = lite_insert if session.get_bind().dialect.name == "sqlite" else pg_insert
    fresh = uuid.uuid4().hex
    statement = insert(Mark).values(name=ROSTER, value=fresh)
    session.execute(statement.on_conflict_do_update(index_elements=["name"], set_={"value": statement.excluded.value}))
