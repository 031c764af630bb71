"""Teams are applied for, joined, left, led, closed and opened again; never without a leader."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from tests.support.builders import NOON, a_county, a_skill, a_team, a_volunteer, an_actor, staff
from volunteer.access import Actor, Role
from volunteer.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from volunteer.kernel.geo import Point
from volunteer.messaging.models import Message
from volunteer.orders.visits.letting_go import close_team, leave_register
from volunteer.teams import membership as people
from volunteer.teams.belonging import members_of
from volunteer.teams.founding import ApplicationDraft, answer_application, apply_for_team
from volunteer.teams.lifecycle import Answer
from volunteer.teams.models import MemberRole, Standing, Team, TeamSkill
from volunteer.teams.models_teams import AskKind, TeamAsk
from volunteer.teams.queries import directory, led_by, serves
from volunteer.teams.running import change_team, open_team, pause_team

LATER = NOON + timedelta(minutes=1)


def acting(volunteer, station, *leads) -> Actor:
    return an_actor(volunteer.person, (Role.VOLUNTEER, station), *[(Role.TEAM_LEADER, "/")] * bool(leads), leads=set(leads))


@pytest.fixture
def place(session):
    centre, branch, station = a_county(session)
    team = a_team(session, station)
    leader = next(one.volunteer for one in members_of(session, team.id, at=NOON) if one.role is MemberRole.LEADER)
    return centre, branch, station, team, leader


def an_application(session, place, **changes):
    station = place[2]
    founder = a_volunteer(session, station)
    usual: dict[str, Any] = {
        "name": "新苗小队",
        "kind": "other",
        "site": station,
        "point": Point(31.1, 120.6),
        "reach_km": 5.0,
        "capacity": 3,
    }
    application = apply_for_team(session, acting(founder, station), ApplicationDraft(**(usual | changes)), at=NOON)
    return founder, application


def role_of(session, team, volunteer):
    return {one.volunteer_id: one.role for one in members_of(session, team.id, at=LATER)}.get(volunteer.id)


def test_a_team_is_founded_with_its_applicant_leading_and_the_others_invited(session, place):
    mate = a_volunteer(session, place[2])
    founder, application = an_application(session, place, members=[mate.number.lower(), ""])
    admin = staff(session, Role.SITE_ADMIN, place[1])
    with pytest.raises(NotFound):
        answer_application(session, staff(session, Role.SITE_ADMIN, a_county(session)[0]), application.id, yes=True, at=NOON)
    team = answer_application(session, admin, application.id, yes=True, at=NOON).team
    assert answer_application(session, admin, application.id, yes=True, at=NOON).team is team
    assert led_by(session, founder.id, LATER) == [(team.id, place[2].path)]
    ask = session.scalar(select(TeamAsk).where(TeamAsk.team_id == team.id))
    assert (ask.volunteer_id, ask.kind) == (mate.id, AskKind.INVITE)
    people.answer_ask(session, acting(mate, place[2]), ask.id, yes=True, at=NOON)
    assert role_of(session, team, mate) is MemberRole.MEMBER


def test_a_refusal_has_a_reason_and_wrong_figures_are_all_said(session, place):
    _, application = an_application(session, place)
    admin = staff(session, Role.SITE_ADMIN, place[1])
    with pytest.raises(Invalid):
        answer_application(session, admin, application.id, yes=False, at=NOON)
    assert answer_application(session, admin, application.id, yes=False, words="已有同样的队", at=NOON).answer is Answer.NO
    with pytest.raises(Invalid) as refused:
        an_application(session, place, name="x", reach_km=0, capacity=99, kind="none", members=["V1"], skills=["flying"])
    assert set(refused.value.fields) == {"name", "reach_km", "capacity", "kind", "members", "skills"}


def test_what_a_new_member_can_the_team_can_and_when_they_leave_it_cannot(session, place):
    _, _, station, team, leader = place
    a_skill(session, "cooking")
    cook = a_volunteer(session, station, skills=("cooking",))
    ask = people.ask_to_join(session, acting(cook, station), team.id, at=NOON)
    assert people.ask_to_join(session, acting(cook, station), team.id, at=NOON) is ask
    with pytest.raises(NotFound):
        people.answer_ask(session, acting(cook, station), ask.id, yes=True, at=NOON)
    people.answer_ask(session, acting(leader, station, team.id), ask.id, yes=True, at=NOON)
    skill = a_skill(session, "cooking").id
    assert session.get(TeamSkill, (team.id, skill)) is not None
    people.leave_team(session, acting(cook, station), team.id, at=LATER)
    people.leave_team(session, acting(cook, station), team.id, at=LATER)
    session.expire_all()
    assert session.get(TeamSkill, (team.id, skill)) is None


def test_an_invitation_and_a_wish_to_join_meet(session, place):
    _, _, station, team, leader = place
    other = a_volunteer(session, station)
    people.invite(session, acting(leader, station, team.id), team.id, other.number, at=NOON)
    people.ask_to_join(session, acting(other, station), team.id, at=NOON)
    assert role_of(session, team, other) is MemberRole.MEMBER
    with pytest.raises(Conflict):
        people.ask_to_join(session, acting(other, station), team.id, at=LATER)
    with pytest.raises(NotFound):
        people.invite(session, acting(other, station), team.id, leader.number, at=NOON)
    with pytest.raises(Invalid):
        people.invite(session, acting(leader, station, team.id), team.id, "V000", at=NOON)


def test_the_only_leader_leaves_when_a_successor_has_said_yes_and_rights_pass_at_once(session, place):
    _, _, station, team, leader = place
    mate = next(one.volunteer for one in members_of(session, team.id, at=NOON) if one.role is not MemberRole.LEADER)
    me = acting(leader, station, team.id)
    with pytest.raises(Conflict, match="lead this team alone"):
        people.leave_team(session, me, team.id, at=NOON)
    ask = people.ask_to_lead(session, me, team.id, mate.id, leaves=True, at=NOON)
    assert led_by(session, leader.id, NOON) == [(team.id, station.path)]  # nothing changes before the yes
    people.answer_ask(session, acting(mate, station), ask.id, yes=True, at=NOON)
    assert led_by(session, mate.id, LATER) == [(team.id, station.path)]
    assert led_by(session, leader.id, LATER) == []
    assert role_of(session, team, leader) is None


def test_a_team_that_is_given_back_keeps_its_leader_until_the_site_has_found_another(session, place):
    _, branch, station, team, leader = place
    mate = next(one.volunteer for one in members_of(session, team.id, at=NOON) if one.role is not MemberRole.LEADER)
    admin = staff(session, Role.SITE_ADMIN, branch)
    people.hand_back(session, acting(leader, station, team.id), team.id, "家里有事", at=NOON)
    assert led_by(session, leader.id, LATER)
    assert "leader_wanted" in set(session.scalars(select(Message.template)))
    with pytest.raises(Invalid):
        people.appoint_leader(session, admin, team.id, mate.id, agreed=False, at=NOON)
    people.appoint_leader(session, admin, team.id, mate.id, agreed=True, at=NOON)
    assert role_of(session, team, mate) is MemberRole.LEADER
    assert role_of(session, team, leader) is None


def test_deputies_answer_but_only_the_leader_says_who_is_what(session, place):
    _, _, station, team, leader = place
    mate = next(one.volunteer for one in members_of(session, team.id, at=NOON) if one.role is not MemberRole.LEADER)
    people.set_deputy(session, acting(leader, station, team.id), team.id, mate.id, deputy=True, at=NOON)
    assert led_by(session, mate.id, LATER)
    with pytest.raises(Forbidden):
        people.set_deputy(session, acting(mate, station, team.id), team.id, mate.id, deputy=False, at=NOON)
    with pytest.raises(Conflict):
        people.remove_member(session, acting(leader, station, team.id), team.id, leader.id, at=NOON)
    people.remove_member(session, acting(leader, station, team.id), team.id, mate.id, at=NOON)
    assert role_of(session, team, mate) is None


def test_the_last_leader_cannot_leave_the_register_but_a_member_can(session, place):
    _, _, station, team, leader = place
    mate = next(one.volunteer for one in members_of(session, team.id, at=NOON) if one.role is not MemberRole.LEADER)
    with pytest.raises(Conflict):
        leave_register(session, acting(leader, station, team.id), at=NOON)
    assert leave_register(session, acting(mate, station), at=NOON).standing is Standing.LEFT
    assert role_of(session, team, mate) is None


def test_a_team_serves_where_it_chose_to_and_pauses(session, place):
    centre, branch, station, team, leader = place
    me = acting(leader, station, team.id)
    change_team(session, me, team.id, about="换灯修门", reach_km=3, capacity=2, area=[station], at=NOON)
    card = directory(session).cards[team.id]
    assert serves(card, station.path)
    assert not serves(card, branch.path)
    pause_team(session, me, team.id, NOON + timedelta(days=3), at=NOON)
    assert session.get(Team, team.id).paused_until
    with pytest.raises(Invalid):
        pause_team(session, me, team.id, NOON - timedelta(days=3), at=NOON)
    with pytest.raises(Invalid):
        change_team(session, me, team.id, about="", reach_km=3, capacity=2, area=[a_county(session)[2]], at=NOON)


def test_a_closed_team_is_asked_nothing_and_opens_again_with_its_people(session, place):
    _, branch, station, team, leader = place
    admin = staff(session, Role.SITE_ADMIN, branch)
    close_team(session, admin, team.id, at=NOON)
    assert team.id not in directory(session).cards
    assert led_by(session, leader.id, LATER) == []
    open_team(session, admin, team.id, at=LATER)
    assert led_by(session, leader.id, LATER) == [(team.id, station.path)]
