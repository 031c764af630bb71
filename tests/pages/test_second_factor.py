"""The second door in a browser: who is asked, who must have one, what a thief with the password gets, and the way back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from tests.conftest import running
from tests.support.databases import Database
from tests.support.factors import code_now, log_in_with, secret_of, switched_on
from tests.support.visiting import PASSWORD, log_in, register, send, signed_in, token
from volunteer.access import Role
from volunteer.kernel.clock import now
from volunteer.web.county import forget_facts

RECOVERY = re.compile(r"\b[a-z2-9]{4}-[a-z2-9]{4}-[a-z2-9]{4}\b")
PAGE = "/me/second-factor"


@pytest.fixture
def strict(sqlite: Database) -> Iterator[Flask]:
    """An installation in which administrators must have a second factor, with throttles on."""
    yield from running(sqlite, throttle=True, second_factor_roles="site_admin,county_it")


def test_a_password_alone_opens_only_the_second_door(app: Flask, client: FlaskClient) -> None:
    secret = switched_on(app, register(app, "zhou"))
    answer = log_in(client, "zhou", next="/me/sessions")
    assert answer.location == "/login/second?next=/me/sessions"
    assert client.get("/me/sessions").status_code == 302
    assert 'value="/me/sessions"' in client.get(answer.location).text
    wrong = send(client, "/login/second", {"code": "000000"})
    assert wrong.status_code == 422
    assert "这个数字不对" in wrong.text
    assert send(client, "/login/second", {"code": code_now(secret), "next": "/me/sessions"}).location == "/me/sessions"
    assert client.get("/me/sessions").status_code == 200


def test_the_second_door_is_only_there_after_the_first(app: Flask, client: FlaskClient) -> None:
    register(app, "zhou")
    assert client.get("/login/second").location == "/login"
    answer = client.post("/login/second", data={"csrf_token": token(client), "code": "000000"})
    assert answer.location == "/login"


@pytest.mark.parametrize("target", ["//evil.test", "https://evil.test", "/\\evil.test"])
def test_the_second_door_sends_nobody_elsewhere(app: Flask, client: FlaskClient, target: str) -> None:
    secret = switched_on(app, register(app, "zhou"))
    assert log_in_with(client, "zhou", code_now(secret), next=target).location == "/board"


def test_a_code_seen_over_the_shoulder_opens_nothing(app: Flask, client: FlaskClient) -> None:
    secret = switched_on(app, register(app, "zhou"))
    seen = code_now(secret)
    assert log_in_with(client, "zhou", seen).status_code == 303
    assert log_in_with(app.test_client(), "zhou", seen).status_code == 422


def test_a_phone_code_does_not_go_around_it(app: Flask, client: FlaskClient) -> None:
    from volunteer.messaging.delivering import claim
    from volunteer.web.unit import transaction

    person = register(app, "zhou", Role.VOLUNTEER, phone="13800000001")
    switched_on(app, person)
    send(client, "/login/code/send", {"phone": "13800000001"})
    with app.app_context(), transaction() as session:
        code = claim(session, at=now())[0].text[6:12]
    assert send(client, "/login/code", {"phone": "13800000001", "code": code}).location == "/login/second"
    assert client.get("/me").status_code == 302


def test_the_cookie_of_one_half_is_worth_nothing_elsewhere(app: Flask, client: FlaskClient) -> None:
    secret = switched_on(app, register(app, "zhou"))
    log_in(client, "zhou")
    with client.session_transaction() as cookie:
        half = dict(cookie)
    assert send(client, "/login/second", {"code": code_now(secret)}).status_code == 303
    thief = app.test_client()
    with thief.session_transaction() as planted:
        planted.update(half)
    assert send(thief, "/login/second", {"code": code_now(secret, later=1)}).location == "/login"


def test_whoever_must_have_one_is_led_there_before_anything_else(strict: Flask) -> None:
    browser = signed_in(strict, register(strict, "zhou", Role.SITE_ADMIN))
    for path in ("/overview", "/", "/me/sessions", "/notice/../verify", "/order/new", "/map.geojson"):
        answer = browser.get(path)
        assert answer.status_code in {303, 404}, path
        assert answer.headers.get("Location", PAGE) == PAGE
    assert send_from(browser, "/me/password", {"old": PASSWORD}).location == PAGE
    assert "/overview" not in browser.get(PAGE).text
    assert browser.get("/notice").status_code == browser.get("/healthz").status_code == 200
    assert send_from(browser, "/language", {"locale": "en", "next": PAGE}).location == PAGE
    assert send_from(browser, "/logout").location == "/"


def test_setting_it_up_shows_ten_codes_once_and_opens_the_rest(strict: Flask) -> None:
    person = register(strict, "zhou", Role.SITE_ADMIN)
    browser = signed_in(strict, person)
    assert browser.get(f"{PAGE}/qr.svg").status_code == 404
    assert send_from(browser, f"{PAGE}/begin").location == PAGE
    secret = secret_of(strict, person)
    page = browser.get(PAGE).text
    assert secret in page.replace(" ", "")
    assert browser.get(f"{PAGE}/qr.svg").mimetype == "image/svg+xml"
    assert send_from(browser, f"{PAGE}/confirm", {"code": "12"}).status_code == 422
    shown = send_from(browser, f"{PAGE}/confirm", {"code": code_now(secret)})
    codes = RECOVERY.findall(shown.text.split("<ol", 1)[1].split("</ol", 1)[0])
    assert len(set(codes)) == 10
    assert shown.headers["Cache-Control"] == "no-store"
    assert send_from(browser, f"{PAGE}/confirm", {"code": code_now(secret)}).location == PAGE
    assert not RECOVERY.search(browser.get(PAGE).text)
    assert secret not in browser.get(PAGE).text.replace(" ", "")
    assert browser.get("/overview").status_code == 200
    lost = strict.test_client()
    assert log_in_with(lost, "zhou", codes[3]).status_code == 303
    assert "还剩 9 个" in lost.get("/overview").text
    assert log_in_with(strict.test_client(), "zhou", codes[3]).status_code == 422


def test_a_demo_county_and_whoever_need_not_are_left_alone(strict: Flask) -> None:
    assert signed_in(strict, register(strict, "li", Role.CLERK)).get("/desk").status_code == 200
    register(strict, "admin", Role.SITE_ADMIN, demo=True)
    with strict.app_context():
        forget_facts()  # what kind of county it is may be half a minute old
    demo = strict.test_client()
    assert send(demo, "/demo/admin").location == "/overview"
    assert demo.get("/overview").status_code == 200


def test_turning_it_off_takes_password_and_code(app: Flask) -> None:
    person = register(app, "zhou")
    secret = switched_on(app, person)
    browser = signed_in(app, person)
    for wrong in ({"password": "x", "last_code": code_now(secret)}, {"password": PASSWORD, "last_code": "000000"}, {}):
        assert send(browser, f"{PAGE}/off", wrong).status_code == 422
    assert send(browser, f"{PAGE}/codes", {"code": "000000"}).status_code == 422
    assert len(set(RECOVERY.findall(send(browser, f"{PAGE}/codes", {"code": code_now(secret)}).text))) == 10
    assert send(browser, f"{PAGE}/off", {"password": PASSWORD, "last_code": code_now(secret, later=1)}).location == PAGE
    assert log_in(app.test_client(), "zhou").location == "/board"


def test_an_old_session_asks_for_the_password_before_it_is_set_up(app: Flask) -> None:
    browser = signed_in(app, register(app, "zhou"))
    with time_machine.travel(now() + timedelta(minutes=11)):
        assert 'name="password"' in browser.get(PAGE).text
        assert send(browser, f"{PAGE}/begin").status_code == 422
        assert send(browser, f"{PAGE}/begin", {"password": PASSWORD}).location == PAGE


def test_guessing_codes_ends_soon_and_locks_the_person_not_the_door(strict: Flask) -> None:
    secret = switched_on(strict, register(strict, "zhou"))
    other = switched_on(strict, register(strict, "wang"))
    with time_machine.travel(now().replace(minute=1), tick=False) as clock:
        answers = []
        for _ in range(3):
            client = strict.test_client()
            log_in(client, "zhou")
            answers += [send(client, "/login/second", {"code": f"{n:06d}"}).status_code for n in range(4)]
        assert answers == [422] * 10 + [429] * 2
        locked = strict.test_client()
        log_in(locked, "zhou")
        assert send(locked, "/login/second", {"code": code_now(secret)}).status_code == 429
        assert log_in_with(strict.test_client(), "wang", code_now(other)).status_code == 303
        clock.shift(timedelta(minutes=15))
        assert log_in_with(strict.test_client(), "zhou", code_now(secret)).status_code == 303


def send_from(browser: FlaskClient, path: str, data: dict[str, str] | None = None):
    """Post with the form token of the one page that is open."""
    return browser.post(path, data={"csrf_token": token(browser, PAGE)} | (data or {}))
