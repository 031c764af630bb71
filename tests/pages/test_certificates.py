"""The volunteer's page, the certificate's form and file, and the page that checks one."""

from __future__ import annotations

import io
import re

import pypdf
import pytest
from flask import Flask

from tests.flows.test_certificates import serve
from tests.support import builders
from tests.support.visiting import register, send, signed_in
from volunteer.access import Role
from volunteer.accounts.models import RoleGrant
from volunteer.kernel.clock import now
from volunteer.kernel.db import db
from volunteer.ledger.models import Grade
from volunteer.orders.lifecycle import Status
from volunteer.web.unit import transaction


@pytest.fixture
def county(app: Flask):
    """Somebody with three services of different grades, and a neighbour who is no volunteer but asked for help."""
    with app.app_context(), transaction() as session:
        centre, _, station = builders.a_county(session)
        me = builders.a_volunteer(session, station, "陈晓禾")
        me.person.document = "32050119900101001X"
        session.add(RoleGrant(person_id=me.id, role=Role.VOLUNTEER, site_id=centre.id, since=builders.LONG_AGO))
        item = builders.an_item(session, centre)
        days = (now() - builders.NOON).days
        for back, grade in ((1, Grade.A), (9, Grade.C), (30, Grade.D)):
            serve(session, me, station, 60, days_ago=back - days, grade=grade, item=item)
        resident = builders.a_person(session, "李试")
        session.add(RoleGrant(person_id=resident.id, role=Role.RESIDENT, site_id=centre.id, since=builders.LONG_AGO))
        builders.an_order(session, station, item=item, status=Status.PLACED, resident=resident).secret = "a-secret-link"
        return {"me": me.id, "resident": resident.id, "station": station.name, "number": me.number}


@pytest.fixture
def me(app, county):
    return signed_in(app, county["me"])


def issue(client, **changed):
    form = {"period": "all", "grades": ["a", "c"], "locale": "zh_Hans"} | changed
    return send(client, "/me/certificate", form)


def number_of(answer):
    return re.search(r"made=(\d{13})", answer.headers["Location"])[1]


def test_my_page_shows_hours_grades_and_where_each_came_from(me, county):
    page = me.get("/me").get_data(as_text=True)
    assert "3 小时" in page
    assert page.count('class="entry"') == 3
    assert page.count('<rect class="week') == 52
    assert "换灯管" in page
    assert county["station"] in page
    assert page.count("seal-fold") == 3


def test_my_page_speaks_english(me):
    send(me, "/language", {"locale": "en"})
    page = me.get("/me").get_data(as_text=True)
    assert "Replace a lamp" in page
    assert "3 h" in page


def test_a_resident_finds_what_they_asked_for(app, county):
    page = signed_in(app, county["resident"]).get("/me").get_data(as_text=True)
    assert "/o/a-secret-link" in page
    assert "换灯管" in page


def test_somebody_without_hours_is_told_what_comes_next(app, county):
    page = signed_in(app, register(app, "fresh", Role.VOLUNTEER)).get("/me")
    assert page.status_code == 200
    assert "empty" in page.get_data(as_text=True)


def test_a_certificate_is_issued_downloaded_and_checked_by_a_stranger(app, me):
    answer = issue(me)
    assert answer.status_code == 303
    number = number_of(answer)
    assert f"/me/certificates/{number}.pdf" in me.get("/me/certificate").get_data(as_text=True)

    file = me.get(f"/me/certificates/{number}.pdf")
    assert file.mimetype == "application/pdf"
    assert number in file.headers["Content-Disposition"]
    text = "".join("".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(file.data)).pages).split())
    assert "累计2小时" in text
    assert me.get(f"/me/certificates/{number}.pdf").data == file.data

    seen = app.test_client().get(f"/verify/{number}")
    page = seen.get_data(as_text=True)
    assert seen.status_code == 200
    assert "verdict-ok" in page
    assert "陈*禾" in page
    assert "陈晓禾" not in page
    assert "3205************1X" in page
    assert "2 小时" in page


def test_what_is_not_yours_is_not_there(app, me, county):
    number = number_of(issue(me))
    other = signed_in(app, register(app, "other", Role.VOLUNTEER))
    assert other.get(f"/me/certificates/{number}.pdf").status_code == 404
    assert send(other, f"/me/certificates/{number}/replace").status_code == 404
    assert issue(other).status_code == 404
    assert app.test_client().get(f"/me/certificates/{number}.pdf").status_code == 302  # asked to sign in
    assert signed_in(app, county["resident"]).get("/me/certificate").status_code == 403


