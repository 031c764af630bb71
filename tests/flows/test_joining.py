"""Somebody becomes a volunteer: by themselves, at the counter, under age; and what the site says."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from tests.support.builders import NOON, a_county, a_person, a_skill, a_volunteer, staff
from volunteer.access import Role
from volunteer.accounts.models import RoleGrant
from volunteer.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from volunteer.messaging.models import Message
from volunteer.places.models import PolicyKind, PolicyRow
from volunteer.teams import joining
from volunteer.teams.ages import is_guarded
from volunteer.teams.joining import JoinDraft, answer_registration, hear_guardian, join, register_at_counter
from volunteer.teams.models import Availability, Standing, Volunteer
from volunteer.teams.models_volunteers import Guardian

DOCUMENT = "11010519491231002X"  # the standard's own example
CHILD = date(2010, 5, 1)


def draft(site, **changes) -> JoinDraft:
    usual: dict[str, Any] = {"name": "陈小试", "phone": "13800000071", "born_on": date(1990, 1, 2), "consent": True}
    return JoinDraft(site=site, **(usual | changes))


def a_rule(session, site, **values) -> None:
    session.add(PolicyRow(site=site, kind=PolicyKind.JOINING, valid_from=NOON - timedelta(days=1), values=values, made_at=NOON))
    session.flush()  # the next policy is asked of the database


def guarded_now(guardian, volunteer) -> bool:
    heard = guardian.heard_at is not None
    return is_guarded(volunteer.person.born_on, NOON.date(), consented=True, heard=heard)


def told(session) -> set[str]:
    return set(session.scalars(select(Message.template)))


def test_whoever_registers_has_a_number_a_role_and_hours_at_once(session):
    station = a_county(session)[2]
    a_skill(session, "cooking")
    volunteer = join(session, draft(station, skills=["cooking"], hours=[(0, 480, 720)], document=""), at=NOON)
    assert volunteer.number.startswith("V")
    assert volunteer.standing is Standing.ACTIVE
    assert [skill.skill.code for skill in volunteer.skills] == ["cooking"]
    assert session.scalar(select(Availability.begins).where(Availability.volunteer_id == volunteer.id)) == 480
    assert session.scalar(select(RoleGrant.role).where(RoleGrant.person_id == volunteer.id)) is Role.VOLUNTEER
    assert "volunteer_registered" in told(session)


def test_an_identity_number_is_sealed_and_its_birth_date_must_be_the_one_given(session):
    station = a_county(session)[2]
    volunteer = join(session, draft(station, document="11010519491231002x", born_on=date(1949, 12, 31)), at=NOON)
    assert volunteer.person.document == DOCUMENT
    assert DOCUMENT.encode() not in volunteer.person.document_sealed
    with pytest.raises(Invalid) as refused:
        join(session, draft(station, name="另一人", document=DOCUMENT), at=NOON)
    assert set(refused.value.fields) == {"born_on"}


def test_everything_that_is_wrong_is_said_at_once(session):
    station = a_county(session)[2]
    with pytest.raises(Invalid) as refused:
        join(session, draft(station, name=" ", phone="12", document="123", consent=False, born_on=date(2030, 1, 1)), at=NOON)
    assert set(refused.value.fields) == {"name", "phone", "document", "consent", "born_on"}


def test_the_same_name_and_phone_are_led_to_the_log_in_but_a_neighbour_on_the_same_phone_is_not(session):
    station = a_county(session)[2]
    join(session, draft(station), at=NOON)
    with pytest.raises(Conflict) as refused:
        join(session, draft(station), at=NOON)
    assert refused.value.code == "registered_already"
    assert join(session, draft(station, name="陈大试"), at=NOON).number


def test_a_resident_who_registers_stays_the_same_person(session):
    station = a_county(session)[2]
    resident = a_person(session, "陈小试", "13800000071")
    assert join(session, draft(station), at=NOON).id == resident.id


def test_a_stranger_does_not_learn_whether_an_identity_number_is_registered(session):
    station = a_county(session)[2]
    first = join(session, draft(station, document=DOCUMENT, born_on=date(1949, 12, 31)), at=NOON)
    second = join(
        session, draft(station, name="冒名", phone="13800000072", document=DOCUMENT, born_on=date(1949, 12, 31)), at=NOON
    )
    assert second.standing is first.standing
    assert joining.doubles_of(session, second.person) == [first.id]
    assert "document_used" in told(session)


def test_where_the_policy_wants_it_the_site_says_yes_first(session):
    centre, branch, station = a_county(session)
    admin = staff(session, Role.SITE_ADMIN, branch)
    a_rule(session, centre, approval=1, document=0)
    volunteer = join(session, draft(station), at=NOON)
    assert volunteer.standing is Standing.WAITING
    assert "volunteer_waits" in told(session)
    with pytest.raises(Invalid):
        answer_registration(session, admin, volunteer.id, yes=False, at=NOON)
    answer_registration(session, admin, volunteer.id, yes=True, at=NOON)
    assert session.get_one(Volunteer, volunteer.id).standing is Standing.ACTIVE
    abroad = staff(session, Role.SITE_ADMIN, a_county(session)[0])
    with pytest.raises(NotFound):
        answer_registration(session, abroad, volunteer.id, yes=True, at=NOON)
    with pytest.raises(Forbidden):
        answer_registration(session, staff(session, Role.CLERK, station), volunteer.id, yes=True, at=NOON)


def test_where_the_policy_wants_it_nobody_registers_without_an_identity_number(session):
    centre, _, station = a_county(session)
    a_rule(session, centre, document=1)
    with pytest.raises(Invalid) as refused:
        join(session, draft(station), at=NOON)
    assert set(refused.value.fields) == {"document"}


def test_under_18_a_guardian_agrees(session):
    station = a_county(session)[2]
    with pytest.raises(Invalid) as refused:
        join(session, draft(station, born_on=CHILD), at=NOON)
    assert set(refused.value.fields) == {"guardian_name", "guardian_phone", "guardian_consent"}
    guarded = {"guardian_name": "陈妈妈", "guardian_phone": "13800000073", "guardian_consent": True}
    volunteer = join(session, draft(station, born_on=CHILD, **guarded), at=NOON)
    guardian = session.scalar(select(Guardian).where(Guardian.volunteer_id == volunteer.id))
    assert (guardian.name, guardian.phone) == ("陈妈妈", "13800000073")
    assert guarded_now(guardian, volunteer)


def test_under_14_the_guardian_is_spoken_to_before_anything(session):
    centre, _, station = a_county(session)
    guarded = {"guardian_name": "陈妈妈", "guardian_phone": "13800000073", "guardian_consent": True}
    volunteer = join(session, draft(station, born_on=date(2014, 1, 1), **guarded), at=NOON)
    guardian = session.scalar(select(Guardian).where(Guardian.volunteer_id == volunteer.id))
    assert not guarded_now(guardian, volunteer)
    hear_guardian(session, staff(session, Role.SITE_ADMIN, centre), volunteer.id, at=NOON)
    assert guarded_now(guardian, volunteer)


def test_at_the_counter_a_double_is_said(session):
    centre, _, station = a_county(session)
    admin = staff(session, Role.SITE_ADMIN, centre)
    register_at_counter(session, admin, draft(station, document=DOCUMENT, born_on=date(1949, 12, 31)), at=NOON)
    again = draft(station, name="别人", phone="13800000079", document=DOCUMENT, born_on=date(1949, 12, 31))
    with pytest.raises(Invalid) as refused:
        register_at_counter(session, admin, again, at=NOON)
    assert set(refused.value.fields) == {"document"}
    with pytest.raises(NotFound):
        register_at_counter(session, staff(session, Role.SITE_ADMIN, a_county(session)[0]), draft(station), at=NOON)


def test_a_code_proves_a_phone_once_and_is_no_log_in(session):
    phone = joining.send_code(session, "138 0000 0071", at=NOON)
    assert phone == "13800000071"
    assert not joining.prove_phone(session, phone, "000", at=NOON)
    assert told(session) == {"join_code"}


def test_nobody_registers_at_a_closed_site(session):
    station = a_county(session)[2]
    station.closed_at = NOON
    with pytest.raises(Invalid) as refused:
        join(session, draft(station), at=NOON)
    assert set(refused.value.fields) == {"site"}


def test_a_volunteer_of_the_register_is_not_registered_twice_when_signed_in(session):
    station = a_county(session)[2]
    mine = a_volunteer(session, station)
    with pytest.raises(Conflict):
        join(session, draft(station), person_id=mine.id, at=NOON)
