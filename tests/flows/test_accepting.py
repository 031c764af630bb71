"""接单 and 拒单: who may answer, who wins, who goes. On both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.support import builders as make
from tests.support.builders import NOON
from volunteer.catalogue.models import Risk
from volunteer.kernel.errors import Conflict, Invalid, NotFound
from volunteer.messaging.models import Message
from volunteer.orders.accepting import FASTER, Unfit, accept_offer, choose_members, decline_offer
from volunteer.orders.lifecycle import OfferState, Status
from volunteer.orders.models import Visitor, WhenKind
from volunteer.teams.fit import Obstacle
from volunteer.teams.models import Membership, Volunteer

SOON = NOON + timedelta(hours=1)


class Offered:
    """An order that two teams were asked for."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.centre, self.branch, self.station = make.a_county(session)
        self.item = make.an_item(session, self.centre)
        self.team = make.a_team(session, self.station, name="松陵电工服务队", members=3)
        self.other = make.a_team(session, self.station, name="别的队")
        self.order = make.an_order(session, self.station, item=self.item, status=Status.OFFERED)
        self.offer = make.an_offer(session, self.order, self.team)
        self.rival = make.an_offer(session, self.order, self.other)
        self.leader = make.leader_of(session, self.team)
        self.rival_leader = make.leader_of(session, self.other)

    def accept(self, at=NOON):
        return accept_offer(self.session, self.leader, self.offer.id, at=at)

    def members(self) -> list[Volunteer]:
        mine = select(Volunteer).join(Membership).where(Membership.team_id == self.team.id).order_by(Volunteer.id)
        return list(self.session.scalars(mine))

    def choose(self, *members, begins=SOON, **how):
        return choose_members(self.session, self.leader, self.order.id, [m.id for m in members], begins, at=NOON, **how)

    def told(self, template: str) -> set[int | None]:
        self.session.flush()
        return set(self.session.scalars(select(Message.person_id).where(Message.template == template)))


@pytest.fixture
def here(session: Session) -> Offered:
    return Offered(session)


def test_the_first_yes_binds_the_order_and_tells_everybody(here):
    order = here.accept()
    assert (order.status, order.team, order.accepted_at) == (Status.ACCEPTED, here.team, NOON)
    assert here.offer.state is OfferState.ACCEPTED
    assert (here.rival.state, here.rival.reason) == (OfferState.RECALLED, FASTER)
    assert order.resident_id in here.told("order_taken")
    assert here.told("offer_taken") == {here.rival_leader.user_id}


def test_the_team_that_was_slower_is_refused(here):
    here.accept()
    with pytest.raises(Conflict, match="no longer open"):
        accept_offer(here.session, here.rival_leader, here.rival.id, at=NOON)


def test_a_double_tap_accepts_once(here):
    here.accept()
    events = len(here.order.events)
    assert here.accept(at=NOON + timedelta(seconds=1)).team is here.team
    assert len(here.order.events) == events


def test_a_late_yes_is_refused(here):
    with pytest.raises(Conflict, match="time to accept"):
        here.accept(at=here.offer.expires_at)


def test_another_teams_offer_does_not_exist(here):
    with pytest.raises(NotFound):
        accept_offer(here.session, here.rival_leader, here.offer.id, at=NOON)
    with pytest.raises(NotFound):
        decline_offer(here.session, here.rival_leader, here.offer.id, "busy", at=NOON)
    with pytest.raises(NotFound):
        accept_offer(here.session, here.leader, 10**6, at=NOON)


def test_the_start_code_is_new_for_each_team(here):
    before = here.order.start_code
    codes = {here.accept().start_code}
    assert all(len(code) == 4 and code.isdigit() for code in codes)
    assert before == "4072"


def test_a_no_costs_nothing_and_leaves_the_other_team_its_chance(here):
    offer = decline_offer(here.session, here.leader, here.offer.id, "  too far \n today ", at=NOON)
    assert (offer.state, offer.reason) == (OfferState.DECLINED, "too far today")
    assert here.order.status is Status.OFFERED
    assert decline_offer(here.session, here.leader, here.offer.id, "again", at=NOON).reason == "too far today"


