"""Who may follow a request that another household made, and make two requests one."""

from __future__ import annotations

from tests.support import builders as make
from tests.support.everybody import County
from tests.support.rows import Row, Values, all_of_us
from volunteer.access import NOBODY
from volunteer.kernel.clock import now
from volunteer.orders.lifecycle import Status
from volunteer.orders.models import ServiceOrder
from volunteer.orders.parts import joining
from volunteer.orders.parts.models_joining import JoinedHow
from volunteer.places.models import Site
from volunteer.web.unit import transaction


def joined(county: County, values: Values) -> Values:
    """Another household has joined the order."""
    with county.app.app_context(), transaction() as session:
        order = session.get_one(ServiceOrder, values["order_id"])
        person = make.a_person(session, "邻居")
        row, _ = joining.follow(session, NOBODY, order, person, "19900000001", JoinedHow.RESIDENT, now())
        return {"secret": row.secret}


def another(county: County, values: Values) -> Values:
    """There is another order at the same station."""
    with county.app.app_context(), transaction() as session:
        order = make.an_order(session, session.get_one(Site, county.station))
        return {"into": order.number}


ROWS: dict[str, Row] = {
    "GET /j/<secret>": all_of_us(extra=joined),
    "POST /j/<secret>/leave": all_of_us(extra=joined),
    "POST /orders/<number>/same-as": Row(
        "clerk dispatcher",
        order=Status.PLACED,
        extra=another,
        data=lambda values: {"into": values["into"], "reason": "同一件事", "from": "desk"},
    ),
}
