"""The same thing asked twice: what is proposed to whom, who joins, what they hear, and two orders made one."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from tests.support.builders import NOON, a_county, a_person, a_team, an_actor, an_item, an_order, leader_of, staff
from volunteer.access import NOBODY, Role, link_holder
from volunteer.kernel.errors import Conflict, Invalid, NotFound
from volunteer.kernel.geo import Point
from volunteer.messaging.models import Channel, Message
from volunteer.orders import accepting, changing, dispatching
from volunteer.orders.lifecycle import Status
from volunteer.orders.models import OrderChannel
from volunteer.orders.parts import duplicates
from volunteer.orders.parts.joining import join_order, joined_by_secret, leave, merge_duplicate
from volunteer.orders.placing import OrderDraft, place_order, where_and_what

HERE: dict[str, Any] = {"latitude": 31.1605, "longitude": 120.6405}  # some 70 metres from the village's own point
DAY = timedelta(days=1)


@pytest.fixture
def town(session):
    centre, branch, station = a_county(session)
    item = an_item(session, centre, name="修路灯")
    first = an_order(session, station, item=item, **HERE)
    return first, item, station, branch


def draft(item, station, **more):
    values = {
        "name": "王试", "phone": "13800000009", "notice": "v1", "item": item.code, "site_id": station.id,
        "point": Point(31.1606, 120.6406), "address": "5幢",
    }  # fmt: skip
    return OrderDraft(**(values | more))


def found(session, actor, asked, at=NOON):
    located, _ = where_and_what(session, asked, {})
    return [order.number for order in duplicates.alike(session, actor, asked, located, at=at)]


def told(session, person_id):
    rows = select(Message.template).where(Message.person_id == person_id, Message.channel == Channel.SMS).order_by(Message.id)
    return list(session.scalars(rows))


def test_the_same_service_near_and_lately_is_proposed(session, town):
    first, item, station, _ = town
    assert found(session, NOBODY, draft(item, station)) == [first.number]
    assert found(session, NOBODY, draft(item, station, point=Point(31.17, 120.6406))) == []
    assert found(session, NOBODY, draft(item, station), at=NOON + 6 * DAY) == []
    assert found(session, NOBODY, draft(item, station, point=None)) == []  # only the village: nobody knows which house


def test_a_finished_order_and_another_county_are_not_proposed(session, town):
    first, item, station, _ = town
    first.status = Status.CLOSED
    elsewhere = a_county(session)[2]
    an_order(session, elsewhere, item=item, **HERE)
    assert found(session, NOBODY, draft(item, station)) == []


def test_that_a_household_asked_before_is_said_to_itself_and_to_staff_only(session, town):
    first, item, station, _ = town
    first.resident.phone_index = session.info["keyring"].blind("phone", "13800000009")
    asked = draft(item, station, point=None)
    clerk = staff(session, Role.CLERK, station)
    assert found(session, NOBODY, asked) == []
    assert found(session, clerk, draft(item, station, point=None, channel=OrderChannel.PHONE)) == [first.number]
    assert found(session, an_actor(first.resident, (Role.RESIDENT, "/")), asked) == [first.number]


def test_who_joins_follows_the_order_without_a_second_one(session, town):
    first, item, station, branch = town
    joined = join_order(session, NOBODY, first.number, draft(item, station), at=NOON)
    again = join_order(session, NOBODY, first.number, draft(item, station), at=NOON)
    assert again is joined
    assert joined_by_secret(session, joined.secret) is joined
    assert [one.resident.name for one in first.joined] == ["王试"]
    first.status = Status.VERIFIED
    boss, team = staff(session, Role.DISPATCHER, branch), a_team(session, station)
    (offer,) = dispatching.offer_to(session, boss, first.id, [team.id], at=NOON)
    accepting.accept_offer(session, leader_of(session, team), offer.id, at=NOON)
    assert told(session, joined.resident_id) == ["order_joined", "order_taken"]
    leave(session, joined.secret, at=NOON)
    changing.withdraw_order(session, link_holder(first.id, first.site_path), first.id, "", at=NOON)
    assert told(session, joined.resident_id) == ["order_joined", "order_taken"]


def test_who_joined_hears_that_it_was_taken_back_without_the_reason(session, town):
    first, item, station, _ = town
    joined = join_order(session, NOBODY, first.number, draft(item, station), at=NOON)
    changing.withdraw_order(session, link_holder(first.id, first.site_path), first.id, "我搬走了", at=NOON)
    assert told(session, joined.resident_id)[-1] == "joined_over"
    assert "我搬走了" not in str(
        [one.params for one in session.scalars(select(Message).where(Message.template == "joined_over"))]
    )


def test_only_what_was_proposed_can_be_joined(session, town):
    _, item, station, _ = town
    other = an_order(session, station, item=item)
    with pytest.raises(NotFound):
        join_order(session, NOBODY, other.number, draft(item, station), at=NOON)
    with pytest.raises(Invalid) as refused:
        join_order(session, NOBODY, other.number, draft(item, station, name="", notice=""), at=NOON)
    assert {"name", "consent"} <= set(refused.value.fields)


def test_their_own_order_needs_no_joining(session, town):
    first, item, station, _ = town
    me = an_actor(first.resident, (Role.RESIDENT, "/"))
    assert join_order(session, me, first.number, draft(item, station, point=None), at=NOON) is None
    assert first.joined == []


def test_two_orders_become_one_and_the_household_follows_the_other(session, town):
    first, item, station, branch = town
    second = place_order(session, NOBODY, draft(item, station), at=NOON)
    boss = staff(session, Role.DISPATCHER, branch)
    assert duplicates.alike_to(session, second, at=NOON) == [first]
    for _ in range(2):
        assert merge_duplicate(session, boss, second.id, first.number, "同一盏灯", at=NOON) is first
    assert (second.status, second.reason) == (Status.WITHDRAWN, "同一盏灯")
    assert [(one.resident_id, one.merged_id) for one in first.joined] == [(second.resident_id, second.id)]
    assert told(session, second.resident_id).count("order_merged") == 1
    assert "order_withdrawn" not in told(session, second.resident_id)


def test_two_requests_of_one_household_become_one_and_the_second_tap_changes_nothing(session, town):
    first, item, station, branch = town
    second = an_order(session, station, item=item, resident=first.resident, **HERE)
    boss = staff(session, Role.DISPATCHER, branch)
    for _ in range(2):
        assert merge_duplicate(session, boss, second.id, first.number, "同一盏灯", at=NOON) is first
    assert second.status is Status.WITHDRAWN
    assert first.joined == []
    assert told(session, first.resident_id).count("order_merged_own") == 1


def test_who_had_joined_the_second_goes_along(session, town):
    first, item, station, branch = town
    second = an_order(session, station, item=item, resident=a_person(session, "丁试"), **HERE)
    first.placed_at, asked = NOON - 9 * DAY, draft(item, station)
    joined = join_order(session, NOBODY, second.number, asked, at=NOON)
    merge_duplicate(session, staff(session, Role.CLERK, station), second.id, first.number, "同一盏灯", at=NOON)
    assert {one.resident_id for one in first.joined} == {second.resident_id, joined.resident_id}


def test_what_a_team_was_asked_for_is_not_merged_and_strangers_find_nothing(session, town):
    first, item, station, branch = town
    second = an_order(session, station, item=item, status=Status.OFFERED, **HERE)
    boss = staff(session, Role.DISPATCHER, branch)
    with pytest.raises(Conflict):
        merge_duplicate(session, boss, second.id, first.number, "同一盏灯", at=NOON)
    first.status = Status.CLOSED
    with pytest.raises(Conflict):
        merge_duplicate(session, boss, an_order(session, station).id, first.number, "同一盏灯", at=NOON)
    stranger = staff(session, Role.DISPATCHER, a_county(session)[1])
    with pytest.raises(NotFound):
        merge_duplicate(session, stranger, first.id, second.number, "同一盏灯", at=NOON)
    with pytest.raises(NotFound):
        merge_duplicate(session, boss, an_order(session, station).id, "2601-0000-0", "同一盏灯", at=NOON)
