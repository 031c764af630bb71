"""A colleague leaves: everything that waited is somebody else's, nothing stays behind unseen, and the roles are gone."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.support.builders import NOON, a_county, a_person, a_team, an_item, an_order, staff
from volunteer.access import Actor, Role
from volunteer.accounts import inviting
from volunteer.accounts.granting import held
from volunteer.accounts.inviting import InvitationDraft
from volunteer.accounts.models import RoleGrant
from volunteer.administration.handing_over import EMPTY, STAY, Kind, hand_over, open_items
from volunteer.audit.models import AuditEntry
from volunteer.feedback import handling, opening
from volunteer.feedback.models import CaseKind
from volunteer.feedback.opening import CaseDraft
from volunteer.kernel.errors import Conflict, DomainError, Invalid
from volunteer.messaging.models import Message
from volunteer.orders import holding
from volunteer.orders.lifecycle import Status
from volunteer.orders.models import ServiceOrder
from volunteer.places.models import Site
from volunteer.teams.models import MemberRole, Membership

LATER = NOON + timedelta(minutes=1)


class Office:
    """A branch with its administrator, one who leaves and one who stays, both dispatchers of the branch."""

    def __init__(self, session: Session) -> None:
        session.info |= {"public_url": "http://here", "argon2_cost": 1}
        self.session = session
        self.centre, self.branch, self.station = a_county(session)
        self.boss = staff(session, Role.SITE_ADMIN, self.branch, "管理甲")
        self.leaving = staff(session, Role.DISPATCHER, self.branch, "离岗乙")
        self.staying = staff(session, Role.DISPATCHER, self.branch, "留守丙")

    def items(self, **more: str) -> dict[str, str]:
        """Give everything to who stays."""
        listed = open_items(self.session, self.boss, self.leaving.user_id, at=LATER)
        return {item.key: str(self.staying.user_id) for item in listed} | more

    def leave(self, choices: dict[str, str] | None = None, actor: Actor | None = None) -> int:
        chosen = self.items() if choices is None else choices
        return hand_over(self.session, actor or self.boss, self.leaving.user_id, chosen, at=LATER)


@pytest.fixture
def office(session: Session) -> Office:
    return Office(session)


def an_open_order(office: Office, site: Site | None = None, **more) -> ServiceOrder:
    item = an_item(office.session, office.centre)
    return an_order(office.session, site or office.station, item=item, **more)


def test_everything_goes_to_who_was_chosen_and_the_roles_end(session: Session, office: Office) -> None:
    taken = an_open_order(office, placed_by=office.leaving.user_id)
    held_one = an_open_order(office, status=Status.VERIFIED)
    holding.take_hold(session, office.leaving, held_one.id, at=NOON)
    draft = CaseDraft(kind=CaseKind.COMPLAINT, words="等了很久", name="李试", phone="13800000002", site_id=office.station.id)
    case = opening.open_case(session, office.leaving, draft, site=office.station, person=a_person(session), at=NOON)
    handling.take_case(session, office.leaving, case.id, at=NOON)
    session.flush()
    assert {item.kind for item in open_items(session, office.boss, office.leaving.user_id, at=LATER)} == {
        Kind.ORDER, Kind.HOLD, Kind.CASE,
    }  # fmt: skip

    assert office.leave() == 3
    session.flush()
    session.expire_all()
    assert taken.placed_by == case.taken_by == held_one.hold.person_id == office.staying.user_id
    assert [event.what for event in taken.events] == ["handed_on"]
    assert held(session, office.leaving.user_id, LATER) == []
    assert open_items(session, office.boss, office.leaving.user_id, at=LATER) == []
    told = session.scalars(select(Message).where(Message.person_id == office.staying.user_id)).all()
    assert {"count": 3} in [row.params for row in told if row.template == "work_taken_over"]
    acts = session.scalars(select(AuditEntry.action)).all()
    assert (acts.count("work_handed_over"), acts.count("colleague_left")) == (3, 1)


def test_what_nobody_was_chosen_for_stops_it_all(session: Session, office: Office) -> None:
    first, second = (an_open_order(office, placed_by=office.leaving.user_id) for _ in range(2))
    choices = office.items()
    choices.pop(f"order-{second.id}")
    with pytest.raises(Invalid) as refusal:
        office.leave(choices)
    assert set(refusal.value.fields) == {f"order-{second.id}"}
    assert first.placed_by == office.leaving.user_id
    assert held(session, office.leaving.user_id, LATER)
    nobody = staff(session, Role.CLERK, a_county(session)[2])
    for wrong in (str(nobody.user_id), str(office.leaving.user_id), "0", "stay", "x" * 999):
        with pytest.raises(Invalid):
            office.leave(office.items(**{f"order-{first.id}": wrong}))


def test_what_came_in_meanwhile_is_not_left_behind(session: Session, office: Office) -> None:
    an_open_order(office, placed_by=office.leaving.user_id)
    seen = office.items()
    an_open_order(office, placed_by=office.leaving.user_id)
    with pytest.raises(Invalid):
        office.leave(seen)


def test_only_open_things_wait_and_ones_own_orders_do_not(session: Session, office: Office) -> None:
    an_open_order(office, placed_by=office.leaving.user_id, status=Status.CLOSED)
    own = an_open_order(office, placed_by=office.leaving.user_id)
    own.resident_id = office.leaving.user_id
    session.flush()
    assert office.items() == {}
    assert office.leave() == 0
    assert held(session, office.leaving.user_id, LATER) == []


def test_a_post_that_nobody_else_has_is_filled_or_left_empty_on_purpose(session: Session, office: Office) -> None:
    alone = staff(session, Role.CLERK, office.station, "站员丁")
    (post,) = open_items(session, office.boss, alone.user_id, at=LATER)
    assert (post.kind, post.choices[-1][0]) == (Kind.POST, EMPTY)
    assert str(office.boss.user_id) not in dict(post.choices)
    with pytest.raises(Invalid):
        hand_over(session, office.boss, alone.user_id, {}, at=LATER)
    hand_over(session, office.boss, alone.user_id, {post.key: str(office.staying.user_id)}, at=LATER)
    roles = {(grant.role, grant.site_id) for grant in held(session, office.staying.user_id, LATER)}
    assert (Role.CLERK, office.station.id) in roles
    assert open_items(session, office.boss, office.leaving.user_id, at=LATER) == []  # a dispatcher stays


def test_a_team_gets_another_leader_or_keeps_this_one(session: Session, office: Office) -> None:
    for keeps in (False, True):
        team = a_team(session, office.station)
        leader = session.scalars(
            select(Membership).where(Membership.team_id == team.id, Membership.role == MemberRole.LEADER)
        ).one()
        member = session.scalars(
            select(Membership).where(Membership.team_id == team.id, Membership.role == MemberRole.MEMBER)
        ).first()
        session.add(RoleGrant(person_id=leader.volunteer_id, role=Role.DISPATCHER, site_id=office.branch.id, since=NOON))
        session.flush()
        (item,) = open_items(session, office.boss, leader.volunteer_id, at=LATER)
        assert item.kind is Kind.TEAM
        choice = STAY if keeps else str(member.volunteer_id)
        hand_over(session, office.boss, leader.volunteer_id, {item.key: choice}, at=LATER)
        session.flush()
        session.refresh(member)
        assert (member.role is MemberRole.LEADER) is not keeps


def test_invitations_on_their_way_go_on_under_another_name(session: Session, office: Office) -> None:
    going = staff(session, Role.SITE_ADMIN, office.branch, "管理戊")
    _one, link = inviting.invite(session, going, InvitationDraft("新", Role.CLERK, office.station.id), at=NOON)
    (item,) = open_items(session, office.boss, going.user_id, at=LATER)
    assert item.kind is Kind.INVITATION
    assert dict(item.choices) == {str(office.boss.user_id): "管理甲"}
    hand_over(session, office.boss, going.user_id, {item.key: str(office.boss.user_id)}, at=LATER)
    assert inviting.behind(session, link.rsplit("/", 1)[1], at=LATER).made_by == office.boss.user_id


def test_only_who_manages_every_role_of_a_person_hands_over_for_them(session: Session, office: Office) -> None:
    session.add(RoleGrant(person_id=office.leaving.user_id, role=Role.AUDITOR, site_id=office.centre.id, since=NOON))
    session.flush()
    for actor in (office.boss, office.staying, office.leaving, staff(session, Role.SITE_ADMIN, a_county(session)[0])):
        with pytest.raises(DomainError):
            office.leave({}, actor)
    above = staff(session, Role.SITE_ADMIN, office.centre)
    choices = {
        item.key: EMPTY if item.kind is Kind.POST else str(office.staying.user_id)
        for item in open_items(session, above, office.leaving.user_id, at=LATER)
    }
    office.leave(choices, above)
    assert held(session, office.leaving.user_id, LATER) == []


def test_the_last_administrator_cannot_leave(session: Session, office: Office) -> None:
    first, second = (staff(session, Role.SITE_ADMIN, office.centre) for _ in range(2))
    hand_over(session, first, second.user_id, {}, at=LATER)
    (post,) = open_items(session, second, first.user_id, at=LATER)
    with pytest.raises(Conflict, match="last_administrator"):
        hand_over(session, second, first.user_id, {post.key: EMPTY}, at=LATER)
