"""One's own requests, places and people; help that comes again; markers of households."""

from __future__ import annotations

from datetime import timedelta

from tests.support.everybody import County
from tests.support.rows import EVERYBODY, IN, Row, Values
from volunteer.access import Actor, Role
from volunteer.accounts import caring
from volunteer.accounts.caring import CareDraft
from volunteer.accounts.models import Person
from volunteer.kernel.clock import SHANGHAI, local_date, now
from volunteer.orders.households import addresses, marking, standing
from volunteer.orders.households.addresses import PlaceDraft
from volunteer.orders.households.marking import MarkerDraft
from volunteer.orders.households.models_standing import Move
from volunteer.orders.households.standing import RhythmDraft
from volunteer.orders.lifecycle import Status
from volunteer.orders.models import ServiceOrder
from volunteer.web.unit import transaction

OWN = "resident volunteer"
DESK = "clerk dispatcher"
LEADERS = {"leader": 403, "leader_next": 403, "leader_abroad": 403}  # they lead, and ask for nothing here


def tomorrow(days: int = 1):
    return local_date(now(), SHANGHAI) + timedelta(days=days)


def resident(county: County) -> Actor:
    return Actor(county.ids["resident"], frozenset({(Role.RESIDENT, "/")}), name="居民")


def a_place(county: County, values: Values) -> Values:
    with county.app.app_context(), transaction() as session:
        draft = PlaceDraft(label=f"家{values['order_id']}", site_id=county.station)
        return {"place_id": addresses.keep_place(session, resident(county), draft, at=now()).id}


def a_care(county: County, values: Values) -> Values:
    """The resident looks after somebody; the order at hand was made for them."""
    with county.app.app_context(), transaction() as session:
        helper = session.get_one(Person, county.ids["resident"])
        draft = CareDraft(name=f"阿婆{values['order_id']}", notice="test", agreed=True)
        for old in caring.of_helper(session, helper.id):
            old.ended_at = now()
        care = caring.begin(session, resident(county), helper, draft, at=now())
        session.get_one(ServiceOrder, values["order_id"]).care = care
        return {"care_id": care.id}


def a_marker(county: County, values: Values) -> Values:
    with county.app.app_context(), transaction() as session:
        order = session.get_one(ServiceOrder, values["order_id"])
        clerk = Actor(county.ids["clerk"], frozenset({(Role.CLERK, order.site_path)}), name="文员")
        draft = MarkerDraft(kind="alone", reason="试", consent="本人", check_on=tomorrow(30))
        marker = marking.set_marker(session, clerk, order.id, draft, at=now())
        session.flush()
        return {"marker_id": marker.id}


def weekly(county: County, values: Values) -> Values:
    with county.app.app_context(), transaction() as session:
        weekdays = frozenset({tomorrow().weekday()})
        draft = RhythmDraft(weekdays=weekdays, from_minute=480 + values["order_id"] % 200, to_minute=720, begins=tomorrow())
        one = standing.start_standing(session, resident(county), values["order_id"], draft, notice="test", at=now())
        return {"standing_id": one.id}


def a_move(county: County, values: Values) -> Values:
    with county.app.app_context(), transaction() as session:
        order = session.get_one(ServiceOrder, values["order_id"])
        begins = now() + timedelta(days=3)
        move = Move(order=order, team_id=order.team_id or 0, begins=begins, ends=begins + timedelta(hours=2), asked_at=now())
        session.add(move)
        session.flush()
        return {"move_id": move.id}


def rhythm(values: Values) -> Values:
    return {
        "order": values["number"],
        "weekdays": ["1"],
        "half": "morning",
        "every_weeks": "1",
        "begins": str(tomorrow()),
        "consent": "yes",
    }


def mine(data=lambda _: {}, extra=lambda county, values: {}, *, anybody: bool = True) -> Row:
    """A page under /my: to whoever may follow requests; with an id it is the resident's alone."""
    if anybody:
        return Row(OWN, IN, data=data, extra=extra)
    elsewhere = {f"resident{place}": 404 for place in ("_next", "_abroad")} | {
        f"volunteer{p}": 404 for p in ("", "_next", "_abroad")
    }
    return Row("resident", 403, but=elsewhere, data=data, extra=extra)


def regular(data=lambda _: {}, **more) -> Row:
    """Help that comes again: whoever it is for, and the clerks of the place; for others it is not there."""
    return Row(f"resident {DESK}", 404, 404, data=data, **({"extra": weekly} | more))


ROWS: dict[str, Row] = {
    "GET /my": mine(),
    "GET /my/places": mine(),
    "POST /my/places": mine(lambda values: {"label": "家", "site": str(values["site"])}),
    "GET /my/places/<int:place_id>": mine(extra=a_place, anybody=False),
    "POST /my/places/<int:place_id>": mine(lambda values: {"label": "新家", "site": str(values["site"])}, a_place, anybody=False),
    "POST /my/places/<int:place_id>/remove": mine(extra=a_place, anybody=False),
    "GET /my/people": mine(),
    "POST /my/people": mine(lambda _: {"for_name": "沈阿婆", "agreed": "yes"}),
    "POST /my/people/<int:care_id>/end": mine(extra=a_care, anybody=False),
    "GET /my/notes": mine(),
    "POST /my/notes/<int:marker_id>/remove": mine(extra=a_marker, anybody=False),
    "GET /weekly": Row(EVERYBODY, IN),
    "GET /weekly/new": regular(extra=lambda county, values: {}, query=lambda values: {"order": values["number"]}),
    "POST /weekly": regular(rhythm, extra=lambda county, values: {}),
    "GET /weekly/<int:standing_id>": regular(),
    "POST /weekly/<int:standing_id>": regular(rhythm),
    "POST /weekly/<int:standing_id>/skip": regular(lambda _: {"day": str(tomorrow())}),
    "POST /weekly/<int:standing_id>/unskip": regular(lambda _: {"day": str(tomorrow())}),
    "POST /weekly/<int:standing_id>/pause": regular(),
    "POST /weekly/<int:standing_id>/resume": regular(),
    "POST /weekly/<int:standing_id>/end": regular(),
    "POST /desk/orders/<number>/markers": Row(DESK),
    "POST /desk/orders/<number>/markers/set": Row(
        DESK, data=lambda _: {"kind": "alone", "reason": "试", "consent": "本人", "check_on": str(tomorrow(20))}
    ),
    "POST /desk/orders/<number>/markers/<int:marker_id>/remove": Row(DESK, extra=a_marker),
    "POST /desk/orders/<number>/care/end": Row(DESK, extra=a_care),
    "POST /inbox/visits/<number>/move": Row(
        "leader", order=Status.ACCEPTED, data=lambda values: {"move": str(values["move_id"]), "answer": "no"}, extra=a_move
    ),
}
