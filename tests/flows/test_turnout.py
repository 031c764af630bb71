"""「我来不了」: excused, somebody steps in, the resident hears of it, and nobody is ever sent. On both databases."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from tests.support import builders as make
from tests.support.builders import NOON
from tests.support.turning import BEGINS, Turn
from volunteer.access import Role
from volunteer.attendance.evidence import Proof
from volunteer.catalogue.models import Risk
from volunteer.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from volunteer.orders import serving
from volunteer.orders.accepting import Unfit
from volunteer.orders.jobs import lapse_calls
from volunteer.orders.lifecycle import Status
from volunteer.orders.models import Visitor
from volunteer.orders.visits import turnout
from volunteer.orders.visits.lifecycle import VisitorState as V
from volunteer.orders.visits.turnout import Hindrance
from volunteer.places.adopting import adopt_policy
from volunteer.places.models import PolicyKind
from volunteer.teams.fit import Obstacle
from volunteer.teams.models import MemberRole, Membership
from volunteer.teams.models_volunteers import DayOff, Guardian

ILL = Hindrance.UNWELL


@pytest.fixture
def turn(session) -> Turn:
    return Turn(session)


def why(refused) -> dict[int, list[Obstacle]]:
    return {member: [reason.obstacle for reason in found] for member, found in refused.value.refusals.items()}


def test_who_says_in_time_that_they_cannot_come_is_excused_and_a_stand_in_is_asked(turn):
    turnout.name_stand_ins(turn.session, turn.leader, turn.order.id, [turn.members[3].id], at=NOON)
    assert turn.told("stand_in_named") == [turn.members[3].id]
    turn.do(turnout.cannot_come, 1, ILL)
    assert turn.states() == {1: V.EXCUSED, 3: V.ASKED}
    assert turn.told("stand_in_asked") == [turn.members[3].id]
    assert turn.told("member_cannot_come") == [turn.leader.user_id]
    assert turn.told("visitor_changes") == [turn.order.resident_id]


def test_a_stand_in_who_says_yes_goes_and_the_resident_hears_who_comes(turn):
    turn.do(turnout.cannot_come, 1, ILL)
    asked = next(n for n, state in turn.states().items() if state is V.ASKED)
    for _ in range(2):
        turn.do(turnout.answer_call, asked, True)
    assert [one.volunteer_id for one in turn.order.visitors] == [turn.members[asked].id]
    assert turn.told("another_comes") == [turn.order.resident_id]
    assert turn.order.visit_begins == BEGINS


def test_a_no_asks_the_next_and_nobody_left_tells_leader_desk_and_resident(turn):
    turn.do(turnout.cannot_come, 1, ILL)
    for _ in range(3):
        asked = [n for n, state in turn.states().items() if state is V.ASKED]
        assert len(asked) == 1
        turn.do(turnout.answer_call, asked[0], False)
    assert set(turn.states().values()) == {V.EXCUSED, V.DECLINED}
    assert set(turn.told("no_stand_in")) == {turn.leader.user_id, turn.dispatcher.user_id}
    assert turn.told("visit_unsure") == [turn.order.resident_id]
    assert turn.order.status is Status.ACCEPTED  # nothing is given back by itself


def test_no_answer_in_time_goes_on_to_the_next(turn):
    turn.do(turnout.cannot_come, 1, ILL)
    first = next(one for one in turn.order.crew if one.state is V.ASKED)
    assert first.until == NOON + timedelta(minutes=60)
    assert lapse_calls(turn.session, NOON + timedelta(minutes=59)) == 0
    later = NOON + timedelta(minutes=61)
    assert lapse_calls(turn.session, later) == 1
    assert first.state is V.DECLINED
    assert sum(state is V.ASKED for state in turn.states().values()) == 1
    with pytest.raises(Conflict, match="Somebody else"):
        turnout.answer_call(
            turn.session, make.an_actor(first.volunteer.person, (Role.VOLUNTEER, "/")), turn.order.id, True, at=later
        )


def test_the_waitlist_is_asked_after_the_stand_ins_and_before_the_others(turn):
    turn.do(turnout.wait_for, 2)
    turnout.name_stand_ins(turn.session, turn.leader, turn.order.id, [turn.members[3].id], at=NOON + timedelta(minutes=1))
    turn.do(turnout.cannot_come, 1, ILL)
    assert turn.states() == {1: V.EXCUSED, 2: V.WAITING, 3: V.ASKED}
    turn.do(turnout.answer_call, 3, False)
    assert turn.states()[2] is V.ASKED


def test_only_those_who_fit_are_asked(turn):
    for n in (0, 2):
        turn.members[n].paused_until = date(2026, 12, 31)
    turn.session.add(DayOff(volunteer_id=turn.members[3].id, first=date(2026, 3, 1), last=date(2026, 3, 9)))
    turn.do(turnout.cannot_come, 1, ILL)
    assert turn.states() == {1: V.EXCUSED}
    assert turn.told("no_stand_in")


def test_with_enough_people_left_nobody_is_bothered(session):
    turn = Turn(session)
    turn.choose(1, 2)
    turn.do(turnout.cannot_come, 1, ILL)
    assert turn.states() == {1: V.EXCUSED, 2: V.GOING}
    assert turn.told("stand_in_asked") == turn.told("visitor_changes") == []
    assert turn.told("member_cannot_come") == [turn.leader.user_id]


def test_after_the_promised_time_it_is_late_and_after_the_check_in_it_is_over(turn):
    assert turn.do(turnout.cannot_come, 1, ILL, at=BEGINS + timedelta(minutes=1)).state is V.LATE
    turn.do(turnout.answer_call, next(n for n, state in turn.states().items() if state is V.ASKED), True, at=BEGINS)
    serving.check_in(turn.session, turn.leader, turn.order.id, Proof(code=turn.order.start_code), at=BEGINS)
    going = next(n for n, state in turn.states().items() if state is V.GOING)
    with pytest.raises(Conflict, match="checked in"):
        turn.do(turnout.cannot_come, going, ILL, at=BEGINS)


def test_a_second_tap_and_a_strangers_tap_change_nothing(turn):
    for _ in range(2):
        turn.do(turnout.cannot_come, 1, ILL)
    assert [event.what for event in turn.order.events].count("cannot_come") == 1
    with pytest.raises(NotFound):
        turn.do(turnout.cannot_come, 2, ILL) if turn.states().get(2) is not V.ASKED else turn.do(turnout.step_back, 0)
    with pytest.raises(Forbidden):
        turnout.cannot_come(turn.session, make.an_actor(turn.members[1].person), turn.order.id, ILL, at=NOON)
    stranger = make.a_volunteer(turn.session, turn.station, "外人", ("electric",))
    with pytest.raises(NotFound):
        turnout.wait_for(turn.session, make.an_actor(stranger.person, (Role.VOLUNTEER, "/")), turn.order.id, at=NOON)


def test_a_member_of_the_waitlist_or_a_stand_in_may_step_back(turn):
    turn.do(turnout.wait_for, 2)
    for _ in range(2):
        turn.do(turnout.step_back, 2)
    assert turn.states()[2] is V.OFF
    assert [step["state"] for step in turn.order.crew[-1].history] == ["waiting", "off"]


def test_who_may_not_go_can_neither_wait_nor_stand_by(session):
    turn = Turn(session, risk=Risk.HIGH)
    turn.members[2].insured_until = date(2026, 3, 3)
    for act in (
        lambda: turn.do(turnout.wait_for, 2),
        lambda: turnout.name_stand_ins(session, turn.leader, turn.order.id, [turn.members[2].id], at=NOON),
    ):
        with pytest.raises(Unfit) as refused:
            act()
        assert why(refused) == {turn.members[2].id: [Obstacle.NOT_INSURED]}


def test_a_paper_that_ran_out_meanwhile_stops_at_the_door(session):
    turn = Turn(session, risk=Risk.HIGH)
    turn.members[1].insured_until = date(2026, 3, 3)
    with pytest.raises(Unfit) as refused:
        serving.check_in(session, turn.leader, turn.order.id, Proof(code=turn.order.start_code), at=BEGINS)
    assert why(refused) == {turn.members[1].id: [Obstacle.NOT_INSURED]}
    assert turn.order.status is Status.ACCEPTED


def test_the_young_never_go_alone(session):
    turn = Turn(session)
    for n in (1, 2):
        turn.members[n].person.born_on = date(2010, 1, 1)
    for n in (1, 2):
        session.add(Guardian(volunteer_id=turn.members[n].id, notice="1", consented_at=NOON))
    session.flush()
    with pytest.raises(Invalid, match="under 18"):
        turn.choose(1, 2, begins=BEGINS + timedelta(hours=1))
    turn.choose(1, 3, begins=BEGINS + timedelta(hours=1))


def test_a_new_time_is_checked_anew(turn):
    elsewhere = make.an_order(
        turn.session, turn.station, status=Status.ACCEPTED, team=turn.team,
        visit_begins=BEGINS + timedelta(hours=2), visit_ends=BEGINS + timedelta(hours=3),
    )  # fmt: skip
    elsewhere.crew.append(Visitor(volunteer_id=turn.members[1].id))
    turn.session.flush()
    with pytest.raises(Unfit) as refused:
        turn.choose(1, begins=BEGINS + timedelta(hours=2))
    assert why(refused) == {turn.members[1].id: [Obstacle.OVERLAP]}


def test_the_centre_says_how_long_a_stand_in_may_think(session):
    turn = Turn(session)
    founder = make.an_actor(None, (Role.SYSTEM, "/"))
    adopt_policy(session, founder, turn.centre, PolicyKind.VISITS, {"ask_minutes": 20}, valid_from=NOON, at=NOON)
    turn.do(turnout.cannot_come, 1, ILL)
    assert next(one for one in turn.order.crew if one.state is V.ASKED).until == NOON + timedelta(minutes=20)


def test_a_deputy_does_everything_a_leader_can(turn):
    row = turn.session.query(Membership).filter_by(volunteer_id=turn.members[2].id).one()
    row.role = MemberRole.DEPUTY
    deputy = make.an_actor(turn.members[2].person, (Role.TEAM_LEADER, turn.centre), leads={turn.team.id})
    turn.leader = deputy
    turn.choose(2, 3)
    assert turn.states() == {1: V.OFF, 2: V.GOING, 3: V.GOING}
    assert turn.told("visit_off") == [turn.members[1].id]
    assert turn.members[3].id in turn.told("visit_yours")
