"""The plan of a team's day, and the other time that it asks a resident for."""

from __future__ import annotations

from datetime import timedelta

from tests.support.everybody import County
from tests.support.rows import IN, Row, Values, all_of_us
from volunteer.kernel.clock import now
from volunteer.orders.households.models_standing import Move
from volunteer.orders.lifecycle import Status
from volunteer.orders.models import ServiceOrder
from volunteer.web.unit import transaction


def asked(county: County, values: Values) -> Values:
    """The team has asked for tomorrow."""
    with county.app.app_context(), transaction() as session:
        order = session.get_one(ServiceOrder, values["order_id"])
        begins = now() + timedelta(days=1)
        move = Move(
            order=order, team_id=order.team_id, begins=begins, ends=begins + timedelta(hours=1), asked_at=now(), by_team=True
        )
        session.add(move)
        session.flush()
        return {"move_id": move.id}


def team(values: Values) -> Values:
    return {"team": str(values["team"])}


ROWS: dict[str, Row] = {
    "GET /inbox/day": Row("leader", IN, order=Status.ACCEPTED, hides=True),
    "GET /inbox/day/sheet": Row("leader", IN, order=Status.ACCEPTED, hides=True),
    "GET /inbox/day/pins": Row("leader", order=Status.ACCEPTED, query=team),
    "POST /inbox/day/ask": Row("leader", order=Status.ACCEPTED, data=team),
    "POST /o/<secret>/time": all_of_us(
        Status.ACCEPTED, lambda values: {"move": str(values["move_id"]), "answer": "no"}, extra=asked
    ),
}
