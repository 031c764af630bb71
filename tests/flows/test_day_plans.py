"""A team's day on a database: what is in it, what clashes, other times asked for, and no yes to a time nobody is free."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.support.builders import (
    NOON,
    a_county,
    a_person,
    a_team,
    an_actor,
    an_item,
    an_offer,
    an_order,
    leader_of,
)  # fmt: skip
from volunteer.access import Role, link_holder
from volunteer.kernel.clock import SHANGHAI, local_date
from volunteer.kernel.errors import Conflict, Invalid, NotFound
from volunteer.matching.dayplan import Binding
from volunteer.messaging.models import Message
from volunteer.orders.days import day_plans, free_times, proposing_times
from volunteer.orders.households.lifecycle import MoveState
from volunteer.orders.lifecycle import Status
from volunteer.orders.models import Visitor, WhenKind
from volunteer.orders.rescheduling import answer_move, open_move
from volunteer.teams.models import Membership

TODAY = local_date(NOON, SHANGHAI)
HOUR = timedelta(hours=1)


@pytest.fixture
def crew(session):
    centre, _, station = a_county(session)
    team = a_team(session, station, members=1)
    return centre, station, team, leader_of(session, team), an_item(session, centre, minutes=40)


def members(session, team):
    return session.scalars(select(Membership.volunteer_id).where(Membership.team_id == team.id)).all()


def promised(session, crew, hours, *, km=0.0, who=None, team=None, minutes=40):
    _, station, own, _, item = crew
    begins = NOON + timedelta(hours=hours)
    order = an_order(
        session, station, item=item, status=Status.ACCEPTED, team=team or own, visit_begins=begins,
        visit_ends=begins + timedelta(minutes=minutes), latitude=station.latitude + km / 111.2, accepted_at=NOON,
    )  # fmt: skip
    for volunteer in members(session, team or own) if who is None else who:
        order.crew.append(Visitor(volunteer_id=volunteer, team_id=order.team.id))
    session.flush()
    return order


def wished(session, crew, first, last, status=Status.ACCEPTED, **values):
    _, station, team, _, item = crew
    order = an_order(
        session, station, item=item, status=status, when_kind=WhenKind.WINDOW, window_begins=NOON + timedelta(hours=first),
        window_ends=NOON + timedelta(hours=last), team=team if status is Status.ACCEPTED else None, **values,
    )  # fmt: skip
    session.flush()
    return order


def the_day(session, crew, day=TODAY):
    return day_plans.day_of(session, crew[3], crew[2].id, day, at=NOON)


def told(session, order):
    return set(session.scalars(select(Message.template).where(Message.about == f"order:{order.id}")))


def test_the_day_has_promises_ways_and_a_suggested_time_in_the_residents_window(session, crew):
    first = promised(session, crew, 1, km=2)
    second = wished(session, crew, 1, 5)
    (chain,) = the_day(session, crew).chains
    times = {entry.order.id: entry for entry in chain.entries}
    assert times[first.id].begins == NOON + HOUR
    assert times[first.id].settled
    assert times[first.id].travel > 5
    assert second.window_begins <= times[second.id].begins < second.window_ends
    assert not times[second.id].settled
    assert chain.left_out == ()


def test_only_that_day_and_only_ones_own_team(session, crew):
    promised(session, crew, 30)
    assert the_day(session, crew).chains == ()
    assert len(the_day(session, crew, TODAY + timedelta(days=1)).chains) == 1
    other = a_team(session, crew[1])
    with pytest.raises(NotFound):
        day_plans.day_of(session, crew[3], other.id, TODAY, at=NOON)
    assert [one.team for one in day_plans.days_of(session, crew[3], TODAY, at=NOON)] == [crew[2]]


def test_a_visit_over_midnight_stands_in_both_days(session, crew):
    late = promised(session, crew, 11.5, minutes=90)  # 23:30
    for day in (TODAY, TODAY + timedelta(days=1)):
        (chain,) = the_day(session, crew, day).chains
        assert [entry.order for entry in chain.entries] == [late]


def test_a_clash_is_named_with_the_time_that_would_fit(session, crew):
    promised(session, crew, 1)
    second = promised(session, crew, 1.5)
    (left,) = the_day(session, crew).left_out
    assert (left.order, left.why) == (second, Binding.OVERLAP)
    assert left.instead is not None
    assert left.instead >= NOON + HOUR + timedelta(minutes=40)


def test_crews_without_anybody_in_common_go_side_by_side(session, crew):
    centre, station, _, _, item = crew
    team = a_team(session, station, members=2)
    one, other = members(session, team)
    promised(session, crew, 1, who=[one], team=team)
    promised(session, crew, 1, who=[other], team=team)
    (day,) = day_plans.days_of(session, leader_of(session, team), TODAY, at=NOON)
    assert len(day.chains) == 2
    assert day.left_out == []


def test_the_resident_agrees_to_the_other_time_and_everybody_hears_it(session, crew):
    promised(session, crew, 1)
    second = promised(session, crew, 1.5)
    leader, owner = crew[3], link_holder(second.id, second.site_path)
    begins = the_day(session, crew).left_out[0].instead
    move = proposing_times.propose_time(session, leader, second.id, begins, at=NOON)
    assert proposing_times.propose_time(session, leader, second.id, begins, at=NOON) is move
    assert second.visit_begins == NOON + 1.5 * HOUR
    session.expire(second, ["moves"])
    assert the_day(session, crew).movable == []
    assert open_move(session, second.id) is None
    proposing_times.answer_time(session, owner, second.id, move.id, True, at=NOON)
    proposing_times.answer_time(session, owner, second.id, move.id, True, at=NOON)
    assert (second.visit_begins, second.visit_ends) == (begins, begins + timedelta(minutes=40))
    assert {"time_proposed", "time_agreed", "visit_moved"} <= told(session, second)
    assert [event.what for event in second.events] == ["time_proposed", "time_agreed"]
    session.flush()
    assert the_day(session, crew).left_out == []


def test_no_keeps_the_old_time(session, crew):
    order = promised(session, crew, 2)
    owner = link_holder(order.id, order.site_path)
    move = proposing_times.propose_time(session, crew[3], order.id, NOON + 3 * HOUR, at=NOON)
    proposing_times.answer_time(session, owner, order.id, move.id, False, at=NOON)
    assert order.visit_begins == NOON + 2 * HOUR
    assert move.state is MoveState.REFUSED
    with pytest.raises(Conflict):
        proposing_times.answer_time(session, owner, order.id, move.id, True, at=NOON)


def test_nobody_else_asks_or_answers_and_the_team_does_not_answer_itself(session, crew):
    order = promised(session, crew, 2)
    stranger = leader_of(session, a_team(session, crew[1]))
    with pytest.raises(NotFound):
        proposing_times.propose_time(session, stranger, order.id, NOON + 3 * HOUR, at=NOON)
    with pytest.raises(Invalid):
        proposing_times.propose_time(session, crew[3], order.id, NOON - HOUR, at=NOON)
    move = proposing_times.propose_time(session, crew[3], order.id, NOON + 3 * HOUR, at=NOON)
    session.flush()
    with pytest.raises(NotFound):
        answer_move(session, crew[3], move.id, True, at=NOON)
    somebody = an_actor(a_person(session), (Role.RESIDENT, crew[0]))
    with pytest.raises(NotFound):
        proposing_times.answer_time(session, somebody, order.id, move.id, True, at=NOON)
    order.status = Status.UNDER_WAY
    session.flush()
    with pytest.raises(Conflict):
        proposing_times.propose_time(session, crew[3], order.id, NOON + 4 * HOUR, at=NOON)


def test_a_yes_to_a_time_at_which_everybody_is_busy_is_stopped_with_the_nearest_free_time(session, crew):
    promised(session, crew, 1, minutes=180)
    order = wished(session, crew, 1, 4, status=Status.OFFERED)
    offer = an_offer(session, order, crew[2])
    with pytest.raises(free_times.NoTime) as stopped:
        free_times.must_have_time(session, crew[3], offer.id, at=NOON)
    nearest = stopped.value.nearest
    assert nearest is not None
    assert nearest >= NOON + 4 * HOUR or nearest + timedelta(minutes=40) <= NOON + HOUR


def test_a_gap_in_the_window_or_a_free_colleague_is_enough(session, crew):
    promised(session, crew, 1)
    order = wished(session, crew, 1, 4, status=Status.OFFERED)
    free_times.must_have_time(session, crew[3], an_offer(session, order, crew[2]).id, at=NOON)
    team = a_team(session, crew[1], members=2)
    promised(session, crew, 1, minutes=180, who=members(session, team)[:1], team=team)
    offer = an_offer(session, order, team)
    free_times.must_have_time(session, leader_of(session, team), offer.id, at=NOON)


def test_the_way_counts_too(session, crew):
    promised(session, crew, 1, km=10)
    promised(session, crew, 3, km=10)
    order = wished(session, crew, 1.5, 3, status=Status.OFFERED)
    offer = an_offer(session, order, crew[2])
    with pytest.raises(free_times.NoTime):
        free_times.must_have_time(session, crew[3], offer.id, at=NOON)


def test_another_teams_offer_does_not_exist(session, crew):
    order = wished(session, crew, 1, 4, status=Status.OFFERED)
    offer = an_offer(session, order, a_team(session, crew[1]))
    with pytest.raises(NotFound):
        free_times.must_have_time(session, crew[3], offer.id, at=NOON)
