"""点单 on a database: what is kept, for whom, what is refused, who is told; verified or rejected."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.support.builders import NOON, a_county, a_person, a_site, an_actor, an_item, staff
from volunteer.access import NOBODY, Role
from volunteer.accounts.models import Consent, ConsentKind, Person
from volunteer.catalogue.models import Question, QuestionKind
from volunteer.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from volunteer.kernel.geo import Point
from volunteer.messaging.models import Channel, Message
from volunteer.orders.lifecycle import Status
from volunteer.orders.models import OrderChannel, ServiceOrder, WhenKind
from volunteer.orders.placing import OrderDraft, hash_secret, place_order, reject_order, verify_order

HOUR = timedelta(hours=1)


def a_draft(site=None, **values):
    given = {"name": "李试", "phone": "13800000001", "notice": "test", "words": "灯不亮了", "site_id": site.id if site else None}
    return OrderDraft(**(given | values))


def wrong_fields(session, draft):
    with pytest.raises(Invalid) as refused:
        place_order(session, NOBODY, draft, at=NOON)
    return set(refused.value.fields)


def test_an_order_without_an_account_has_number_code_link_and_a_promise(session):
    centre, branch, station = a_county(session)
    item = an_item(session, centre, reply_minutes=90)
    order = place_order(session, NOBODY, a_draft(station, item=item.code, address="3幢201室"), at=NOON)
    assert order.number.startswith("2603-")
    assert order.code.isdigit()
    assert (len(order.code), len(order.start_code)) == (6, 4)
    assert order.secret_hash == hash_secret(order.secret)
    assert (order.site, order.desk) == (station, branch)
    assert order.due_at == NOON + timedelta(minutes=90)
    assert (order.contact, order.phone, order.door, order.words) == ("李试", "13800000001", "3幢201室", "灯不亮了")
    assert [event.what for event in order.events] == ["place"]


def test_nothing_private_lies_open_in_the_row(session):
    _, _, station = a_county(session)
    order = place_order(session, NOBODY, a_draft(station, words="找张试的猫", address="9幢"), at=NOON)
    session.flush()
    row = session.execute(select(ServiceOrder.__table__).where(ServiceOrder.id == order.id)).one()
    dump = repr(tuple(row))
    for secret in ("13800000001", "李试", "9幢", "找张试的猫", order.code, order.secret):
        assert secret not in dump
    assert "138" not in repr(tuple(session.execute(select(Message.__table__.c.params, Message.__table__.c.about)).one()))


def test_the_same_name_and_phone_is_the_same_person_another_name_another(session):
    _, _, station = a_county(session)
    first, again, wife = (
        place_order(session, NOBODY, a_draft(station, name=name), at=NOON) for name in ("李试", "李试 ", "王试")
    )
    assert first.resident_id == again.resident_id != wife.resident_id
    assert session.get(Person, first.resident_id).phone == "13800000001"


def test_what_is_ordered_for_another_person_is_theirs_and_needs_their_consent(session):
    _, _, station = a_county(session)
    assert wrong_fields(session, a_draft(station, on_behalf=True)) == {"for_name", "agreed"}
    order = place_order(session, NOBODY, a_draft(station, on_behalf=True, for_name="李奶奶", agreed=True), at=NOON)
    assert (order.resident.name, order.contact, order.on_behalf) == ("李奶奶", "李奶奶", True)
    kinds = set(session.scalars(select(Consent.kind).where(Consent.person_id == order.resident_id)))
    assert kinds == {ConsentKind.ORDER_NOTICE, ConsentKind.CONTACT_FOR_OTHER}


def test_who_is_signed_in_orders_for_themselves(session):
    _, _, station = a_county(session)
    me = a_person(session, "李试", phone="19900001111")
    order = place_order(session, an_actor(me, (Role.RESIDENT, station)), a_draft(station), at=NOON)
    assert order.resident is me
    assert order.phone == "13800000001"


def test_a_clerk_orders_for_a_caller_who_stays_the_owner(session):
    _, branch, station = a_county(session)
    clerk = staff(session, Role.CLERK, branch)
    order = place_order(session, clerk, a_draft(station, channel=OrderChannel.PHONE), at=NOON)
    assert order.resident_id != clerk.user_id == order.placed_by
    assert session.scalar(select(Consent.via).where(Consent.person_id == order.resident_id)) == clerk.user_id


def test_nobody_orders_for_callers_of_another_place(session):
    centre, _, station = a_county(session)
    clerk = staff(session, Role.CLERK, a_site(session, centre))
    for stranger in (NOBODY, clerk):
        with pytest.raises(NotFound):
            place_order(session, stranger, a_draft(station, channel=OrderChannel.COUNTER), at=NOON)


def test_every_complaint_comes_at_once(session):
    a_county(session)
    draft = a_draft(words=" ", name="", phone="12345", notice="", when=WhenKind.WINDOW)
    assert wrong_fields(session, draft) == {"words", "name", "phone", "consent", "when", "site"}


@pytest.mark.parametrize(
    ("begins", "ends"),
    [(2 * HOUR, HOUR), (-3 * HOUR, -HOUR), (timedelta(days=40), timedelta(days=41)), (HOUR, timedelta(days=9)), (None, None)],
    ids=["backwards", "past", "too far ahead", "too long", "missing"],
)
def test_a_window_that_cannot_be_is_refused(session, begins, ends):
    _, _, station = a_county(session)
    window = {"begins": NOON + begins, "ends": NOON + ends} if begins is not None else {}
    assert wrong_fields(session, a_draft(station, when=WhenKind.WINDOW, **window)) == {"when"}


def test_the_pin_wins_and_far_pins_are_refused(session):
    _, branch, near = a_county(session)
    there = a_site(session, branch, latitude=31.20, longitude=120.70)
    pin = Point(31.201, 120.701)
    order = place_order(session, NOBODY, a_draft(near, point=pin), at=NOON)
    assert (order.site, order.latitude, order.longitude) == (there, *pin)
    assert wrong_fields(session, a_draft(near, point=Point(39.9, 116.4))) == {"point"}


def test_an_address_alone_is_enough_when_it_names_a_village(session):
    _, branch, _ = a_county(session)
    village = a_site(session, branch, name="鲈乡二村", latitude=31.17)
    order = place_order(session, NOBODY, a_draft(address="松陵 鲈乡二村 3幢201室"), at=NOON)
    assert (order.site, order.latitude) == (village, 31.17)
    assert wrong_fields(session, a_draft(address="月亮上")) == {"site"}


def test_the_services_own_questions_are_asked_and_kept(session):
    centre, _, station = a_county(session)
    item = an_item(session, centre)
    for position, (code, kind, required) in enumerate(
        (("lamp", QuestionKind.CHOICE, True), ("floor", QuestionKind.NUMBER, False))
    ):
        choices = [{"value": "tube", "name": "灯管", "name_en": "Tube"}] if kind is QuestionKind.CHOICE else []
        item.questions.append(Question(code=code, kind=kind, name=code, choices=choices, required=required, position=position))
    session.flush()
    assert wrong_fields(session, a_draft(station, item=item.code)) == {"answers.lamp"}
    bad = {"lamp": "candle", "floor": "up"}
    assert wrong_fields(session, a_draft(station, item=item.code, answers=bad)) == {"answers.lamp", "answers.floor"}
    order = place_order(session, NOBODY, a_draft(station, item=item.code, answers={"lamp": "tube", "x": "y"}), at=NOON)
    assert order.answers == [{"code": "lamp", "value": "tube"}]


def test_the_resident_gets_number_and_code_by_sms_and_the_desk_hears_of_it(session):
    _, _, station = a_county(session)
    clerk = staff(session, Role.CLERK, station)
    order = place_order(session, NOBODY, a_draft(station), at=NOON)
    told = session.scalars(select(Message).where(Message.about == f"order:{order.id}")).all()
    assert {(m.channel, m.template, m.person_id) for m in told} == {
        (Channel.SMS, "order_placed", order.resident_id),
        (Channel.IN_APP, "order_arrived", clerk.user_id),
    }
    assert all(order.code not in str(m.params) for m in told)


def test_free_words_become_a_service_before_they_go_on(session):
    centre, branch, station = a_county(session)
    clerk, item = staff(session, Role.CLERK, branch), an_item(session, centre)
    order = place_order(session, NOBODY, a_draft(station), at=NOON)
    with pytest.raises(Invalid):
        verify_order(session, clerk, order.id, at=NOON)
    verify_order(session, clerk, order.id, item_id=item.id, urgent=True, at=NOON)
    verify_order(session, clerk, order.id, item_id=item.id, at=NOON + HOUR)
    assert (order.status, order.item, order.urgent, order.verified_at) == (Status.VERIFIED, item, True, NOON)
    assert [event.what for event in order.events] == ["place", "verify"]


def test_a_rejection_has_a_reason_that_the_resident_reads(session):
    _, branch, station = a_county(session)
    clerk = staff(session, Role.CLERK, branch)
    order = place_order(session, NOBODY, a_draft(station), at=NOON)
    with pytest.raises(Invalid):
        reject_order(session, clerk, order.id, "  ", at=NOON)
    reject_order(session, clerk, order.id, "请找物业", at=NOON)
    assert (order.status, order.reason, order.due_at) == (Status.REJECTED, "请找物业", None)
    with pytest.raises(Conflict):
        verify_order(session, clerk, order.id, at=NOON)


def test_verifying_is_for_the_staff_of_that_place(session):
    centre, _, station = a_county(session)
    order = place_order(session, NOBODY, a_draft(station), at=NOON)
    with pytest.raises(NotFound):
        verify_order(session, staff(session, Role.CLERK, a_site(session, centre)), order.id, at=NOON)
    with pytest.raises(Forbidden):
        verify_order(session, staff(session, Role.DIRECTOR, centre), order.id, at=NOON)