@pytest.mark.parametrize(
    ("wrong", "status", "field"),
    [
        ({"period": "own"}, 422, "e-first"),
        ({"period": "own", "first": "2026-01-02", "last": "2026-01-01"}, 422, "e-first"),
        ({"period": "own", "first": "2026-01-01", "last": "2999-01-01"}, 422, "e-last"),
        ({"period": "own", "first": "2026-02-30", "last": "2026-03-01"}, 422, "e-first"),
        ({"period": "century"}, 422, "e-period"),
        ({"grades": []}, 422, "e-grades"),
        ({"grades": ["z"]}, 422, "field-wrong"),
        ({"locale": "fr"}, 422, "e-locale"),
        ({"period": "own", "first": "2001-01-01", "last": "2001-12-31"}, 409, "e-period"),
    ],
    ids=str,
)
def test_a_slip_is_said_beside_its_field_and_nothing_is_lost(me, wrong, status, field):
    answer = issue(me, **wrong)
    assert answer.status_code == status
    page = answer.get_data(as_text=True)
    assert field in page
    if "first" in wrong:
        assert wrong["first"] in page


def test_a_name_that_cannot_be_printed_is_said_in_words(app, me, county):
    with app.app_context(), transaction() as session:
        session.get_one(builders.Person, county["me"]).name = "𠮷田"
    answer = issue(me)
    assert answer.status_code == 422
    assert "𠮷" in answer.get_data(as_text=True)


def test_replaced_and_revoked_are_said_to_everybody(app, me, county):
    old = number_of(issue(me))
    assert send(me, f"/me/certificates/{old}/replace").status_code == 409  # nothing has changed
    with app.app_context(), transaction() as session:
        session.get_one(builders.Person, county["me"]).name = "陈小禾"
    new = number_of(send(me, f"/me/certificates/{old}/replace"))
    assert "verdict-soon" in app.test_client().get(f"/verify/{old}").get_data(as_text=True)
    assert me.get(f"/me/certificates/{old}.pdf").status_code == 409

    director = signed_in(app, register(app, "director", Role.DIRECTOR))
    assert "/revoke" in director.get(f"/verify/{new}").get_data(as_text=True)
    assert "/revoke" not in app.test_client().get(f"/verify/{new}").get_data(as_text=True)
    assert send(director, f"/verify/{new}/revoke", {"reason": ""}).status_code == 422
    assert send(director, f"/verify/{new}/revoke", {"reason": "重复计时"}).status_code == 303
    page = app.test_client().get(f"/verify/{new}").get_data(as_text=True)
    assert "verdict-late" in page
    assert "重复计时" in page
    mine = me.get("/me/certificate").get_data(as_text=True)
    assert "重复计时" in mine
    assert ".pdf" not in mine


def test_a_number_may_be_typed_as_it_stands_on_paper(client, app, me):
    number = number_of(issue(me))
    grouped = f"{number[:4]} {number[4:8]} {number[8:12]} {number[12:]}"
    assert client.get("/verify", query_string={"number": grouped}).headers["Location"] == f"/verify/{number}"
    assert client.get(f"/verify/{grouped}").status_code == 200


def test_an_unknown_number_and_a_slip_are_told_apart(client):
    assert client.get("/verify").status_code == 200
    slip = client.get("/verify", query_string={"number": "2611 0058 3127 5"})
    assert slip.status_code == 422
    assert "e-number" in slip.get_data(as_text=True)
    unknown = client.get("/verify/2611005831274")
    assert unknown.status_code == 404
    assert "verdict-late" in unknown.get_data(as_text=True)


def test_checking_is_throttled(sqlite):
    from tests.conftest import running
    from volunteer.web.throttle import VERIFY_ADDRESS

    for app in running(sqlite, throttle=True):
        client = app.test_client()
        answers = [client.get("/verify/2611005831274").status_code for _ in range(VERIFY_ADDRESS.times + 1)]
    assert answers[-2:] == [404, 429]


def test_whoever_answers_for_the_unit_takes_an_entry_back(app, me, county):
    admin = signed_in(app, register(app, "admin", Role.SITE_ADMIN))
    assert admin.get("/hours").status_code == 200
    assert admin.get("/hours", query_string={"number": "WJ-9999"}).status_code == 404
    page = admin.get("/hours", query_string={"number": county["number"]}).get_data(as_text=True)
    assert "陈晓禾" in page
    path = re.search(r"/hours/\d+/take-back", page)[0]
    assert send(admin, path, {"number": county["number"], "note": ""}).status_code == 422
    answer = send(admin, path, {"number": county["number"], "note": "重复计时"})
    assert answer.headers["Location"] == f"/hours?number={county['number']}"
    page = me.get("/me").get_data(as_text=True)
    assert "重复计时" in page
    assert "2 小时" in page
    assert me.get("/hours").status_code == 403


def test_pages_are_read_with_few_questions_to_the_database(app, me):
    from sqlalchemy import event

    seen: list[str] = []
    with app.app_context():
        engine = db.engine
    listen = lambda *args: seen.append(args[2])  # noqa: E731
    me.get("/me")  # what is read once in each process
    event.listen(engine, "before_cursor_execute", listen)
    me.get("/me")
    event.remove(engine, "before_cursor_execute", listen)
    assert len(seen) <= 17
