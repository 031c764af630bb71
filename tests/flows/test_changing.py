"""What the resident does between ordering and rating: withdraw, nudge, correct, confirm. Others' orders do not exist for them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.support.builders import NOON, a_county, a_person, a_team, an_actor, an_item, an_offer, an_order, leader_of, staff
from volunteer.access import NOBODY, Role, link_holder
from volunteer.kernel.errors import Conflict, Invalid, NotFound
from volunteer.messaging.models import Message
from volunteer.orders.accepting import accept_offer
from volunteer.orders.changing import Correction, confirm_service, correct_order, nudge, withdraw_order
from volunteer.orders.lifecycle import OPEN, OfferState, Status
from volunteer.orders.models import WhenKind

HOUR = timedelta(hours=1)


def holder(order):
    return link_holder(order.id, order.site_path)


def told(session, order):
    return sorted(session.scalars(select(Message.template).where(Message.about == f"order:{order.id}")))


@pytest.mark.parametrize("status", sorted(OPEN - {Status.IN_SERVICE, Status.SERVED}))
def test_an_order_is_withdrawn_any_time_before_the_service(session, status):
    centre, _, station = a_county(session)
    order = an_order(session, station, item=an_item(session, centre), status=status)
    withdraw_order(session, holder(order), order.id, " 不需要 了 ", at=NOON)
    withdraw_order(session, holder(order), order.id, "again", at=NOON + HOUR)
    assert (order.status, order.reason, order.due_at) == (Status.WITHDRAWN, "不需要 了", None)


def test_the_team_that_was_coming_hears_of_a_withdrawal(session):
    centre, _, station = a_county(session)
    order = an_order(session, station, item=an_item(session, centre), status=Status.OFFERED)
    team, other = a_team(session, station), a_team(session, station)
    offer, _ = an_offer(session, order, team), an_offer(session, order, other)
    accept_offer(session, leader_of(session, team), offer.id, at=NOON)
    withdraw_order(session, holder(order), order.id, "", at=NOON + HOUR)
    assert offer.state is OfferState.RECALLED
    assert told(session, order).count("order_withdrawn") >= 2


def test_what_is_being_done_can_no_longer_be_withdrawn(session):
    _, _, station = a_county(session)
    order = an_order(session, station, status=Status.IN_SERVICE)
    with pytest.raises(Conflict):
        withdraw_order(session, holder(order), order.id, "", at=NOON)


def test_a_nudge_reaches_the_desk_but_not_every_minute_nor_all_day(session):
    _, branch, station = a_county(session)
    staff(session, Role.DISPATCHER, branch)
    order = an_order(session, station)
    nudge(session, holder(order), order.id, at=NOON)
    with pytest.raises(Conflict):
        nudge(session, holder(order), order.id, at=NOON + timedelta(minutes=5))
    for hours in (2, 4):
        nudge(session, holder(order), order.id, at=NOON + hours * HOUR)
    with pytest.raises(Conflict):
        nudge(session, holder(order), order.id, at=NOON + 6 * HOUR)
    nudge(session, holder(order), order.id, at=NOON + 24 * HOUR)
    assert order.nudges == 4
    assert told(session, order) == ["order_nudged"] * 4


def test_time_address_and_phone_can_be_corrected(session):
    _, _, station = a_county(session)
    order = an_order(session, station)
    new = Correction(when=WhenKind.WINDOW, begins=NOON + HOUR, ends=NOON + 3 * HOUR, address="9幢", phone="138 0000 0009")
    correct_order(session, holder(order), order.id, new, at=NOON)
    correct_order(session, holder(order), order.id, new, at=NOON)
    assert (order.window_begins, order.door, order.phone) == (NOON + HOUR, "9幢", "13800000009")
    assert [event.what for event in order.events] == ["correct"] * 3


def test_a_new_time_lets_off_the_teams_that_were_asked_for_the_old_one(session):
    _, _, station = a_county(session)
    order = an_order(session, station, status=Status.OFFERED)
    offer = an_offer(session, order, a_team(session, station))
    correct_order(session, holder(order), order.id, Correction(when=WhenKind.SOON), at=NOON)
    assert (order.status, offer.state) == (Status.VERIFIED, OfferState.RECALLED)


def test_a_rejected_order_goes_back_to_the_desk_with_a_new_promise(session):
    centre, _, station = a_county(session)
    order = an_order(session, station, item=an_item(session, centre, reply_minutes=30), status=Status.REJECTED, reason="哪盏灯？")
    correct_order(session, holder(order), order.id, Correction(words="厨房的"), at=NOON)
    assert (order.status, order.reason, order.words) == (Status.PLACED, "", "厨房的")
    assert order.due_at == NOON + timedelta(minutes=30)


def test_what_cannot_be_is_refused_and_nothing_changes(session):
    _, _, station = a_county(session)
    order = an_order(session, station)
    with pytest.raises(Invalid) as refused:
        correct_order(session, holder(order), order.id, Correction(phone="12", when=WhenKind.WINDOW, address="x" * 200), at=NOON)
    assert set(refused.value.fields) == {"phone", "when", "address"}
    assert order.phone == "19900000000"


def test_a_service_is_confirmed_after_it_took_place_only(session):
    _, _, station = a_county(session)
    order = an_order(session, station, status=Status.ACCEPTED)
    with pytest.raises(Conflict):
        confirm_service(session, holder(order), order.id, at=NOON)
    served = an_order(session, station, status=Status.SERVED, served_at=NOON)
    confirm_service(session, holder(served), served.id, at=NOON)
    confirm_service(session, holder(served), served.id, at=NOON + HOUR)
    assert served.confirmed_at == NOON


def test_an_order_is_its_owners_and_its_links_alone(session):
    _, _, station = a_county(session)
    order, other = an_order(session, station), an_order(session, station)
    neighbour = an_actor(a_person(session, "王试"), (Role.RESIDENT, "/"))
    for stranger in (NOBODY, neighbour, holder(other)):
        for act in (
            lambda who: withdraw_order(session, who, order.id, "", at=NOON),
            lambda who: nudge(session, who, order.id, at=NOON),
            lambda who: correct_order(session, who, order.id, Correction(address="x"), at=NOON),
            lambda who: confirm_service(session, who, order.id, at=NOON),
        ):
            with pytest.raises(NotFound):
                act(stranger)
    owner = an_actor(order.resident, (Role.RESIDENT, "/"))
    assert withdraw_order(session, owner, order.id, "", at=NOON).status is Status.WITHDRAWN
