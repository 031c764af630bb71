"""Logging in and out in a browser: what a stranger learns (nothing), what a cookie is worth, and when it stops."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, text, update

from tests.conftest import running
from tests.support.databases import Database
from tests.support.visiting import PASSWORD, log_in, register, send, signed_in, token
from volunteer.access import SYSTEM, Role
from volunteer.accounts import passwords, signing_in
from volunteer.accounts.granting import grant_role
from volunteer.accounts.models import Person
from volunteer.accounts.registering import disable
from volunteer.kernel.clock import now
from volunteer.kernel.db import WRITES, db
from volunteer.messaging.delivering import claim
from volunteer.messaging.models import Message
from volunteer.places.models import Site
from volunteer.web.models import WebSession
from volunteer.web.unit import transaction


@pytest.mark.parametrize(
    ("role", "page"),
    [
        (Role.DISPATCHER, "/board"),
        (Role.CLERK, "/desk"),
        (Role.DIRECTOR, "/overview"),
        (Role.SITE_ADMIN, "/overview"),
        (Role.AUDITOR, "/audit"),
        (Role.COUNTY_IT, "/system"),
        (Role.VOLUNTEER, "/me"),
        (Role.RESIDENT, "/"),
    ],
)
def test_everybody_lands_where_their_work_begins(app: Flask, client: FlaskClient, role: Role, page: str) -> None:
    register(app, "zhou", role)
    answer = log_in(client, "zhou")
    assert (answer.status_code, answer.location) == (303, page)


def test_where_one_wanted_to_go_is_kept(app: Flask, client: FlaskClient) -> None:
    register(app, "zhou")
    door = client.get("/me/sessions?x=1")
    assert door.location == "/login?next=/me/sessions?x%3D1"
    assert 'value="/me/sessions?x=1"' in client.get(door.location).get_data(as_text=True)
    assert log_in(client, "zhou", next="/me/sessions?x=1").location == "/me/sessions?x=1"


@pytest.mark.parametrize("target", ["//evil.test", "https://evil.test", "/\\evil.test", "javascript:alert(1)", "/\t/evil.test"])
def test_nobody_is_sent_elsewhere(app: Flask, client: FlaskClient, target: str) -> None:
    register(app, "zhou")
    assert log_in(client, "zhou", next=target).location == "/board"
    for switch in ("language", "elder", "theme"):
        assert send(client, f"/{switch}", {"next": target}, headers={"Referer": "https://evil.test/x"}).location == "/"


def test_a_stranger_learns_nothing_from_the_answers(app: Flask, client: FlaskClient) -> None:
    register(app, "zhou", Role.VOLUNTEER, phone="13800000001")

    def body(path: str, data: dict[str, str]) -> tuple[int, str]:
        answer = send(client, path, data)
        words = answer.get_data(as_text=True)
        for typed in data.values():
            words = words.replace(typed, "…") if typed else words
        return answer.status_code, words.split("<main", 1)[1].split("</main", 1)[0].replace(token(client), "")

    def main(path: str, data: dict[str, str]) -> tuple[int, str]:
        status, words = body(path, data)
        return status, re.sub(r'name="csrf_token" value="[^"]*"', "", words)

    assert main("/login", {"name": "zhou", "password": "wrong one"}) == main(
        "/login", {"name": "nobody", "password": "wrong one"}
    )
    assert main("/login/code/send", {"phone": "13800000001"}) == main("/login/code/send", {"phone": "13800000002"})
    assert main("/login/code", {"phone": "13800000001", "code": "000000"}) == main(
        "/login/code", {"phone": "13800000002", "code": "000000"}
    )


def test_a_code_by_phone_opens_the_door(app: Flask, client: FlaskClient) -> None:
    register(app, "zhou", Role.VOLUNTEER, phone="13800000001")
    assert send(client, "/login/code/send", {"phone": "138 0000 0001"}).status_code == 200
    with app.app_context(), transaction() as session:
        code = claim(session, at=now())[0].text[6:12]
    answer = send(client, "/login/code", {"phone": "13800000001", "code": code})
    assert answer.location == "/me"
    assert send(app.test_client(), "/login/code", {"phone": "13800000001", "code": code}).status_code == 422


def test_a_code_opens_only_where_it_was_asked_for(app: Flask, client: FlaskClient) -> None:
    register(app, "zhou", Role.VOLUNTEER, phone="13800000001")
    elsewhere = app.test_client()
    for browser in (elsewhere, client):  # the later code is the one that holds
        assert send(browser, "/login/code/send", {"phone": "13800000001"}).status_code == 200
    with app.app_context(), transaction() as session:
        code = claim(session, at=now())[-1].text[6:12]
    for browser in (elsewhere, app.test_client()):
        assert send(browser, "/login/code", {"phone": "13800000001", "code": code}).status_code == 422
    assert send(client, "/login/code", {"phone": "13800000001", "code": code}).status_code == 303


def test_a_phone_that_is_none_is_said_beside_its_field(client: FlaskClient) -> None:
    answer = send(client, "/login/code/send", {"phone": "12345"})
    assert answer.status_code == 422
    assert "请填 11 位手机号。" in answer.get_data(as_text=True)
    assert 'value="12345"' in answer.get_data(as_text=True)


def test_the_cookie_from_before_is_worth_nothing_after(app: Flask, client: FlaskClient) -> None:
    register(app, "zhou")
    token(client)
    client.set_cookie("visit", "planted")
    log_in(client, "zhou")
    with client.session_transaction() as first:
        old = dict(first)
    log_in(client, "zhou")
    with client.session_transaction() as second:
        assert second["_user_id"] != old["_user_id"]
        assert second["csrf_token"] != old["csrf_token"] if "csrf_token" in second else True
    thief = app.test_client()
    with thief.session_transaction() as planted:
        planted.update(old)
    assert thief.get("/me/sessions").status_code == 302


def test_the_language_chosen_before_stays(app: Flask, client: FlaskClient) -> None:
    register(app, "zhou")
    send(client, "/language", {"locale": "en"})
    send(client, "/elder", {"elder": "on"})
    log_in(client, "zhou")
    page = client.get("/me/sessions").get_data(as_text=True)
    assert '<html lang="en" data-elder' in page
    send(client, "/logout")
    assert '<html lang="en" data-elder' in client.get("/login").get_data(as_text=True)


def test_logging_out_ends_the_session_on_the_server(app: Flask, client: FlaskClient) -> None:
    register(app, "zhou")
    log_in(client, "zhou")
    with client.session_transaction() as cookie:
        kept = dict(cookie)
    send(client, "/logout")
    with client.session_transaction() as cookie:
        cookie.update(kept)
    assert client.get("/me/sessions").status_code == 302


def test_a_disabled_account_and_new_rights_count_from_the_next_request(app: Flask) -> None:
    one, two = register(app, "zhou"), register(app, "wang")
    browsers = [signed_in(app, one), signed_in(app, two)]
    assert [browser.get("/me/sessions").status_code for browser in browsers] == [200, 200]
    with app.app_context(), transaction() as session:
        disable(session, SYSTEM, one, at=now())
        grant_role(session, SYSTEM, two, Role.CLERK, session.scalars(select(Site)).one(), at=now())
    assert [browser.get("/me/sessions").status_code for browser in browsers] == [302, 302]


def test_a_session_runs_out(app: Flask) -> None:
    with time_machine.travel(now(), tick=False) as clock:
        browser = signed_in(app, register(app, "zhou"))
        clock.shift(timedelta(hours=11))
        assert browser.get("/me/sessions").status_code == 200
        clock.shift(timedelta(hours=11))
        assert browser.get("/me/sessions").status_code == 200
        clock.shift(timedelta(hours=12, seconds=1))
        assert browser.get("/me/sessions").status_code == 302


def test_own_sessions_are_listed_and_ended(app: Flask) -> None:
    person = register(app, "zhou")
    here, there, stranger = signed_in(app, person), signed_in(app, person), signed_in(app, register(app, "wang"))
    with app.app_context():
        ids = list(db.session.scalars(select(WebSession.id).order_by(WebSession.id)))
    assert here.get("/me/sessions").get_data(as_text=True).count("/end") == 2
    assert send(stranger, f"/me/sessions/{ids[1]}/end").status_code == 404
    send(here, f"/me/sessions/{ids[1]}/end")
    assert there.get("/me/sessions").status_code == 302
    again = signed_in(app, person)
    send(here, "/me/sessions/end")
    assert again.get("/me/sessions").status_code == 302
    assert here.get("/me/sessions").status_code == 200


def test_the_demo_lets_in_with_one_click_only_where_the_database_is_a_demo(app: Flask, client: FlaskClient) -> None:
    register(app, "dispatcher")
    assert send(client, "/demo/dispatcher").status_code == 404
    assert "/demo/" not in client.get("/login").get_data(as_text=True)
    register(app, "other", demo=True)
    assert "/demo/dispatcher" in client.get("/login").get_data(as_text=True)
    assert send(client, "/demo/other").status_code == 404
    assert send(client, "/demo/clerk").status_code == 404
    assert send(client, "/demo/dispatcher").location == "/board"


def test_a_wrong_token_is_a_friendly_page(app: Flask, client: FlaskClient) -> None:
    answer = client.post("/login", data={"csrf_token": "x", "name": "zhou", "password": PASSWORD})
    assert answer.status_code == 400
    assert "请刷新页面后再提交" in answer.get_data(as_text=True)


@pytest.fixture
def two_workers(sqlite: Database) -> Iterator[tuple[Flask, Flask]]:
    """Two applications that share one database, with throttles on."""
    yield from ((one, two) for one in running(sqlite, throttle=True) for two in running(sqlite, throttle=True))


def test_tries_are_counted_across_workers(two_workers: tuple[Flask, Flask]) -> None:
    one, two = two_workers
    register(one, "zhou")
    browsers = [one.test_client(), two.test_client()]
    with time_machine.travel(now().replace(minute=1), tick=False) as clock:
        codes = [log_in(browsers[n % 2], "zhou", "wrong one").status_code for n in range(12)]
        assert codes == [422] * 10 + [429] * 2
        blocked = log_in(one.test_client(), "zhou")
        assert blocked.status_code == 429
        assert 0 < int(blocked.headers["Retry-After"]) <= 900
        assert "分钟再试" in blocked.get_data(as_text=True)
        clock.shift(timedelta(minutes=15))
        assert log_in(browsers[0], "zhou").status_code == 303


def test_getting_in_forgets_the_tries_of_that_name(two_workers: tuple[Flask, Flask]) -> None:
    one, _ = two_workers
    register(one, "zhou")
    with time_machine.travel(now().replace(minute=1), tick=False):
        for _n in range(3):
            for _try in range(8):
                assert log_in(one.test_client(), "zhou", "wrong one").status_code == 422
            assert log_in(one.test_client(), "zhou").status_code == 303


def test_text_messages_to_one_phone_are_few(two_workers: tuple[Flask, Flask]) -> None:
    with time_machine.travel(now().replace(minute=1), tick=False):
        register(two_workers[0], "zhou", Role.VOLUNTEER, phone="13800000001")
        browsers = [two_workers[n % 2].test_client() for n in range(5)]
        codes = [send(browser, "/login/code/send", {"phone": "13800000001"}).status_code for browser in browsers]
    assert codes == [200, 200, 200, 429, 429]
    with two_workers[0].app_context():
        assert db.session.scalar(select(func.count(Message.id)).where(Message.template == "login_code")) == 3


WRITTEN = (
    "13800000001",
    "138 0000 0001",
    "+86 13800000001",
    "008613800000001",
    "138-0000-0001",
    "１３８０００００００１",
    "(138)00000001",
)


@pytest.mark.parametrize("path", ["/login/code/send", "/login/forgot", "/join/code"])
def test_text_messages_to_one_phone_are_few_however_it_is_written(sqlite: Database, path: str) -> None:
    for app in running(sqlite, throttle=True):
        with time_machine.travel(now().replace(minute=1), tick=False):
            register(app, "zhou", Role.VOLUNTEER, phone="13800000001")
            codes = [send(app.test_client(), path, {"phone": phone, "name": "zhou"}).status_code for phone in WRITTEN]
        assert codes == [200] * 3 + [429] * 4


@pytest.mark.parametrize("path", ["/login/code", "/join/phone"])
def test_guesses_of_a_code_are_counted_however_the_phone_is_written(sqlite: Database, path: str) -> None:
    for app in running(sqlite, throttle=True):
        with time_machine.travel(now().replace(minute=1), tick=False):
            tries = [send(app.test_client(), path, {"phone": phone, "code": "000000"}).status_code for phone in WRITTEN * 2]
        assert tries == [422] * 10 + [429] * 4


@pytest.mark.parametrize("path", ["/login", "/login/forgot/new"])
def test_a_name_with_something_behind_what_is_read_of_it_is_the_same_name(sqlite: Database, path: str) -> None:
    for app in running(sqlite, throttle=True):
        with time_machine.travel(now().replace(minute=1), tick=False):
            register(app, "zhou")
            names = ["zhou", "ZHOU", *("zhou" + " " * 36 + f"x{n}" for n in range(12))]
            tries = [
                send(app.test_client(), path, {"name": name, "password": "wrong one", "code": "0"}).status_code for name in names
            ]
        assert tries == [422] * 10 + [429] * 4


def test_digits_that_are_none_find_nothing_and_are_no_accident(client: FlaskClient) -> None:
    assert send(client, "/track", {"number": "²6110427③", "code": "²"}).status_code == 422
    assert send(client, "/track", {"number": "٢٦١١٠٤٢٧٦", "code": "000000"}).status_code == 422


def test_who_was_refused_stands_in_the_log_by_number(sqlite: Database, capsys: pytest.CaptureFixture[str]) -> None:
    for app in running(sqlite, log_level="INFO"):
        me = register(app, "zhou", Role.RESIDENT)
        assert signed_in(app, me).get("/manage/people").status_code == 403
        app.test_client().get("/o/nothing-here")
        lines = [json.loads(line) for line in capsys.readouterr().err.splitlines() if '"refused"' in line]
        assert [(line["status"], line["person"]) for line in lines] == [(403, me), (404, None)]


def test_a_forged_forwarded_address_counts_for_nothing(sqlite: Database) -> None:
    for app in running(sqlite, throttle=True, proxies=0):
        with time_machine.travel(now().replace(minute=1), tick=False):
            codes = {
                send(
                    app.test_client(), "/login", {"name": f"n{n}", "password": "x"}, headers={"X-Forwarded-For": f"10.0.0.{n}"}
                ).status_code
                for n in range(101)
            }
        assert codes == {422, 429}


def test_one_of_many_behind_a_known_proxy_does_not_lock_out_the_rest(sqlite: Database) -> None:
    for app in running(sqlite, throttle=True, proxies=1):
        with time_machine.travel(now().replace(minute=1), tick=False):
            for n in range(101):
                forged = f"10.9.9.{n}, 10.0.0.7"  # only the last was written by our proxy
                last = send(
                    app.test_client(), "/login", {"name": f"n{n}", "password": "x"}, headers={"X-Forwarded-For": forged}
                ).status_code
            other = send(
                app.test_client(), "/login", {"name": "y", "password": "x"}, headers={"X-Forwarded-For": "10.0.0.8"}
            ).status_code
        assert (last, other) == (429, 422)


def test_passwords_take_as_long_for_a_name_that_does_not_exist(app: Flask) -> None:
    register(app, "zhou")
    with app.app_context():
        session = db.session()
        session.info["argon2_cost"] = 2
        session.scalars(select(Person)).one().password_hash = passwords.hash_password(PASSWORD, 2)
        signing_in.check_password(session, "warm", "up now")
        spans: dict[str, list[float]] = {"zhou": [], "nobody": []}
        for _ in range(6):
            for name, taken in spans.items():
                began = time.perf_counter()
                signing_in.check_password(session, name, "wrong one")
                taken.append(time.perf_counter() - began)
        session.rollback()
    fast = {name: min(taken) for name, taken in spans.items()}
    assert 0.5 < fast["zhou"] / fast["nobody"] < 2


def test_who_only_reads_waits_for_no_writer(app: Flask) -> None:
    """A long import holds SQLite's one lock: that somebody is there is noted later, the page comes now."""
    browser = signed_in(app, register(app, "zhou"))
    before = now() - timedelta(minutes=5)
    with app.app_context(), transaction() as session:
        session.execute(update(WebSession).values(seen_at=before))
    with app.app_context(), db.engine.connect() as other:
        other.execution_options(**{WRITES: True}).execute(select(WebSession.id))
        began = time.monotonic()
        assert browser.get("/me/sessions").status_code == 200
        assert time.monotonic() - began < 8, "long before a writer gives up"
    assert browser.get("/me/sessions").status_code == 200
    with app.app_context():
        assert db.session.scalars(select(WebSession.seen_at)).one() > before
        assert db.session.scalar(text("PRAGMA busy_timeout")) == 15000
