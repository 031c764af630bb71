"""/join page by page, and the pages of volunteers and leaders."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from tests.support import builders as make
from tests.support.visiting import signed_in
from volunteer.access import Role
from volunteer.accounts.models import RoleGrant
from volunteer.kernel.clock import now
from volunteer.kernel.db import db
from volunteer.messaging.models import Message
from volunteer.teams.models import Volunteer
from volunteer.web.unit import transaction


@pytest.fixture
def station(app: Flask) -> int:
    app.config["WTF_CSRF_ENABLED"] = False
    with app.app_context(), transaction() as session:
        return make.a_county(session)[2].id


def code_of(app: Flask) -> str:
    """The digits that went to the phone, read where the sender would read them."""
    import json

    with app.app_context():
        row = db.session.scalars(select(Message).where(Message.template == "join_code").order_by(Message.id.desc())).first()
        keyring = app.extensions["keyring"]
        return json.loads(keyring.unseal(row.sealed, f"messages.sealed:{row.uid}"))["secret"]["code"]


def proved(app: Flask, client, phone: str = "13800000071") -> str:
    assert client.post("/join/code", data={"phone": phone}).status_code == 200
    page = client.post("/join/phone", data={"phone": phone, "code": code_of(app)})
    return re.search(r'name="proof" value="([^"]+)"', page.text)[1]


def form(station: int, proof: str, **more) -> dict[str, str]:
    return {"proof": proof, "name": "陈小试", "born_on": "1990-01-02", "site": str(station), "consent": "yes"} | more


def test_a_phone_a_code_and_one_form_make_a_volunteer_who_is_logged_in(app, client, station):
    answer = client.post("/join", data=form(station, proved(app, client), week=["0-morning"]))
    assert (answer.status_code, answer.headers["Location"]) == (303, "/me/profile")
    page = client.get("/me/profile").text
    assert re.search(r"V\d{3}-\d{4}-\d", page)
    assert 'value="0-morning" checked' in client.get("/me/profile/times").text
    assert client.post("/join", data=form(station, "x")).headers["Location"] == "/me/profile"  # the second of two taps


def test_a_wrong_code_a_stale_proof_and_an_empty_form_say_so_with_everything_kept(app, client, station):
    assert client.post("/join/phone", data={"phone": "13800000071", "code": "000000"}).status_code == 422
    assert client.post("/join", data=form(station, "forged")).status_code == 422
    page = client.post("/join", data={"proof": proved(app, client), "name": "陈小试"})
    assert page.status_code == 422
    assert 'value="陈小试"' in page.text


def test_whoever_is_registered_already_is_led_to_the_log_in(app, client, station):
    client.post("/join", data=form(station, proved(app, client)))
    other = app.test_client()
    page = other.post("/join", data=form(station, proved(app, other)))
    assert page.status_code == 409
    assert "/login/code" in page.text


@pytest.mark.parametrize("phone", ["", "12345", "1" * 400, "１３８", "<script>"])
def test_odd_phones_are_refused_in_words(app, client, station, phone):
    assert client.post("/join/code", data={"phone": phone}).status_code == 422


@pytest.mark.parametrize(
    ("path", "sent"),
    [
        ("/me/profile/days", {"first": "9999-12-31"}),
        ("/me/profile/days", {"first": "x"}),
        ("/me/profile/days", {"first": "2099-01-01", "last": "0001-01-01"}),
        ("/me/profile/pause", {"until": "9999-12-31"}),
        ("/me/profile/pause", {}),
        ("/me/profile/wishes", {"reach_km": "nan"}),
        ("/me/profile/wishes", {"reach_km": "1e308"}),
        ("/me/profile", {"locale": "zh_Hans", "site": "99999999999999999999"}),
        ("/me/profile/papers", {"once": "a", "kind": "licence", "until": "2000-01-01"}),
        ("/me/profile/papers", {"once": "a", "kind": "passport"}),
        ("/teams/apply", {"once": "a", "name": "x" * 500, "reach_km": "-1", "capacity": "x"}),
    ],
)
def test_odd_input_is_422_with_words_never_an_error(app, client, station, path, sent):
    client.post("/join", data=form(station, proved(app, client)))
    assert client.post(path, data=sent).status_code == 422


def test_the_public_page_of_a_team_names_nobody(app, client, station):
    with app.app_context(), transaction() as session:
        team = make.a_team(session, session.get_one(make.Site, station))
        leader = make.leader_of(session, team)
        name, number, code, who = leader.name, session.get_one(Volunteer, leader.user_id).number, team.code, leader.user_id
    page = client.get(f"/teams/{code}").text
    assert name not in page
    assert number not in page
    assert name in signed_in(app, who).get(f"/teams/{code}/lead").text


def test_a_volunteer_page_masks_phone_and_number_and_the_look_is_written_down(app, client, station):
    with app.app_context(), transaction() as session:
        site = session.get_one(make.Site, station)
        volunteer = make.a_volunteer(session, site)
        volunteer.person.document = "11010519491231002X"
        admin = make.staff(session, Role.SITE_ADMIN, site).user_id
        phone, who = volunteer.person.phone, volunteer.id
    page = signed_in(app, admin).get(f"/manage/volunteers/{who}").text
    assert phone not in page
    assert "11010519491231002X" not in page
    assert "110*************2X" in page
    with app.app_context():
        from volunteer.audit.models import AuditEntry

        assert "volunteer_seen" in set(db.session.scalars(select(AuditEntry.action)))


def test_a_member_of_staff_is_not_let_in_by_phone_alone(app, client, station):
    with app.app_context(), transaction() as session:
        clerk = make.a_person(session, "陈小试", "13800000071")
        session.add(RoleGrant(person_id=clerk.id, role=Role.CLERK, site_id=station, since=now() - timedelta(days=9)))
        who = clerk.id
    client.post("/join", data=form(station, proved(app, client)))
    assert client.get("/desk").status_code in {302, 403}
    with app.app_context():
        assert db.session.get(Volunteer, who) is None
