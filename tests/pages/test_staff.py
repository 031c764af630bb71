"""Looking after colleagues in a browser: inviting, roles, resets, and what an administrator is refused."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from tests.conftest import running
from tests.support.databases import Database
from tests.support.factors import code_now, log_in_with, switched_on
from tests.support.visiting import PASSWORD, log_in, register, send, signed_in, token
from volunteer.access import Role
from volunteer.accounts.models import Person, RoleGrant
from volunteer.accounts.models_entering import Invitation
from volunteer.kernel.clock import now
from volunteer.kernel.db import db
from volunteer.places.models import Site
from volunteer.web.idempotency import once

LINK = re.compile(r"http://[^\s<\"]+/(?:invited|reset)/[\w-]+")
NEW = {"name": "新来", "login_name": "xinlai", "new": "eight green kites", "again": "eight green kites", "agree": "yes"}


@pytest.fixture
def boss(app: Flask) -> FlaskClient:
    return signed_in(app, register(app, "boss", Role.SITE_ADMIN))


def invite(app: Flask, boss: FlaskClient, **more: str) -> TestResponse:
    with app.app_context():
        site = db.session.scalars(select(Site.id)).one()
    return send(boss, "/manage/people/invite", {"once": once(), "name": "新来的", "role": "clerk", "site": str(site)} | more)


def path_of(answer: TestResponse) -> str:
    (link,) = set(LINK.findall(answer.text))
    return "/" + link.split("/", 3)[3]


def test_an_invited_colleague_begins_work(app: Flask, boss: FlaskClient) -> None:
    shown = invite(app, boss)
    path = path_of(shown)
    newcomer = app.test_client()
    page = newcomer.get(path)
    assert "新来的" in page.text
    assert page.headers["Cache-Control"] == "no-store"
    assert send(newcomer, path, NEW).location == "/desk"
    assert newcomer.get("/desk").status_code == 200
    for used in (newcomer.get(path), send(app.test_client(), path, NEW | {"login_name": "other"})):
        assert used.status_code == 404
        assert "请要一个新的" in used.text
    assert "新来" in boss.get("/manage/people?q=xinlai").text


def test_the_link_is_shown_once_and_a_second_tap_makes_no_second_one(app: Flask, boss: FlaskClient) -> None:
    key = once()
    first, second = (invite(app, boss, once=key) for _ in range(2))
    assert LINK.search(first.text)
    assert second.status_code == 303
    assert not LINK.search(boss.get(second.location).text)
    with app.app_context():
        assert len(db.session.scalars(select(Invitation)).all()) == 1
    renewed = send(boss, f"{second.location}/renew")
    assert path_of(renewed) != path_of(first)
    assert app.test_client().get(path_of(first)).status_code == 404
    assert send(boss, f"{second.location}/withdraw").status_code == 303
    assert app.test_client().get(path_of(renewed)).status_code == 404


def test_what_is_wrong_is_said_beside_its_field(app: Flask, boss: FlaskClient) -> None:
    for wrong, words in (
        ({"name": ""}, "f-name"),
        ({"phone": "123"}, "11 位"),
        ({"role": "link"}, "e-role"),
        ({"site": "999"}, "e-site"),
        ({"site": str(10**30)}, "e-site"),
        ({"until": "2020-01-01"}, "e-until"),
        ({"until": "0001-01-01"}, "e-until"),
    ):
        answer = invite(app, boss, **wrong)
        assert answer.status_code == 422, wrong
        assert words in answer.text, wrong
    path = path_of(invite(app, boss))
    for wrong, words in (
        ({"agree": ""}, "e-agree"),
        ({"login_name": "新 来"}, "e-login_name"),
        ({"login_name": "boss"}, "已有人用"),
        ({"new": "short", "again": "short"}, "e-new"),
        ({"again": "another one"}, "e-again"),
    ):
        answer = send(app.test_client(), path, NEW | wrong)
        assert answer.status_code == 422, wrong
        assert words in answer.text, (wrong, answer.text[:3000])
        assert NEW["new"] not in answer.text
    assert send(app.test_client(), path, NEW).status_code == 303


def test_somebody_who_is_logged_in_takes_the_role_on(app: Flask, boss: FlaskClient) -> None:
    person = register(app, "chen", Role.VOLUNTEER)
    path = path_of(invite(app, boss, role="dispatcher"))
    browser = signed_in(app, person)
    assert "/join" in browser.get(path).text
    assert "/join" not in boss.get(path).text
    assert send(browser, f"{path}/join").location == "/login"
    assert browser.get("/me").status_code == 302
    assert log_in(browser, "chen").location == "/board"


def test_roles_are_given_changed_and_ended_from_the_page(app: Flask, boss: FlaskClient) -> None:
    person = register(app, "zhou", Role.CLERK)
    theirs, page = signed_in(app, person), f"/manage/people/{person}"
    with app.app_context():
        site, grant = db.session.scalars(select(Site.id)).one(), db.session.scalars(select(RoleGrant.id)).all()[-1]
    tomorrow = (now() + timedelta(days=1)).date().isoformat()
    assert send(boss, f"{page}/grants", {"role": "dispatcher", "site": str(site), "until": tomorrow}).location == page
    assert theirs.get("/desk").status_code == 302  # a change of rights asks for a new log-in
    assert "有期限" in boss.get(page).text
    assert send(boss, f"{page}/grants", {"role": "dispatcher", "site": str(site), "until": "2001-01-01"}).status_code == 422
    assert send(boss, f"{page}/grants/{grant}/until", {"until": "yesterday"}).status_code == 422
    assert send(boss, f"{page}/grants/{grant}/until", {"until": tomorrow}).location == page
    theirs = signed_in(app, person)
    assert send(boss, f"{page}/grants/{grant}/end").location == page
    assert theirs.get("/desk").status_code == 302
    assert "以前的角色" in boss.get(page).text
    assert send(boss, f"/manage/people/{person + 1}/grants/{grant}/end").status_code == 404


def test_nobody_changes_themselves(app: Flask) -> None:
    me = register(app, "boss", Role.SITE_ADMIN)
    browser = signed_in(app, me)
    with app.app_context():
        grant = db.session.scalars(select(RoleGrant.id).where(RoleGrant.person_id == me)).one()
    page = browser.get(f"/manage/people/{me}").text
    assert "您的角色要由别人来改" in page
    assert "/end" not in page
    for act in ("disable", "password-link", "second-factor/reset", f"grants/{grant}/end"):
        assert send(browser, f"/manage/people/{me}/{act}").status_code == 409
    assert browser.get("/manage/people").status_code == 200


def test_a_new_password_by_the_administrators_link(app: Flask, boss: FlaskClient) -> None:
    person = register(app, "zhou", Role.CLERK)
    answer = send(boss, f"/manage/people/{person}/password-link")
    path = path_of(answer)
    assert not LINK.search(boss.get(f"/manage/people/{person}").text)
    visitor = app.test_client()
    assert "zhou" in visitor.get(path).text
    assert send(visitor, path, {"new": "short", "again": "short"}).status_code == 422
    assert send(visitor, path, {"new": NEW["new"], "again": "x"}).status_code == 422
    assert send(visitor, path, {"new": NEW["new"], "again": NEW["new"]}).location == "/login"
    assert visitor.get(path).status_code == 404
    assert log_in(app.test_client(), "zhou").status_code == 422
    assert log_in(app.test_client(), "zhou", NEW["new"]).status_code == 303


def test_closing_and_opening_an_account(app: Flask, boss: FlaskClient) -> None:
    person = register(app, "zhou", Role.CLERK)
    theirs, page = signed_in(app, person), f"/manage/people/{person}"
    for _ in range(2):
        assert send(boss, f"{page}/disable").location == page
    assert theirs.get("/desk").status_code == 302
    assert "周试" in boss.get("/manage/people?show=gone").text
    assert send(boss, f"{page}/enable").location == page
    assert log_in(app.test_client(), "zhou").status_code == 303


def test_a_lost_phone_is_mended_by_an_administrator(app: Flask, boss: FlaskClient) -> None:
    person = register(app, "zhou", Role.CLERK)
    switched_on(app, person)
    assert log_in(app.test_client(), "zhou").location == "/login/second"
    assert send(boss, f"/manage/people/{person}/second-factor/reset").status_code == 303
    assert log_in(app.test_client(), "zhou").location == "/desk"


@pytest.fixture
def careful(sqlite: Database) -> Iterator[Flask]:
    yield from running(sqlite, throttle=True)


def test_who_is_locked_out_is_seen_and_let_in_again(careful: Flask) -> None:
    with time_machine.travel(now().replace(minute=1), tick=False):
        boss = signed_in(careful, register(careful, "boss", Role.SITE_ADMIN))
        person = register(careful, "zhou", Role.CLERK)
        secret = switched_on(careful, person)
        for _ in range(11):
            log_in(careful.test_client(), "zhou", "wrong one")
        assert log_in(careful.test_client(), "zhou").status_code == 429
        assert "暂时锁定" in boss.get(f"/manage/people/{person}").text
        assert send(boss, f"/manage/people/{person}/unlock").status_code == 303
        assert "暂时锁定" not in boss.get(f"/manage/people/{person}").text
        assert log_in_with(careful.test_client(), "zhou", code_now(secret)).status_code == 303


def test_a_stranger_learns_nothing_from_the_way_back_in(careful: Flask) -> None:
    register(careful, "zhou", Role.VOLUNTEER, phone="13800000001")
    told = []
    for name, phone in (("zhou", "13800000001"), ("zhou", "13800000002"), ("nobody", "13800000001")):
        client = careful.test_client()
        asked = send(client, "/login/forgot", {"name": name, "phone": phone})
        typed = {"name": name, "phone": phone, "code": "000000", "new": NEW["new"], "again": NEW["new"]}
        tried = send(client, "/login/forgot/new", typed)
        words = "".join(re.sub(r'value="[^"]*"', "", answer.text.split("<main", 1)[1]) for answer in (asked, tried))
        told.append((asked.status_code, tried.status_code, words))
    assert told[0] == told[1] == told[2]
    assert told[0][:2] == (200, 422)


def test_guessing_a_code_for_a_new_password_ends_soon(careful: Flask) -> None:
    register(careful, "zhou", Role.VOLUNTEER, phone="13800000001")
    with time_machine.travel(now().replace(minute=1), tick=False):
        client = careful.test_client()
        typed = {"name": "zhou", "phone": "13800000001", "new": NEW["new"], "again": NEW["new"]}
        answers = [send(client, "/login/forgot/new", typed | {"code": f"{n:06d}"}).status_code for n in range(11)]
    assert answers == [422] * 10 + [429]


def test_who_forgot_the_password_sets_a_new_one_by_phone(app: Flask, client: FlaskClient) -> None:
    from volunteer.messaging.delivering import claim
    from volunteer.web.unit import transaction

    register(app, "zhou", Role.VOLUNTEER, phone="13800000001")
    assert "/login/forgot" in client.get("/login").text
    typed = {"name": "zhou", "phone": "13800000001"}
    assert send(client, "/login/forgot", typed).status_code == 200
    with app.app_context(), transaction() as session:
        code = re.findall(r"\d{6}", claim(session, at=now())[0].text)[0]
    answer = send(client, "/login/forgot/new", typed | {"code": code, "new": NEW["new"], "again": NEW["new"]})
    assert answer.location == "/login"
    assert log_in(client, "zhou", NEW["new"]).status_code == 303
    with app.app_context():
        assert db.session.scalars(select(Person)).one().login_name == "zhou"
    assert token(client, "/me/password")
    assert PASSWORD
