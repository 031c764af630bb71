"""Opening a county, and the hub of those who manage."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import select

from tests.support.everybody import ABROAD, NEXT, County
from tests.support.rows import IN, Row, Values, all_of_us
from volunteer.kernel.db import db
from volunteer.teams.models import TeamClass
from volunteer.web.idempotency import once


def a_class(county: County, _: Values) -> Values:
    """A class that the teams of this county are of."""
    with county.app.app_context():
        return {"code": db.session.scalars(select(TeamClass.code)).first()}


def nobodys(data: Callable[[Values], Values]) -> Row:
    """Classes of teams belong to both centres of this county: nobody keeps the teams of both."""
    return Row("", data=data, extra=a_class, but={f"admin{place}": 404 for place in ("", NEXT, ABROAD)})


ROWS: dict[str, Row] = {
    "GET /setup": all_of_us(answer=404),  # this county is open: there is no such page any more
    "POST /setup": all_of_us(answer=404),
    "POST /setup/token": all_of_us(answer=404),
    "GET /manage": Row("admin it clerk director auditor", IN),
    "GET /manage/team-classes": Row("admin", IN),
    "POST /manage/team-classes": nobodys(lambda _: {"once": once(), "code": "klasse", "name": "试验类"}),
    "GET /manage/team-classes/<code>": Row("admin", IN, extra=a_class),
    "POST /manage/team-classes/<code>": nobodys(lambda _: {"once": once(), "name": "试验类"}),
}
