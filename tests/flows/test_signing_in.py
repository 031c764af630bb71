"""Proving who one is, by password and by phone code; what one may do then, and for how long."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.support.builders import NOON, a_county, a_person, an_actor, staff
from volunteer.access import SYSTEM, Permission, Role
from volunteer.accounts import signing_in
from volunteer.accounts.granting import grant_role, revoke_role, scope_of
from volunteer.accounts.models import Consent, ConsentKind, LoginCode, Person, RoleGrant
from volunteer.accounts.queries import load_actor
from volunteer.accounts.registering import (
    PersonDraft,
    disable,
    enable,
    record_consent,
    register_person,
    resident_of,
    set_password,
)
from volunteer.audit.models import AuditEntry
from volunteer.kernel.errors import Conflict, DomainError, Forbidden, Invalid, NotFound
from volunteer.messaging.delivering import claim
from volunteer.messaging.models import Message
from volunteer.web.models import WebSession

PHONE = "13800000001"
PASSWORD = "seven red lanterns"


@pytest.fixture(autouse=True)
def _cheap_passwords(session: Session) -> None:
    session.info["argon2_cost"] = 1


def a_volunteer(session: Session, document: str | None = None) -> Person:
    centre, _branch, _station = a_county(session)
    draft = PersonDraft(name="陈试", phone=PHONE, login_name="chen", password=PASSWORD, document=document)
    return register_person(session, SYSTEM, draft, at=NOON, role=Role.VOLUNTEER, site=centre)


def sent_code(session: Session) -> str:
    """The code in the newest text message."""
    return claim(session, at=NOON + timedelta(hours=1))[-1].text[6:12]


def test_the_right_password_is_let_in(session: Session) -> None:
    person = a_volunteer(session)
    assert signing_in.check_password(session, " Chen", PASSWORD) is person


@pytest.mark.parametrize(("name", "password"), [("chen", "wrong password"), ("nobody", PASSWORD), ("", ""), ("chen", "")])
def test_anything_else_is_nobody(session: Session, name: str, password: str) -> None:
    a_volunteer(session)
    assert signing_in.check_password(session, name, password) is None


def test_a_disabled_account_is_nobody(session: Session) -> None:
    person = a_volunteer(session)
    disable(session, SYSTEM, person.id, at=NOON)
    assert signing_in.check_password(session, "chen", PASSWORD) is None
    assert load_actor(session, person.id, NOON) is None
    enable(session, SYSTEM, person.id, at=NOON)
    assert signing_in.check_password(session, "chen", PASSWORD) is person


def test_every_try_is_in_the_audit_log_without_the_name_that_was_typed(session: Session) -> None:
    person = a_volunteer(session)
    signing_in.note_sign_in(session, person, how="password", at=NOON)
    signing_in.note_sign_in(session, None, how="password", at=NOON)
    rows = session.execute(select(AuditEntry.action, AuditEntry.subject, AuditEntry.actor_id).order_by(AuditEntry.id)).all()
    assert [tuple(row) for row in rows[-2:]] == [
        ("signed_in", f"person:{person.id}", person.id),
        ("sign_in_failed", "person:unknown", None),
    ]


def test_a_phone_code_lets_in_once(session: Session) -> None:
    person = a_volunteer(session)
    signing_in.request_code(session, "138 0000 0001", at=NOON)
    code = sent_code(session)
    assert len(code) == 6
    assert signing_in.sign_in_by_code(session, PHONE, code, at=NOON + timedelta(minutes=9)) is person
    assert signing_in.sign_in_by_code(session, PHONE, code, at=NOON + timedelta(minutes=9)) is None


def test_a_phone_code_is_for_ten_minutes_and_one_phone(session: Session) -> None:
    a_volunteer(session)
    signing_in.request_code(session, PHONE, at=NOON)
    code = sent_code(session)
    assert signing_in.sign_in_by_code(session, PHONE, code, at=NOON + timedelta(minutes=10)) is None
    assert signing_in.sign_in_by_code(session, "13800000002", code, at=NOON) is None
    assert signing_in.sign_in_by_code(session, "not a phone", code, at=NOON) is None


def test_a_phone_code_survives_five_tries_only(session: Session) -> None:
    person = a_volunteer(session)
    signing_in.request_code(session, PHONE, at=NOON)
    code = sent_code(session)
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    for _ in range(4):
        assert signing_in.sign_in_by_code(session, PHONE, wrong, at=NOON) is None
    assert signing_in.sign_in_by_code(session, PHONE, code, at=NOON) is person

    signing_in.request_code(session, PHONE, at=NOON)
    code = sent_code(session)
    for _ in range(5):
        signing_in.sign_in_by_code(session, PHONE, f"{(int(code) + 1) % 1_000_000:06d}", at=NOON)
    assert signing_in.sign_in_by_code(session, PHONE, code, at=NOON) is None


def test_a_new_code_ends_the_old_one(session: Session) -> None:
    a_volunteer(session)
    signing_in.request_code(session, PHONE, at=NOON)
    old = sent_code(session)
    signing_in.request_code(session, PHONE, at=NOON)
    new = sent_code(session)
    if old != new:
        assert signing_in.sign_in_by_code(session, PHONE, old, at=NOON) is None


def test_the_code_is_stored_nowhere_in_plain(session: Session) -> None:
    a_volunteer(session)
    signing_in.request_code(session, PHONE, at=NOON)
    stored = repr(session.execute(select(LoginCode.__table__)).all()) + repr(session.execute(select(Message.__table__)).all())
    code = sent_code(session)
    assert code not in stored
    assert PHONE not in stored


@pytest.mark.parametrize("role", [Role.DISPATCHER, Role.COUNTY_IT])
def test_staff_do_not_come_in_by_phone(session: Session, role: Role) -> None:
    centre, *_ = a_county(session)
    register_person(session, SYSTEM, PersonDraft(name="赵试", phone=PHONE), at=NOON, role=role, site=centre)
    signing_in.request_code(session, PHONE, at=NOON)
    assert claim(session, at=NOON) == []


def test_an_unknown_phone_leaves_the_same_rows_but_no_message(session: Session) -> None:
    signing_in.request_code(session, "13800000009", at=NOON)
    assert session.scalar(select(func.count(LoginCode.id))) == 1
    assert claim(session, at=NOON) == []
    with pytest.raises(Invalid):
        signing_in.request_code(session, "12", at=NOON)


def test_what_was_registered_is_sealed_and_can_be_found(session: Session) -> None:
    person = a_volunteer(session, document="440524188001010014")
    stored = repr(session.execute(select(Person.__table__).where(Person.id == person.id)).one())
    assert PHONE not in stored
    assert "440524188001010014" not in stored
    assert (person.phone, person.document) == (PHONE, "440524188001010014")


def test_registering_refuses_what_cannot_be(session: Session) -> None:
    a_volunteer(session)
    for draft, refusal in (
        (PersonDraft(name="陈", phone="1"), Invalid),
        (PersonDraft(name="陈", login_name="li", password="12345678"), Invalid),
        (PersonDraft(name="陈", login_name="CHEN "), Conflict),
    ):
        with pytest.raises(refusal):
            register_person(session, SYSTEM, draft, at=NOON)


def test_a_household_shares_a_phone_and_the_name_decides(session: Session) -> None:
    grandmother = resident_of(session, SYSTEM, "李奶奶", PHONE, at=NOON)
    grandfather = resident_of(session, SYSTEM, "李爷爷", PHONE, at=NOON)
    assert grandmother is not grandfather
    assert resident_of(session, SYSTEM, " 李奶奶 ", "+86 " + PHONE, at=NOON) is grandmother


def test_a_role_holds_in_its_subtree_and_until_its_end(session: Session) -> None:
    centre, branch, station = a_county(session)
    person = a_person(session)
    grant_role(session, SYSTEM, person.id, Role.DISPATCHER, branch, at=NOON, until=NOON + timedelta(days=1))
    acting = load_actor(session, person.id, NOON)
    assert acting is not None
    assert acting.actor.can(Permission.ORDER_DISPATCH, at=station.path)
    assert not acting.actor.can(Permission.ORDER_DISPATCH, at=centre.path)
    later = load_actor(session, person.id, NOON + timedelta(days=1))
    assert later is not None
    assert not later.actor.may(Permission.ORDER_DISPATCH)


def test_granting_is_for_who_manages_people_there(session: Session) -> None:
    centre, branch, _station = a_county(session)
    person = a_person(session)
    manager = staff(session, Role.SITE_ADMIN, branch)
    grant_role(session, manager, person.id, Role.CLERK, branch, at=NOON)
    with pytest.raises(NotFound):
        grant_role(session, manager, person.id, Role.CLERK, centre, at=NOON)
    with pytest.raises(Forbidden):
        grant_role(session, staff(session, Role.DISPATCHER, branch), person.id, Role.CLERK, branch, at=NOON)
    assert manager.user_id is not None
    with pytest.raises(Conflict):
        grant_role(session, manager, manager.user_id, Role.DIRECTOR, branch, at=NOON)
    for role in (Role.SYSTEM, Role.LINK, Role.TEAM_LEADER):
        with pytest.raises(Invalid):
            grant_role(session, SYSTEM, person.id, role, centre, at=NOON)


def test_the_same_grant_twice_is_one(session: Session) -> None:
    centre, *_ = a_county(session)
    person = a_person(session)
    one = grant_role(session, SYSTEM, person.id, Role.CLERK, centre, at=NOON)
    assert grant_role(session, SYSTEM, person.id, Role.CLERK, centre, at=NOON) is one
    assert session.scalar(select(func.count(RoleGrant.id))) == 1


def test_a_change_of_rights_ends_every_session(session: Session) -> None:
    centre, *_ = a_county(session)
    person = a_person(session)
    grant = grant_role(session, SYSTEM, person.id, Role.CLERK, centre, at=NOON)
    for act in (
        lambda: grant_role(session, SYSTEM, person.id, Role.DISPATCHER, centre, at=NOON),
        lambda: revoke_role(session, SYSTEM, grant.id, at=NOON + timedelta(hours=1)),
        lambda: set_password(session, an_actor(person), person, "a very new sentence", at=NOON),
        lambda: disable(session, SYSTEM, person.id, at=NOON),
    ):
        row = WebSession(token_hash=f"{act}"[-20:], person_id=person.id, started_at=NOON, seen_at=NOON, expires_at=NOON)
        session.add(row)
        session.flush()  # so that the update below finds it
        act()
        session.refresh(row)
        assert row.ended_at is not None


def test_a_person_of_two_places_is_managed_from_above_both(session: Session) -> None:
    centre, branch, station = a_county(session)
    person = a_person(session)
    assert scope_of(session, person) == "/"
    grant_role(session, SYSTEM, person.id, Role.CLERK, station, at=NOON)
    assert scope_of(session, person) == station.path
    grant_role(session, SYSTEM, person.id, Role.CLERK, branch, at=NOON)
    assert scope_of(session, person) == branch.path
    with pytest.raises(DomainError):
        disable(session, staff(session, Role.SITE_ADMIN, station), person.id, at=NOON)


def test_a_consent_says_to_what_and_through_whom(session: Session) -> None:
    centre, *_ = a_county(session)
    person = a_person(session)
    clerk = staff(session, Role.CLERK, centre)
    record_consent(session, clerk, person, ConsentKind.ORDER_NOTICE, notice="2026-11", at=NOON, about="order:1")
    record_consent(session, an_actor(person), person, ConsentKind.ORDER_NOTICE, notice="2026-11", at=NOON)
    assert [row.via for row in session.scalars(select(Consent).order_by(Consent.id))] == [clerk.user_id, None]
