"""The books in public: checkpoints and keys for anybody; statements, closing and keys for those who answer for them."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode

import pytest

from tests.support import builders as make
from tests.support.visiting import signed_in
from volunteer.access import SYSTEM, Role
from volunteer.kernel.clock import SHANGHAI, now
from volunteer.ledger import book, checkpoints, keys, rotating
from volunteer.ledger.models import Grade, Unit
from volunteer.ledger.models_keys import Purpose
from volunteer.ledger.rules import issued_by, person
from volunteer.web.unit import transaction


@pytest.fixture
def county(app):
    """Sixty entries of one volunteer, signed; an auditor and a county IT."""
    with app.app_context(), transaction() as session:
        centre, _, station = make.a_county(session)
        volunteer = make.a_volunteer(session, station, "王试")
        for number in range(60):
            book.move(
                session, Unit.MINUTES, 30, source=issued_by(station.id, Unit.MINUTES), target=person(volunteer.id), reason="service",
                key=f"order:{number}", about=f"order:{number}", grade=Grade.B, at=now(),
            )  # fmt: skip
        checkpoints.sign(session, day=now().date(), at=now())
        people = {role: make.staff(session, role, centre).user_id for role in (Role.AUDITOR, Role.COUNTY_IT)}
        return {"number": volunteer.number, "site": station.code, **people}


def test_anybody_reads_checkpoints_and_checks_them_with_the_published_key(client, county):
    page = client.get("/books")
    assert page.status_code == 200
    (said,) = client.get("/books.json").json["checkpoints"]
    assert json.loads(said["checkpoint"])["root"] in page.text
    (key,) = [key for key in client.get("/keys.json").json["keys"] if key["purpose"] == "ledger"]
    public = urlsafe_b64decode(key["x"] + "=")
    assert keys.holds(public, bytes.fromhex(said["signature"]), said["checkpoint"].encode())
    assert public.hex() in client.get("/keys").text
    assert len(client.get("/books/checkpoints/1.json").json["blocks"]) == 1
    for nothing in ("/books/checkpoints/2.json", f"/books/checkpoints/{10**12}.json"):
        assert client.get(nothing).status_code == 404
    for odd in ("?before=0", "?before=-5", f"?before={10**15}", "?before=x"):
        assert client.get(f"/books{odd}").status_code == 200


def test_an_auditor_reads_a_statement_page_by_page_and_takes_it_away(app, county):
    client = signed_in(app, county[Role.AUDITOR])
    here = f"/books/statement?of=person&code={county['number']}"
    page = client.get(here)
    assert "王试" in page.text
    assert page.text.count("order:") == 50
    following = page.text.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    assert client.get(following).text.count("order:") == 10
    token = page.text.split('name="csrf_token" value="')[1].split('"')[0]
    file = client.post("/books/statement.csv", data={"csrf_token": token, "of": "site", "code": county["site"]})
    assert file.text.count("order:") == 60
    assert client.get("/books/closing").status_code == 200
    seen = client.get("/audit").text
    assert "查看了某人的账户明细" in seen
    for odd, answer in (
        ("?of=x&code=1", 422), ("?code=1&begins=2026-02-31", 422), ("?code=1&begins=2026-02-03&ends=2026-02-01", 422),
        ("?code=nobody", 404), (f"?code={'9' * 500}", 404), ("?code=1&unit=x", 422), (f"{here[16:]}&before={10**12}", 200),
    ):  # fmt: skip
        assert client.get(f"/books/statement{odd}").status_code == answer, odd


def test_a_key_that_leaked_is_revoked_by_the_second_person_on_the_page(app, county):
    it, auditor = signed_in(app, county[Role.COUNTY_IT]), signed_in(app, county[Role.AUDITOR])
    page = it.get("/manage/keys").text
    token, kid = page.split('name="csrf_token" value="')[1].split('"')[0], it.get("/keys.json").json["keys"][0]["kid"]
    since = f"{now().astimezone(SHANGHAI):%Y-%m-%dT%H:%M}"
    form = {"csrf_token": token, "kid": kid, "since": since, "why": "leaked", "reason": "备份盘丢了"}
    for wrong in ({"why": "x"}, {"since": "gestern"}, {"reason": ""}, {"since": "2090-01-01T00:00"}):
        assert it.post("/manage/keys/revoke", data=form | wrong).status_code == 422
    assert it.post("/manage/keys/revoke", data=form | {"kid": "0" * 16}).status_code == 404
    assert it.post("/manage/keys/revoke", data=form).status_code == 303
    assert it.post("/manage/keys/1/yes", data={"csrf_token": token}).status_code == 409
    page = auditor.get("/manage/keys").text
    assert kid in page
    token = page.split('name="csrf_token" value="')[1].split('"')[0]
    assert auditor.post("/manage/keys/1/yes", data={"csrf_token": token}).status_code == 303
    old, new = [key for key in it.get("/keys.json").json["keys"] if key["purpose"] == "ledger"]
    assert (old["revoked_why"], bool(old["revoked_from"]), new["revoked_from"]) == ("leaked", True, None)
    assert "别人拿到了" in app.test_client().get("/keys").text


def test_a_key_is_changed_by_the_second_person_on_the_page(app, county):
    it, auditor = signed_in(app, county[Role.COUNTY_IT]), signed_in(app, county[Role.AUDITOR])
    token = it.get("/manage/keys").text.split('name="csrf_token" value="')[1].split('"')[0]
    assert it.post("/manage/keys", data={"csrf_token": token, "purpose": "x", "reason": "why"}).status_code == 422
    assert it.post("/manage/keys", data={"csrf_token": token, "purpose": "ledger", "reason": ""}).status_code == 422
    assert it.post("/manage/keys", data={"csrf_token": token, "purpose": "ledger", "reason": "一年一换"}).status_code == 303
    assert it.post("/manage/keys/1/yes", data={"csrf_token": token}).status_code == 409
    token = auditor.get("/manage/keys").text.split('name="csrf_token" value="')[1].split('"')[0]
    assert auditor.post("/manage/keys/1/yes", data={"csrf_token": token}).status_code == 303
    found = [key for key in it.get("/keys.json").json["keys"] if key["purpose"] == "ledger"]
    assert [bool(key["ends"]) for key in found] == [True, False]
    with app.app_context(), transaction() as session:
        assert rotating.waiting(session, at=now()) == []
        assert rotating.ask(session, SYSTEM, Purpose.LEDGER, "again", at=now()).id == 2
