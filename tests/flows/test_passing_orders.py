"""An order goes down the tree to a nearer desk, and across to a neighbour county when resident and neighbour agree."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.support.builders import NOON, a_county, a_team, an_item, an_order, leader_of, staff
from volunteer.access import Role, link_holder
from volunteer.attendance.evidence import Proof
from volunteer.audit.models import AuditEntry
from volunteer.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from volunteer.ledger.models import Transfer
from volunteer.messaging.models import Channel, Message
from volunteer.orders import accepting, dispatching, queries_board, serving
from volunteer.orders.counties.handing_over import desks_below, pass_down
from volunteer.orders.counties.lifecycle import HandOverState as H
from volunteer.orders.counties.neighbours import (
    NeighbourDraft,
    add_neighbour,
    answer,
    end_neighbour,
    give_back,
    latest,
    propose,
    say,
    take_back,
    waiting_for,
)
from volunteer.orders.lifecycle import Status
from volunteer.orders.queries_board import order_of_number

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def town(session):
    centre, branch, station = a_county(session)
    order = an_order(session, station, item=an_item(session, centre), status=Status.VERIFIED, verified_at=NOON)
    order.desk, order.desk_path = centre, centre.path
    session.flush()
    return order, centre, branch, station


@pytest.fixture
def two(session, town):
    order, centre, *_ = town
    there = a_county(session)
    boss, other = staff(session, Role.DISPATCHER, centre), staff(session, Role.DISPATCHER, there[0])
    it = staff(session, Role.COUNTY_IT, centre)
    draft = NeighbourDraft(
        neighbour_id=there[0].id, contact="派单台", phone="0512-00000001", agreement="互助协议", since=NOON.date()
    )
    neighbour = add_neighbour(session, it, centre.id, draft, at=NOON)
    return order, boss, other, there, neighbour, it


def resident(order):
    return link_holder(order.id, order.site_path)


def told(session, template):
    found = select(Message.person_id).where(Message.template == template, Message.channel == Channel.IN_APP)
    return list(session.scalars(found))


def test_an_order_goes_down_to_where_somebody_dispatches(session, town):
    order, centre, branch, station = town
    boss, below = staff(session, Role.DISPATCHER, centre), staff(session, Role.DISPATCHER, branch)
    assert [site.id for site in desks_below(session, order, at=NOON)] == [branch.id]
    for _ in range(2):
        pass_down(session, boss, order.id, branch.id, "就近派更快", at=NOON + HOUR)
    assert (order.desk_id, order.desk_path, order.reason) == (branch.id, branch.path, "就近派更快")
    assert order.due_at > NOON + HOUR
    assert [event.what for event in order.events] == ["pass_down"]
    assert told(session, "order_passed_down") == [below.user_id]
    with pytest.raises(Conflict, match="Nobody dispatches below"):
        pass_down(session, below, order.id, station.id, "再往下", at=NOON + 2 * HOUR)


def test_what_is_not_on_the_way_or_has_no_reason_is_refused(session, town):
    order, centre, branch, _ = town
    boss = staff(session, Role.DISPATCHER, centre)
    with pytest.raises(Conflict, match="Nobody dispatches below"):
        pass_down(session, boss, order.id, branch.id, "就近", at=NOON)
    staff(session, Role.DISPATCHER, branch)
    with pytest.raises(Invalid):
        pass_down(session, boss, order.id, branch.id, "  ", at=NOON)
    with pytest.raises(Invalid):
        pass_down(session, boss, order.id, a_county(session)[1].id, "就近", at=NOON)
    with pytest.raises(NotFound):
        pass_down(session, staff(session, Role.DISPATCHER, a_county(session)[0]), order.id, branch.id, "就近", at=NOON)


def test_a_neighbour_takes_an_order_after_the_resident_and_itself_agreed(session, two):
    order, boss, other, there, *_ = two
    going = propose(session, boss, order.id, there[0].id, "本地没有电工", at=NOON)
    assert propose(session, boss, order.id, there[0].id, "本地没有电工", at=NOON) is going
    assert list(waiting_for(session, other)) == []
    with pytest.raises(Conflict):
        answer(session, other, going.id, True, at=NOON)
    say(session, resident(order), order.id, True, at=NOON)
    assert [one.id for one in waiting_for(session, other)] == [going.id]
    order.status = Status.WITHDRAWN
    assert list(waiting_for(session, other)) == []  # what went another way meanwhile is not asked of them
    order.status = Status.VERIFIED
    with pytest.raises(NotFound):  # not theirs to see before they take it
        order_of_number(session, other, order.number)
    answer(session, other, going.id, True, at=NOON + HOUR)
    assert (order.status, order.desk_path, going.state) == (Status.VERIFIED, there[0].path, H.ACCEPTED)
    assert order_of_number(session, other, order.number).id == order.id
    assert order_of_number(session, boss, order.number).id == order.id  # the own county follows it
    assert told(session, "order_handed_over") == [order.resident_id]
    acts = session.scalars(select(AuditEntry.action).where(AuditEntry.subject == f"order:{order.id}")).all()
    assert "order_handed_over" in acts


@pytest.fixture
def away(session, two):
    order, boss, other, there, *_ = two
    going = propose(session, boss, order.id, there[0].id, "本地没有电工", at=NOON)
    say(session, resident(order), order.id, True, at=NOON)
    answer(session, other, going.id, True, at=NOON)
    return order, boss, other, there


def test_a_team_over_there_serves_it_and_its_site_books_the_hours(session, away):
    order, _, other, there = away
    team = a_team(session, there[2])
    leader = leader_of(session, team)
    (offer,) = dispatching.offer_to(session, other, order.id, [team.id], at=NOON)
    accepting.accept_offer(session, leader, offer.id, at=NOON)
    accepting.choose_members(session, leader, order.id, [leader.user_id], NOON + HOUR, at=NOON)
    serving.check_in(session, leader, order.id, Proof(code=order.start_code), at=NOON + HOUR)
    serving.check_out(session, leader, order.id, Proof(code=order.start_code), at=NOON + 2 * HOUR)
    serving.finish(session, leader, order.id, serving.RecordDraft("修好了"), at=NOON + 2 * HOUR)
    moved = session.scalars(select(Transfer).where(Transfer.about == f"order:{order.id}")).one()
    assert moved.amount == 60


def test_the_other_county_may_act_on_exactly_that_order(session, away):
    order, boss, other, there = away
    sister = an_order(session, order.site, item=order.item, status=Status.VERIFIED)
    team, own = a_team(session, there[2]), a_team(session, order.site)
    with pytest.raises(NotFound):
        dispatching.offer_to(session, other, sister.id, [team.id], at=NOON)
    with pytest.raises(NotFound):
        order_of_number(session, other, sister.number)
    with pytest.raises(NotFound):  # teams of the county that handed it over are not theirs to ask
        dispatching.offer_to(session, other, order.id, [own.id], at=NOON)
    with pytest.raises(Conflict, match="taken this order over"):
        dispatching.offer_to(session, boss, order.id, [own.id], at=NOON)
    third = staff(session, Role.DISPATCHER, a_county(session)[0])
    with pytest.raises(NotFound):
        dispatching.offer_to(session, third, order.id, [team.id], at=NOON)
    assert {row.id for row in queries_board.rows(session, other, queries_board.Filter(), NOON)} == {order.id}


def test_it_comes_back_with_the_reason(session, away):
    order, boss, other, _ = away
    for _ in range(2):
        give_back(session, other, order.id, "我们这周也没有人", at=NOON + HOUR)
    assert not order.is_away
    assert (order.desk_path, order.reason) == (order.site.parent.parent.path, "我们这周也没有人")
    with pytest.raises(NotFound):
        order_of_number(session, other, order.number)
    with pytest.raises(NotFound):
        dispatching.give_up(session, other, order.id, "没有人", at=NOON + HOUR)


def test_a_resident_who_does_not_want_it_is_asked_no_more(session, two):
    order, boss, other, there, *_ = two
    going = propose(session, boss, order.id, there[0].id, "本地没有电工", at=NOON)
    say(session, resident(order), order.id, False, at=NOON)
    assert going.state is H.DECLINED
    with pytest.raises(Conflict):
        say(session, resident(order), order.id, True, at=NOON)
    with pytest.raises(Conflict):
        answer(session, other, going.id, True, at=NOON)


def test_a_spoken_yes_names_who_heard_it(session, two):
    order, boss, _, there, *_ = two
    going = propose(session, boss, order.id, there[0].id, "本地没有电工", at=NOON)
    with pytest.raises((NotFound, Forbidden)):
        say(session, staff(session, Role.DISPATCHER, there[0]), order.id, True, at=NOON, heard=True)
    clerk = staff(session, Role.CLERK, order.site)
    say(session, clerk, order.id, True, at=NOON, heard=True)
    assert (going.state, going.heard_by) == (H.AGREED, clerk.user_id)


def test_a_proposal_is_taken_back_until_the_neighbour_has_it(session, two):
    order, boss, other, there, *_ = two
    going = propose(session, boss, order.id, there[0].id, "本地没有电工", at=NOON)
    take_back(session, boss, order.id, at=NOON)
    take_back(session, boss, order.id, at=NOON)
    assert going.state is H.TAKEN_BACK
    again = propose(session, boss, order.id, there[0].id, "还是没有", at=NOON)
    say(session, resident(order), order.id, True, at=NOON)
    answer(session, other, again.id, True, at=NOON)
    with pytest.raises(Conflict):
        take_back(session, boss, order.id, at=NOON)


def test_a_neighbour_that_cannot_says_why(session, two):
    order, boss, other, there, *_ = two
    going = propose(session, boss, order.id, there[0].id, "本地没有电工", at=NOON)
    say(session, resident(order), order.id, True, at=NOON)
    with pytest.raises(Invalid):
        answer(session, other, going.id, False, "", at=NOON)
    with pytest.raises(NotFound):
        answer(session, boss, going.id, True, at=NOON)
    answer(session, other, going.id, False, "人手不够", at=NOON)
    assert (latest(session, order).state, order.reason, order.is_away) == (H.REFUSED, "人手不够", False)


def test_without_an_agreement_that_holds_nothing_is_handed_over(session, two):
    order, boss, _, there, neighbour, it = two
    end_neighbour(session, it, neighbour.id, at=NOON)
    with pytest.raises(Invalid):
        propose(session, boss, order.id, there[0].id, "本地没有电工", at=NOON)
    with pytest.raises(Invalid):
        propose(session, boss, order.id, order.site_id, "本地没有电工", at=NOON)


def test_an_agreement_says_with_whom_and_since_when(session, two):
    *_, there, _, it = two
    with pytest.raises(Invalid) as refused:
        add_neighbour(
            session, it, int(next(iter(it.grants))[1].strip("/")),
            NeighbourDraft(neighbour_id=there[1].id, contact="", phone="1" * 41, agreement="好", since=None), at=NOON,
        )  # fmt: skip
    assert set(refused.value.fields) == {"neighbour", "contact", "phone", "since"}