def test_a_no_needs_a_reason(here):
    with pytest.raises(Invalid, match="reason"):
        decline_offer(here.session, here.leader, here.offer.id, " ", at=NOON)


def test_after_a_no_there_is_no_yes_and_after_a_yes_no_no(here):
    decline_offer(here.session, here.rival_leader, here.rival.id, "busy", at=NOON)
    with pytest.raises(Conflict, match="said no"):
        accept_offer(here.session, here.rival_leader, here.rival.id, at=NOON)
    here.accept()
    with pytest.raises(Conflict, match="accepted this already"):
        decline_offer(here.session, here.leader, here.offer.id, "busy", at=NOON)


def test_when_the_last_one_says_no_the_dispatch_goes_on(here):
    third = make.a_team(here.session, here.station, name="第三队")
    decline_offer(here.session, here.rival_leader, here.rival.id, "busy", at=NOON)
    decline_offer(here.session, here.leader, here.offer.id, "busy", at=NOON)
    assert here.order.status is Status.OFFERED
    assert [offer.team for offer in here.order.offers if offer.state is OfferState.OPEN] == [third]


def test_the_leader_says_who_comes_and_when_and_the_resident_is_told(here):
    here.accept()
    one, two, _ = here.members()
    order = here.choose(one, two)
    assert {visitor.volunteer_id for visitor in order.visitors} == {one.id, two.id}
    assert (order.visit_begins, order.visit_ends) == (SOON, SOON + timedelta(minutes=40))
    assert order.resident_id in here.told("order_accepted")


def test_the_same_choice_again_tells_nobody_twice(here):
    here.accept()
    one, two, three = here.members()
    here.choose(one, two)
    events = len(here.order.events)
    here.choose(two, one)
    assert len(here.order.events) == events
    here.choose(one, three)
    assert {visitor.volunteer_id for visitor in here.order.visitors} == {one.id, three.id}


def test_only_members_can_be_chosen_and_somebody_must(here):
    here.accept()
    stranger = make.a_volunteer(here.session, here.station, skills=("electric",))
    with pytest.raises(Invalid, match="your team"):
        here.choose(stranger)
    with pytest.raises(Invalid, match="who goes"):
        here.choose()


def test_before_accepting_nobody_is_chosen(here):
    with pytest.raises(NotFound):
        here.choose(*here.members())


def test_risky_work_is_not_for_the_uninsured(here):
    here.item.risk = Risk.HIGH
    here.accept()
    one, two, _ = here.members()
    one.insured_until = None
    with pytest.raises(Unfit) as refused:
        here.choose(one, two, agreed=True, members_agreed=True)
    assert {member: [r.obstacle for r in why] for member, why in refused.value.refusals.items()} == {
        one.id: [Obstacle.NOT_INSURED]
    }


def test_a_member_is_in_one_place_at_a_time(here):
    here.accept()
    one, two, _ = here.members()
    elsewhere = make.an_order(
        here.session, here.station, status=Status.ACCEPTED, team=here.team, latitude=31.2,
        visit_begins=SOON + timedelta(minutes=45), visit_ends=SOON + timedelta(minutes=60),
    )  # fmt: skip
    elsewhere.crew.append(Visitor(volunteer_id=one.id))
    here.session.flush()
    with pytest.raises(Unfit) as refused:
        here.choose(one, two)
    assert {member: [r.obstacle for r in why] for member, why in refused.value.refusals.items()} == {one.id: [Obstacle.TRAVEL]}
    here.choose(two)


def test_the_time_must_be_to_come_and_inside_the_window_unless_agreed(here):
    here.accept()
    one = here.members()[0]
    with pytest.raises(Invalid, match="has passed"):
        here.choose(one, begins=NOON - timedelta(hours=1))
    order = here.order
    order.when_kind, order.window_begins, order.window_ends = WhenKind.WINDOW, SOON, SOON + timedelta(hours=3)
    with pytest.raises(Invalid, match="another time"):
        here.choose(one, begins=SOON + timedelta(hours=3))
    assert here.choose(one, begins=SOON + timedelta(hours=3), agreed=True).visit_begins == SOON + timedelta(hours=3)
