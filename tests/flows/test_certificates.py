"""证明: from the ledger's entries to frozen facts that only their owner can ask for."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from tests.support.builders import NOON, a_county, a_site, a_volunteer, an_actor, an_item, an_order, staff
from volunteer.access import Role
from volunteer.attendance.models import Attendance, Method
from volunteer.audit.models import AuditEntry
from volunteer.certificates import issuing, queries, signatures
from volunteer.certificates.models import Certificate, Standing
from volunteer.certificates.render import render
from volunteer.certificates.rules import CertificateDraft, public_facts, tidy_number
from volunteer.certificates.statement import digest
from volunteer.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from volunteer.ledger import book
from volunteer.ledger.models import Grade, Transfer, Unit
from volunteer.ledger.rules import issued_by, person
from volunteer.orders.lifecycle import Status

TODAY = date(2026, 3, 4)
ALL = frozenset(Grade) - {Grade.D}  # what a centre certifies unless it says otherwise


def a_draft(**changed):
    given = {"first": date(2025, 3, 5), "last": TODAY, "grades": ALL, "locale": "zh_Hans"}
    return CertificateDraft(**{**given, **changed})


def serve(session, volunteer, site, minutes=90, *, days_ago=3, grade=Grade.A, item=None, turn=""):
    """An order served, recorded and booked, as orders/serving does it."""
    order = an_order(session, site, item=item, status=Status.CLOSED)
    came = NOON - timedelta(days=days_ago)
    session.add(
        Attendance(
            about=f"order:{order.id}{turn}", volunteer_id=volunteer.id, came_at=came, came_by=Method.CODE,
            left_at=came + timedelta(minutes=minutes), left_by=Method.CODE, grade=grade, minutes=minutes,
        )
    )  # fmt: skip
    return book.move(
        session, Unit.MINUTES, minutes, source=issued_by(site.id, Unit.MINUTES), target=person(volunteer.id), reason="service",
        key=f"order:{order.id}:minutes:{volunteer.id}{turn}", about=f"order:{order.id}", day=came.date(), grade=grade, at=NOON,
    )  # fmt: skip


@pytest.fixture
def county(session):
    return a_county(session)


@pytest.fixture
def me(session, county):
    volunteer = a_volunteer(session, county[2], "陈晓禾")
    volunteer.person.document = "32050119900101001X"
    return volunteer


@pytest.fixture
def actor(me, county):
    return an_actor(me.person, (Role.VOLUNTEER, county[0]))


def test_it_freezes_what_the_ledger_says(session, county, me, actor):
    centre, _, station = county
    serve(session, me, station, 90, item=an_item(session, centre))
    serve(session, me, station, 45, item=an_item(session, centre, name="修水管"), grade=Grade.C)
    made = issuing.issue(session, actor, me.id, a_draft(), at=NOON)
    facts = made.facts
    assert (facts["times"], facts["minutes"], facts["issued"]) == (2, 135, "2026-03-04")
    assert facts["holder"] == {"name": "陈晓禾", "document": "3205************1X", "number": me.number}
    assert facts["services"] == [
        {"service": ["水电维修", "Repairs"], "times": 2, "minutes": 135, "grades": [["a", 90], ["c", 45]]}
    ]
    assert facts["unit"] == [station.name, station.name_en]
    assert (facts["in_charge"], made.site_id) == ("沈明", station.id)
    assert tidy_number(made.number) == made.number
    assert made.number.startswith("2603")
    assert made.digest == digest(facts)
    assert render(facts, "http://127.0.0.1:8000").startswith(b"%PDF")


def test_facts_come_back_from_the_database_as_they_were_frozen(session, county, me, actor):
    serve(session, me, county[2])
    made = issuing.issue(session, actor, me.id, a_draft(), at=NOON)
    session.expire(made)
    assert digest(made.facts) == made.digest


def test_what_several_units_recorded_is_certified_above_them(session, county, me, actor):
    centre, branch, station = county
    serve(session, me, station)
    serve(session, me, a_site(session, branch))
    assert issuing.issue(session, actor, me.id, a_draft(), at=NOON).site_id == branch.id
    serve(session, me, a_site(session, a_site(session, centre)))
    assert issuing.issue(session, actor, me.id, a_draft(), at=NOON).site_id == centre.id


def test_period_and_grades_choose(session, county, me, actor):
    serve(session, me, county[2], 30, days_ago=20)
    serve(session, me, county[2], 40, days_ago=2, grade=Grade.D)
    serve(session, me, county[2], 50, days_ago=1)
    last_week = a_draft(first=TODAY - timedelta(days=7), grades=frozenset({Grade.A}))
    assert issuing.issue(session, actor, me.id, last_week, at=NOON).facts["minutes"] == 50


def test_what_was_taken_back_does_not_count(session, county, me, actor):
    wrong = serve(session, me, county[2], 300)
    serve(session, me, county[2], 60)
    book.reverse(session, wrong, note="wrong person", at=NOON)
    assert issuing.issue(session, actor, me.id, a_draft(), at=NOON).facts["minutes"] == 60


def test_nothing_is_certified_where_nothing_was_done(session, me, actor):
    with pytest.raises(Conflict, match="no recorded hours"):
        issuing.issue(session, actor, me.id, a_draft(), at=NOON)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"first": TODAY, "last": TODAY - timedelta(days=1)}, "first"),
        ({"last": TODAY + timedelta(days=1)}, "last"),
        ({"grades": frozenset()}, "grades"),
        ({"locale": "fr"}, "locale"),
    ],
)
def test_what_cannot_be_is_refused_beside_its_field(session, me, actor, wrong, field):
    with pytest.raises(Invalid) as refusal:
        issuing.issue(session, actor, me.id, a_draft(**wrong), at=NOON)
    assert list(refusal.value.fields) == [field]


def test_a_name_that_cannot_be_printed_is_refused(session, county, me, actor):
    serve(session, me, county[2])
    me.person.name = "𠮷田"
    with pytest.raises(Invalid) as refusal:
        issuing.issue(session, actor, me.id, a_draft(), at=NOON)
    assert refusal.value.context == {"characters": "𠮷"}


def test_asking_twice_gives_one_certificate(session, county, me, actor):
    serve(session, me, county[2])
    first = issuing.issue(session, actor, me.id, a_draft(), at=NOON)
    assert issuing.issue(session, actor, me.id, a_draft(), at=NOON + timedelta(minutes=1)) is first
    assert issuing.issue(session, actor, me.id, a_draft(locale="en"), at=NOON) is not first


def test_nobody_gets_the_certificate_of_somebody_else(session, county, me, actor):
    serve(session, me, county[2])
    number = issuing.issue(session, actor, me.id, a_draft(), at=NOON).number
    other = a_volunteer(session, county[2], "王试")
    stranger = an_actor(other.person, (Role.VOLUNTEER, county[0]))
    for ask in (
        lambda: issuing.issue(session, stranger, me.id, a_draft(), at=NOON),
        lambda: issuing.replace(session, stranger, number, at=NOON),
        lambda: queries.own(session, stranger.user_id, number),
        lambda: queries.own(session, None, number),
        lambda: issuing.revoke(session, stranger, "2603000000000", "why not", at=NOON),
    ):
        with pytest.raises(NotFound):
            ask()


def test_a_certificate_is_replaced_and_says_by_which(session, county, me, actor):
    serve(session, me, county[2], 60)
    old = issuing.issue(session, actor, me.id, a_draft(), at=NOON)
    with pytest.raises(Conflict, match="Nothing has changed"):
        issuing.replace(session, actor, old.number, at=NOON)
    serve(session, me, county[2], 30)
    new = issuing.replace(session, actor, old.number, at=NOON)
    assert (old.standing, old.replaced_by, new.standing) == (Standing.REPLACED, new, Standing.VALID)
    assert (old.facts["minutes"], new.facts["minutes"]) == (60, 90)
    with pytest.raises(Conflict, match="no longer valid"):
        issuing.replace(session, actor, old.number, at=NOON)


def test_the_unit_revokes_with_a_reason(session, county, me, actor):
    serve(session, me, county[2])
    made = issuing.issue(session, actor, me.id, a_draft(), at=NOON)
    admin = staff(session, Role.SITE_ADMIN, county[0])
    with pytest.raises(Invalid):
        issuing.revoke(session, admin, made.number, " ", at=NOON)
    issuing.revoke(session, admin, made.number, "重复计时", at=NOON)
    issuing.revoke(session, admin, made.number, "again", at=NOON + timedelta(days=1))
    assert (made.standing, made.revoked_reason, made.revoked_at) == (Standing.REVOKED, "重复计时", NOON)


def test_only_the_unit_or_one_above_it_revokes(session, county, me, actor):
    serve(session, me, county[2])
    made = issuing.issue(session, actor, me.id, a_draft(), at=NOON)
    elsewhere = staff(session, Role.SITE_ADMIN, a_site(session))
    with pytest.raises(NotFound):
        issuing.revoke(session, elsewhere, made.number, "重复计时", at=NOON)
    with pytest.raises(Forbidden):
        issuing.revoke(session, staff(session, Role.CLERK, county[1]), made.number, "重复计时", at=NOON)


def test_each_act_is_in_the_audit_log_without_names(session, county, me, actor):
    serve(session, me, county[2])
    made = issuing.issue(session, actor, me.id, a_draft(), at=NOON)
    issuing.revoke(session, staff(session, Role.SITE_ADMIN, county[0]), made.number, "重复计时", at=NOON)
    rows = session.scalars(select(AuditEntry).where(AuditEntry.subject == f"certificate:{made.number}").order_by(AuditEntry.id))
    assert [row.action for row in rows] == ["certificate_issued", "certificate_revoked"]


@pytest.mark.parametrize("change", ["number = '1'", "facts = '{}'", "digest = ''", "volunteer_id = 0", "issued_at = NULL"])
def test_the_database_refuses_to_edit_one(session, county, me, actor, change):
    serve(session, me, county[2])
    issuing.issue(session, actor, me.id, a_draft(), at=NOON)
    session.flush()  # the statement below is plain SQL
    with pytest.raises(DBAPIError, match=r"never edited|append-only"), session.begin_nested():
        session.execute(text(f"UPDATE certificates SET {change}"))


def test_services_say_where_each_minute_came_from(session, county, me):
    serve(session, me, county[2], 60, days_ago=9, turn="")
    serve(session, me, county[2], 30, days_ago=2, turn=":2")
    newest, oldest = queries.services_of(session, me.id)
    assert (newest.day, oldest.day) == (date(2026, 3, 2), date(2026, 2, 23))
    assert newest.came_by is Method.CODE
    assert newest.left_at - newest.came_at == timedelta(minutes=30)
    assert newest.entry.unit == (county[2].name, county[2].name_en)
    assert oldest.order_number


def test_minutes_from_elsewhere_are_counted_as_other_service(session, county, me):
    book.move(
        session, Unit.MINUTES, 15, source=issued_by(county[0].id, Unit.MINUTES), target=person(me.id), reason="shift",
        key="shift:5:1", about="shift:5", at=NOON,
    )  # fmt: skip
    (service,) = queries.services_of(session, me.id)
    assert (service.entry.service[1], service.entry.grade, service.day) == ("Other volunteer service", "d", TODAY)


def test_reading_a_hundred_services_takes_as_many_queries_as_reading_one(session, county, me):
    from sqlalchemy import event

    def count():
        seen = []
        listen = lambda *_: seen.append(1)  # noqa: E731
        session.expire_all()
        event.listen(session.get_bind(), "before_cursor_execute", listen)
        queries.services_of(session, me.id)
        event.remove(session.get_bind(), "before_cursor_execute", listen)
        return len(seen)

    item = an_item(session, county[0])
    serve(session, me, county[2], item=item)
    session.flush()  # nothing is left to write while we count
    few = count()
    for _ in range(20):
        serve(session, me, county[2], item=item)
    session.flush()  # nothing is left to write while we count
    assert count() == few <= 7


def test_anybody_sees_the_facts_masked(session, county, me, actor):
    serve(session, me, county[2])
    shown = public_facts(issuing.issue(session, actor, me.id, a_draft(), at=NOON).facts)
    assert shown["holder"]["name"] == "陈*禾"
    assert "entries" not in shown
    assert shown["minutes"] == 90
    assert "陈晓禾" not in str(shown)


def test_the_verbs_leave_no_trace_when_refused(session, me, actor):
    with pytest.raises(Conflict):
        issuing.issue(session, actor, me.id, a_draft(), at=NOON)
    assert session.scalars(select(Certificate)).all() == []
    assert session.scalars(select(Transfer)).all() == []


@pytest.mark.parametrize("change", ["UPDATE certificate_signatures SET text = ''", "DELETE FROM certificate_signatures"])
def test_what_was_signed_is_never_rewritten(session, county, me, actor, change):
    serve(session, me, county[2])
    issuing.issue(session, actor, me.id, a_draft(), at=NOON)
    session.flush()  # the statement below is plain SQL
    with pytest.raises(DBAPIError, match=r"append-only"), session.begin_nested():
        session.execute(text(change))


def test_it_is_signed_when_it_is_issued_and_says_what_the_paper_says(session, county, me, actor):
    serve(session, me, county[2], 75)
    made = issuing.issue(session, actor, me.id, a_draft(), at=NOON)
    said = signatures.believed(session, signatures.of(session, made.id).text, at=NOON)
    assert (said.claims.number, said.claims.minutes, said.claims.digest) == (made.number, 75, made.digest)
    assert said.claims.document == "3205*1X"
    assert signatures.sign(session, made, at=NOON + timedelta(days=1)).text == signatures.of(session, made.id).text
