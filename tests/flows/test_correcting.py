"""冲正: who may take minutes back, and what is left behind."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from tests.flows.test_certificates import serve
from tests.support.builders import NOON, a_county, a_site, a_volunteer, an_actor, staff
from volunteer.access import Role
from volunteer.audit.models import AuditEntry
from volunteer.certificates import looking
from volunteer.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from volunteer.ledger import book, correcting, queries, verify
from volunteer.ledger.models import Unit
from volunteer.ledger.rules import person, person_of, site_of
from volunteer.messaging.models import Message


@pytest.fixture
def county(session):
    return a_county(session)


@pytest.fixture
def me(session, county):
    return a_volunteer(session, county[2], "陈晓禾")


def test_minutes_are_taken_back_and_the_volunteer_is_told_why(session, county, me):
    booked = serve(session, me, county[2], 90)
    admin = staff(session, Role.SITE_ADMIN, county[1])
    correcting.take_back(session, admin, booked.id, "重复计时", at=NOON)
    correcting.take_back(session, admin, booked.id, "重复计时", at=NOON.replace(hour=5))  # a second tap
    session.flush()  # the rows are counted below
    assert queries.balance(session, person(me.id), Unit.MINUTES) == 0
    assert [one.note for one in queries.taken_back(session, person(me.id), Unit.MINUTES)] == ["重复计时"]
    (told,) = session.scalars(select(Message).where(Message.person_id == me.id, Message.template == "hours_taken_back"))
    assert told.params == {"minutes": 90, "reason": "重复计时"}
    acts = session.scalars(select(AuditEntry.action).where(AuditEntry.subject == f"transfer:{booked.id}")).all()
    assert acts == ["hours_taken_back"]
    assert verify.findings(session) == []


def test_a_reason_is_wanted(session, county, me):
    booked = serve(session, me, county[2])
    with pytest.raises(Invalid):
        correcting.take_back(session, staff(session, Role.SITE_ADMIN, county[0]), booked.id, " ", at=NOON)


def test_nobody_changes_their_own_hours(session, county, me):
    booked = serve(session, me, county[2])
    with pytest.raises(Conflict, match="own hours"):
        correcting.take_back(session, an_actor(me.person, (Role.SITE_ADMIN, county[0])), booked.id, "重复计时", at=NOON)


def test_only_those_who_answer_for_the_unit_may(session, county, me):
    booked = serve(session, me, county[2])
    with pytest.raises(NotFound):
        correcting.take_back(session, staff(session, Role.SITE_ADMIN, a_site(session)), booked.id, "重复计时", at=NOON)
    with pytest.raises(Forbidden):
        correcting.take_back(session, staff(session, Role.CLERK, county[1]), booked.id, "重复计时", at=NOON)


def test_what_is_no_booking_of_a_site_does_not_exist_here(session, county, me):
    serve(session, me, county[2], 60)
    other = a_volunteer(session, county[2], "王试")
    gift = book.move(
        session, Unit.MINUTES, 10, source=person(me.id), target=person(other.id), reason="gift", key="gift:1", at=NOON
    )
    for number in (gift.id, 10**9):
        with pytest.raises(NotFound):
            correcting.take_back(session, staff(session, Role.SITE_ADMIN, county[0]), number, "重复计时", at=NOON)


def test_looking_at_somebodys_hours_is_written_down_and_bound_to_a_place(session, county, me):
    serve(session, me, county[2], 60)
    volunteer, services = looking.look_at_hours(session, staff(session, Role.SITE_ADMIN, county[0]), me.number, at=NOON)
    assert (volunteer.id, len(services)) == (me.id, 1)
    assert session.scalars(select(AuditEntry.action).where(AuditEntry.subject == f"person:{me.id}")).all() == ["hours_seen"]
    for actor in (staff(session, Role.SITE_ADMIN, a_site(session)), staff(session, Role.CLERK, county[0])):
        with pytest.raises(NotFound):
            looking.look_at_hours(session, actor, me.number, at=NOON)


@pytest.mark.parametrize(
    ("owner", "site", "who"),
    [
        ("site:3:minutes-issued", 3, None),
        ("person:12", None, 12),
        ("merchant:1", None, None),
        ("site:x", None, None),
        ("", None, None),
    ],
)
def test_an_owner_says_whose_account_it_is(owner, site, who):
    assert (site_of(owner), person_of(owner)) == (site, who)
