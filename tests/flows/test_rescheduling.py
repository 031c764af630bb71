"""Another time without starting over: the team that has accepted says yes or no; limits are the centre's."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.support.builders import NOON, a_county, a_team, an_item, an_offer, an_order, leader_of, staff
from volunteer.access import Role, link_holder
from volunteer.kernel.errors import Conflict, Invalid, NotFound
from volunteer.messaging.models import Message
from volunteer.orders.accepting import accept_offer
from volunteer.orders.changing import Correction, correct_order
from volunteer.orders.lifecycle import Status
from volunteer.orders.models import WhenKind
from volunteer.orders.rescheduling import answer_move, open_move

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def taken(session):
    """An order that a team has accepted for tomorrow, with its leader."""
    centre, branch, station = a_county(session)
    staff(session, Role.DISPATCHER, branch)
    team = a_team(session, station)
    order = an_order(session, station, item=an_item(session, centre), status=Status.OFFERED)
    leader = leader_of(session, team)
    accept_offer(session, leader, an_offer(session, order, team).id, at=NOON)
    order.visit_begins = NOON + DAY
    return order, leader


def ask(session, order, days=2, at=NOON):
    begins = NOON + days * DAY
    correct_order(
        session, link_holder(order.id, order.site_path), order.id,
        Correction(when=WhenKind.WINDOW, begins=begins, ends=begins + 4 * HOUR), at=at,
    )  # fmt: skip
    session.flush()  # what was asked is looked up
    return open_move(session, order.id)


def told(session, order):
    return set(session.scalars(select(Message.template).where(Message.about == f"order:{order.id}")))


def test_after_acceptance_the_team_is_asked_and_nothing_changes_before_it_answers(session, taken):
    order, _ = taken
    secret, number = order.secret_hash, order.number
    assert ask(session, order) is not None
    assert (order.status, order.visit_begins, order.secret_hash, order.number) == (Status.ACCEPTED, NOON + DAY, secret, number)
    assert "move_asked" in told(session, order)


def test_yes_moves_the_window_and_the_team_settles_who_goes_anew(session, taken):
    order, leader = taken
    move = ask(session, order)
    for _ in range(2):  # a second tap
        answer_move(session, leader, move.id, True, at=NOON)
    assert (order.status, order.visit_begins) == (Status.ACCEPTED, None)
    assert (order.when_kind, order.window_begins) == (WhenKind.WINDOW, NOON + 2 * DAY)
    assert [event.what for event in order.events][-2:] == ["move_asked", "move_agreed"]
    assert "move_agreed" in told(session, order)


def test_no_keeps_the_old_time_and_the_desk_is_told(session, taken):
    order, leader = taken
    answer_move(session, leader, ask(session, order).id, False, at=NOON)
    assert (order.status, order.visit_begins) == (Status.ACCEPTED, NOON + DAY)
    assert {"move_refused", "move_refused_desk"} <= told(session, order)


def test_asking_anew_ends_the_first_wish(session, taken):
    order, leader = taken
    first, second = ask(session, order), ask(session, order, 3)
    with pytest.raises(Conflict, match="no longer"):
        answer_move(session, leader, first.id, True, at=NOON)
    answer_move(session, leader, second.id, True, at=NOON)
    assert order.window_begins == NOON + 3 * DAY


def test_another_team_cannot_answer(session, taken):
    order, _ = taken
    move = ask(session, order)
    with pytest.raises(NotFound):
        answer_move(session, leader_of(session, a_team(session, order.site)), move.id, True, at=NOON)


def test_limits_are_how_often_and_how_late(session, taken):
    order, _ = taken
    with pytest.raises(Conflict, match="too near"):
        ask(session, order, at=NOON + DAY - HOUR)
    for days in (2, 3, 4):
        ask(session, order, days)
    with pytest.raises(Conflict, match="often"):
        ask(session, order, 5)


def test_a_team_needs_a_day(session, taken):
    order, _ = taken
    with pytest.raises(Invalid, match="day"):
        correct_order(session, link_holder(order.id, order.site_path), order.id, Correction(when=WhenKind.SOON), at=NOON)


def test_before_acceptance_the_time_simply_changes(session):
    centre, _, station = a_county(session)
    order = an_order(session, station, item=an_item(session, centre), status=Status.VERIFIED)
    assert ask(session, order) is None
    assert (order.window_begins, order.events[-1].note) == (NOON + 2 * DAY, "Another time")
