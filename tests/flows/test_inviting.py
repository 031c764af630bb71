"""Inviting colleagues: by whom, for what, once; and what becomes of the link when anything changes meanwhile."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.support.builders import NOON, a_county, an_actor, staff
from volunteer.access import Actor, Role
from volunteer.accounts import inviting
from volunteer.accounts.granting import held, revoke_role
from volunteer.accounts.inviting import InvitationDraft
from volunteer.accounts.jobs import forget_codes
from volunteer.accounts.models import Consent, Person, RoleGrant
from volunteer.accounts.models_entering import Invitation
from volunteer.accounts.registering import PersonDraft
from volunteer.audit.models import AuditEntry
from volunteer.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from volunteer.messaging.delivering import claim
from volunteer.messaging.models import Message
from volunteer.places.models import Site

PHONE = "13800000007"
NEW = PersonDraft(name="新来", login_name="xinlai", password="seven red lanterns")


@pytest.fixture(autouse=True)
def _setting(session: Session) -> None:
    session.info |= {"argon2_cost": 1, "public_url": "http://here"}


@pytest.fixture
def place(session: Session) -> tuple[Site, Site, Site]:
    return a_county(session)


def admin(session: Session, site: Site, role: Role = Role.SITE_ADMIN) -> Actor:
    return staff(session, role, site)


def invited(session: Session, actor: Actor, site: Site, **more) -> tuple[Invitation, str]:
    draft = InvitationDraft("新来的", more.pop("role", Role.CLERK), site.id, **more)
    invitation, link = inviting.invite(session, actor, draft, at=NOON)
    assert link.startswith("http://here/invited/")
    return invitation, link.rsplit("/", 1)[1]


def test_an_invitation_makes_a_colleague_once(session: Session, place) -> None:
    _centre, branch, station = place
    boss = admin(session, branch)
    end = NOON + timedelta(days=40)
    invitation, token = invited(session, boss, station, phone=PHONE, until=end)
    person = inviting.accept(session, token, NEW, notice="2026-11", at=NOON + timedelta(hours=1))
    (grant,) = held(session, person.id, NOON + timedelta(hours=2))
    assert (grant.role, grant.site_id, grant.until, grant.granted_by) == (Role.CLERK, station.id, end, boss.user_id)
    assert (person.login_name, person.phone, invitation.person_id) == ("xinlai", PHONE, person.id)
    assert session.scalars(select(Consent.notice).where(Consent.person_id == person.id)).all() == ["2026-11"]
    assert "invitation_accepted" in session.scalars(select(Message.template).where(Message.person_id == boss.user_id)).all()
    with pytest.raises(NotFound):
        inviting.accept(session, token, replace(NEW, login_name="other"), notice="x", at=NOON)


def test_the_link_goes_to_the_phone_and_neither_is_stored_in_plain(session: Session, place) -> None:
    _invitation, token = invited(session, admin(session, place[1]), place[1], phone="138 0000 0007")
    stored = "".join(repr(session.execute(select(kind.__table__)).all()) for kind in (Invitation, Message, AuditEntry))
    assert token not in stored
    assert PHONE not in stored
    (parcel,) = claim(session, at=NOON)
    assert (parcel.address, token in parcel.text) == (PHONE, True)


def test_nobody_invites_to_what_they_could_not_give(session: Session, place) -> None:
    centre, branch, station = place
    for actor, role, site, refusal in (
        (admin(session, branch), Role.CLERK, centre, NotFound),
        (admin(session, branch), Role.CLERK, a_county(session)[2], NotFound),
        (admin(session, branch, Role.DISPATCHER), Role.CLERK, station, Forbidden),
        (admin(session, branch), Role.COUNTY_IT, branch, Invalid),
        (admin(session, branch), Role.AUDITOR, branch, Invalid),
        (admin(session, centre), Role.VOLUNTEER, centre, Invalid),
    ):
        with pytest.raises(refusal):
            invited(session, actor, site, role=role)
    invited(session, admin(session, centre), centre, role=Role.COUNTY_IT)
    invited(session, admin(session, centre, Role.COUNTY_IT), station, role=Role.SITE_ADMIN)


def test_what_cannot_be_is_said_beside_its_field(session: Session, place) -> None:
    boss = admin(session, place[1])
    for field, more in (("until", {"until": NOON}), ("phone", {"phone": "12345"})):
        with pytest.raises(Invalid) as refusal:
            invited(session, boss, place[2], **more)
        assert set(refusal.value.fields) == {field}
    place[2].closed_at = NOON
    with pytest.raises(Invalid):
        invited(session, boss, place[2])


def test_a_link_is_dead_when_old_withdrawn_renewed_or_its_maker_lost_the_power(session: Session, place) -> None:
    centre, branch, station = place
    boss = admin(session, branch)
    invitation, old = invited(session, boss, station)
    inviting.behind(session, old, at=NOON + timedelta(days=6))
    with pytest.raises(NotFound):
        inviting.behind(session, old, at=NOON + timedelta(days=7))
    _same, link = inviting.renew(session, boss, invitation.id, at=NOON + timedelta(days=8))
    new = link.rsplit("/", 1)[1]
    with pytest.raises(NotFound):
        inviting.behind(session, old, at=NOON)
    inviting.behind(session, new, at=NOON + timedelta(days=9))
    for _ in range(2):
        inviting.withdraw(session, boss, invitation.id, at=NOON + timedelta(days=9))
    with pytest.raises(NotFound):
        inviting.behind(session, new, at=NOON + timedelta(days=9))
    with pytest.raises(Conflict):
        inviting.renew(session, boss, invitation.id, at=NOON + timedelta(days=9))

    _invitation, token = invited(session, boss, station)
    (grant,) = held(session, boss.user_id, NOON)
    revoke_role(session, admin(session, centre), grant.id, at=NOON + timedelta(minutes=1))
    with pytest.raises(NotFound):
        inviting.accept(session, token, NEW, notice="x", at=NOON + timedelta(minutes=2))
    for guess in ("", "x" * 5000, "\udcff", token[:-1]):
        with pytest.raises(NotFound):
            inviting.behind(session, guess, at=NOON)


def test_a_taken_login_name_leaves_the_link_open(session: Session, place) -> None:
    boss = admin(session, place[1])
    _one, first = invited(session, boss, place[2])
    inviting.accept(session, first, NEW, notice="x", at=NOON)
    _two, second = invited(session, boss, place[2])
    savepoint = session.begin_nested()
    with pytest.raises(Conflict, match="login_name_taken"):
        inviting.accept(session, second, NEW, notice="x", at=NOON)
    savepoint.rollback()
    inviting.accept(session, second, replace(NEW, login_name="xinlai2"), notice="x", at=NOON)


def test_somebody_with_an_account_takes_the_role_on(session: Session, place) -> None:
    centre, branch, station = place
    boss = admin(session, centre)
    _one, token = invited(session, boss, branch, role=Role.DISPATCHER)
    volunteer = an_actor(session.get_one(Person, staff(session, Role.VOLUNTEER, station).user_id), (Role.VOLUNTEER, station))
    with pytest.raises(Conflict, match="no_password"):
        inviting.accept_as(session, volunteer, token, at=NOON)
    person = session.get_one(Person, volunteer.user_id)
    person.login_name, person.password_hash = "chen", "x"
    inviting.accept_as(session, volunteer, token, at=NOON)
    assert {grant.role for grant in held(session, person.id, NOON)} == {Role.VOLUNTEER, Role.DISPATCHER}
    with pytest.raises(NotFound):
        inviting.accept_as(session, volunteer, token, at=NOON)
    boss_person = session.get_one(Person, boss.user_id)
    boss_person.login_name, boss_person.password_hash = "boss", "x"
    _two, own = invited(session, boss, branch, role=Role.DIRECTOR)
    with pytest.raises(Conflict, match="own_role"):
        inviting.accept_as(session, boss, own, at=NOON)


def test_the_list_shows_ones_own_places_and_phones_are_wiped_in_time(session: Session, place) -> None:
    centre, branch, station = place
    invitation, _token = invited(session, admin(session, branch), station, phone=PHONE)
    assert inviting.pending(session, [branch.path], at=NOON) == [invitation]
    assert inviting.pending(session, [a_county(session)[0].path], at=NOON) == []
    assert inviting.pending(session, [], at=NOON) == []
    forget_codes(session, NOON + timedelta(days=36))
    session.refresh(invitation)
    assert invitation.phone_sealed is None
    assert session.scalars(select(RoleGrant).where(RoleGrant.site_id == station.id)).all() == []
    assert centre.path
