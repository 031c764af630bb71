"""Somebody asks for a parent: with consent, and only as long as it holds. And: one's own requests, found by one's phone."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.flows.test_placing import a_draft
from tests.support.builders import NOON, a_county, a_person, a_site, an_actor, staff
from volunteer.access import NOBODY, Role
from volunteer.accounts import caring, codes, signing_in
from volunteer.accounts.models import Consent, Person, RoleGrant
from volunteer.accounts.registering import resident_of
from volunteer.kernel.errors import Invalid, NotFound
from volunteer.messaging.models import Channel, Message
from volunteer.orders.changing import withdraw_order
from volunteer.orders.households.caring import end_care
from volunteer.orders.households.queries_household import my_orders
from volunteer.orders.placing import hash_secret, place_order
from volunteer.orders.telling import tell_resident

DAUGHTER, MOTHER = "13800000041", "13800000042"


@pytest.fixture
def county(session):
    return a_county(session)


def for_mother(session, station, actor=NOBODY, **changed):
    values = {"on_behalf": True, "for_name": "沈阿婆", "agreed": True, "name": "沈女儿", "phone": DAUGHTER} | changed
    order = place_order(session, actor, a_draft(station, **values), at=NOON)
    session.flush()  # what was told is counted
    return order


def phones_told(session, order):
    rows = session.scalars(select(Message).where(Message.about == f"order:{order.id}", Message.channel == Channel.SMS))
    return len(rows.all())


def test_the_parent_owns_what_the_helper_asks_for_and_the_consent_is_written_down(session, county):
    order = for_mother(session, county[2])
    assert (order.resident.name, order.care.helper.name, order.phone) == ("沈阿婆", "沈女儿", DAUGHTER)
    assert "contact_for_other" in {
        row.kind for row in session.scalars(select(Consent).where(Consent.person_id == order.resident_id))
    }
    assert order.resident.phone is None  # the helper's phone is not theirs


def test_with_a_phone_of_their_own_both_are_told(session, county):
    alone, both = for_mother(session, county[2]), for_mother(session, county[2], for_phone=MOTHER)
    assert (phones_told(session, alone), phones_told(session, both)) == (1, 2)
    assert session.scalars(select(Message).where(Message.template == "care_begun")).one()
    withdraw_order(session, an_actor(both.resident), both.id, "", at=NOON)  # the parent stops it


def test_the_same_parent_again_is_the_same_person(session, county):
    assert for_mother(session, county[2]).care_id == for_mother(session, county[2]).care_id


def test_without_their_word_nothing_is_asked_for(session, county):
    with pytest.raises(Invalid) as refused:
        for_mother(session, county[2], agreed=False, for_phone="123")
    assert set(refused.value.fields) == {"agreed", "for_phone"}


def test_the_end_of_the_consent_takes_every_way_from_the_helper(session, county):
    order = for_mother(session, county[2], for_phone=MOTHER)
    secret, code = order.secret, order.code
    end_care(session, an_actor(order.resident), order.care_id, at=NOON)
    end_care(session, an_actor(order.resident), order.care_id, at=NOON)
    assert (order.secret_hash != hash_secret(secret), order.code != code, order.phone) == (True, True, MOTHER)
    assert my_orders(session, order.care.helper).rows == []
    before = phones_told(session, order)
    tell_resident(session, order, "order_verified", at=NOON)
    session.flush()  # counted
    assert phones_told(session, order) == before + 1
    with pytest.raises(Invalid, match="no longer"):
        place_order(
            session, an_actor(order.care.helper, (Role.RESIDENT, county[0])),
            a_draft(county[2], on_behalf=True, care_id=order.care_id), at=NOON,
        )  # fmt: skip


def test_only_the_two_or_a_clerk_of_the_place_end_it(session, county):
    order = for_mother(session, county[2])
    for stranger in (an_actor(a_person(session)), staff(session, Role.CLERK, a_site(session)), NOBODY):
        with pytest.raises(NotFound):
            end_care(session, stranger, order.care_id, at=NOON, order_id=order.id)
    assert end_care(session, staff(session, Role.CLERK, county[2]), order.care_id, at=NOON, order_id=order.id).ended_at == NOON


def test_somebody_elses_consent_cannot_be_used(session, county):
    order = for_mother(session, county[2])
    thief = a_person(session, "别人")
    with pytest.raises(Invalid):
        place_order(
            session,
            an_actor(thief, (Role.RESIDENT, county[0])),
            a_draft(county[2], on_behalf=True, care_id=order.care_id),
            at=NOON,
        )


def test_one_does_not_look_after_oneself(session, county):
    me = resident_of(session, NOBODY, "沈女儿", DAUGHTER, at=NOON)
    with pytest.raises(Invalid, match="That is you"):
        caring.begin(session, an_actor(me), me, caring.CareDraft(name="沈女儿", phone=DAUGHTER, notice="x", agreed=True), at=NOON)


def enter(session, phone, at=NOON):
    signing_in.request_code(session, phone, at=at)
    index = session.info["keyring"].blind("phone", phone)
    code = codes.new_code(session, signing_in.KIND, index, at=at)  # as if it was sent: nobody reads the message here
    return signing_in.sign_in_by_code(session, phone, code, at=at)


def test_whoever_ordered_without_an_account_comes_in_by_phone_and_finds_it(session, county):
    order = place_order(session, NOBODY, a_draft(county[2], name="李奶奶", phone=MOTHER), at=NOON)
    me = enter(session, MOTHER)
    assert (me.id, [row.id for row in my_orders(session, me).rows]) == (order.resident_id, [order.id])
    assert [grant.role for grant in session.scalars(select(RoleGrant).where(RoleGrant.person_id == me.id))] == [Role.RESIDENT]
    assert enter(session, MOTHER, NOON + timedelta(hours=1)).id == me.id
    assert len(me.grants) == 1


def test_requests_under_the_same_phone_are_found_but_not_those_of_another_account(session, county):
    me = a_person(session, "李奶奶", phone=MOTHER)
    session.add(RoleGrant(person_id=me.id, role=Role.RESIDENT, site_id=county[0].id, since=NOON))
    guest = place_order(session, NOBODY, a_draft(county[2], name="李爷爷", phone=MOTHER), at=NOON)
    other = a_person(session, "李医生", phone=MOTHER)
    session.add(RoleGrant(person_id=other.id, role=Role.VOLUNTEER, site_id=county[0].id, since=NOON))
    place_order(session, an_actor(other, (Role.VOLUNTEER, county[0])), a_draft(county[2], phone=MOTHER), at=NOON)
    session.expire_all()
    assert [row.id for row in my_orders(session, me).rows] == [guest.id]
    me.password_hash = "x"  # a password proves no phone
    assert my_orders(session, me).rows == []


def test_staff_and_closed_accounts_do_not_come_in_that_way(session, county):
    clerk = session.get_one(Person, staff(session, Role.CLERK, county[2]).user_id)
    gone = a_person(session, "走了", phone=MOTHER, disabled_at=NOON)
    assert (enter(session, clerk.phone), enter(session, gone.phone)) == (None, None)
