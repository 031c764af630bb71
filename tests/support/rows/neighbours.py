"""Who makes agreements with other counties, proposes a hand-over, agrees to it and takes it."""

from __future__ import annotations

from sqlalchemy import select

from tests.support.everybody import ABROAD, NEXT, County
from tests.support.rows import Row, Values, all_of_us
from volunteer.kernel.clock import now
from volunteer.orders.counties.lifecycle import HandOverState
from volunteer.orders.counties.models_neighbours import HandOver, Neighbour
from volunteer.orders.lifecycle import Status
from volunteer.orders.models import ServiceOrder
from volunteer.places.models import Site
from volunteer.web.unit import transaction


def counties(county: County) -> tuple[int, int]:
    """The own centre, and the other one."""
    with county.app.app_context(), transaction() as session:
        own = session.get_one(Site, county.station).path.split("/")[1]
        other = session.scalars(select(Site.id).where(Site.parent_id.is_(None), Site.id != int(own))).first()
        return int(own), other or 0


def going(state: HandOverState, *, there: bool = False):
    """The order is on its way to the other county; ``there``: to its own, from the other."""

    def make(county: County, values: Values) -> Values:
        own, other = counties(county)
        with county.app.app_context(), transaction() as session:
            made = HandOver(
                order_id=values["order_id"], from_id=other if there else own, to_id=own if there else other, state=state,
                reason="没有人", proposed_at=now(),
            )  # fmt: skip
            session.add(made)
            session.flush()
            return {"hand_over_id": made.id}

    return make


def here_from_abroad(county: County, values: Values) -> Values:
    """The order of this county is at the other county's desk."""
    made = going(HandOverState.ACCEPTED)(county, values)
    _, other = counties(county)
    with county.app.app_context(), transaction() as session:
        order = session.get_one(ServiceOrder, values["order_id"])
        order.desk_id, order.desk_path = other, f"/{other}/"
    return made


def agreement(county: County, values: Values) -> Values:
    own, other = counties(county)
    with county.app.app_context(), transaction() as session:
        made = Neighbour(
            site_id=own, neighbour_id=other, contact="派单台", phone="0512-00000000", agreement="互助", since=now().date(),
            made_at=now(),
        )  # fmt: skip
        session.add(made)
        session.flush()
        return {"neighbour_id": made.id, "county": other}


def because(values: Values) -> Values:
    return {"county": str(values.get("county", 1)), "reason": "没有人", "agrees": "yes"}


def written(values: Values) -> Values:
    more = {"contact": "派单台", "phone": "0512-00000001", "agreement": "互助", "since": "2026-01-01"}
    return {"neighbour": str(values["county"])} | more


ROWS: dict[str, Row] = {
    "GET /manage/neighbours": Row("admin it", 0),
    "POST /manage/neighbours": Row(
        "it", 422, data=written, extra=agreement,  # elsewhere it would be their own county: no neighbour of itself
        but={"admin": 404, f"admin{NEXT}": 404, f"admin{ABROAD}": 422, f"it{NEXT}": 404},
    ),
    "POST /manage/neighbours/<int:neighbour_id>/end": Row(
        "it", extra=agreement, but={"admin": 404, f"admin{NEXT}": 404, f"admin{ABROAD}": 404}
    ),
    "GET /board/hand-overs": Row("dispatcher", 0),
    "POST /board/hand-overs/<int:hand_over_id>/answer": Row(
        "", order=Status.VERIFIED, extra=going(HandOverState.AGREED), data=lambda _: {"accepts": "yes"},
        but={"dispatcher": 404, f"dispatcher{NEXT}": 404, f"dispatcher{ABROAD}": 0},
    ),
    "POST /board/orders/<number>/hand-over": Row("dispatcher", order=Status.VERIFIED, extra=agreement, data=because),
    "POST /board/orders/<number>/hand-over/heard": Row(
        "dispatcher", order=Status.VERIFIED, extra=going(HandOverState.PROPOSED), data=because,
        but={f"clerk{place}": 404 for place in ("", NEXT, ABROAD)},
    ),
    "POST /board/orders/<number>/hand-over/take-back": Row(
        "dispatcher", order=Status.VERIFIED, extra=going(HandOverState.AGREED)
    ),
    "POST /board/orders/<number>/hand-over/return": Row(
        "dispatcher", order=Status.VERIFIED, extra=going(HandOverState.PROPOSED), data=because, but={"dispatcher": 404},
    ),
    "POST /o/<secret>/hand-over": all_of_us(Status.VERIFIED, because, extra=going(HandOverState.PROPOSED)),
}  # fmt: skip
