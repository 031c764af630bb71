"""What holds for every page: tokens, headers, refusals that are friendly, nothing that tells too much."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from flask import Blueprint, Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError, IntegrityError, OperationalError
from sqlalchemy.orm.exc import StaleDataError

from tests.conftest import running
from tests.support import builders
from tests.support.counting import counting
from tests.support.databases import Database, PostgresFactory, borrowed
from tests.support.settings import settings_for
from tests.support.visiting import register, send, signed_in, token
from volunteer.access import Permission
from volunteer.app import create_app
from volunteer.kernel.clock import now
from volunteer.kernel.db import db
from volunteer.kernel.errors import Conflict, Forbidden, Invalid, NotFound, TooMany
from volunteer.web import leases, logs
from volunteer.web.identity import open_to_all, requires
from volunteer.web.unit import transaction


class Yielded(Exception):
    """What PostgreSQL says to one of two who wait for each other."""

    sqlstate = "40P01"


UNSAFE = {"POST", "PUT", "PATCH", "DELETE"}
bp = Blueprint("trial", __name__)
REFUSALS = {
    "invalid": (Invalid("wrong", "no", {"a": ["b"]}), 422),
    "missing": (NotFound("thing"), 404),
    "forbidden": (Forbidden("act"), 403),
    "conflict": (Conflict("late", "no"), 409),
    "many": (TooMany("many", "no", seconds=7), 429),
    "stale": (StaleDataError("two writers"), 409),
    "twice": (IntegrityError("INSERT", {}, Exception("UNIQUE constraint failed: t.a")), 409),
    "yielded": (OperationalError("UPDATE", {}, Yielded("deadlock detected")), 409),
}


@bp.get("/trial/<name>")
@bp.get("/api/trial/<name>", endpoint="api")
@open_to_all
def refuse(name: str) -> str:
    raise REFUSALS[name][0]


@bp.get("/trial/bug")
@bp.get("/api/trial/bug", endpoint="api_bug")
@open_to_all
def bug() -> str:
    raise ValueError("canary 13800000001")


@bp.get("/trial/late")
@open_to_all
def late() -> str:
    number = db.session.scalar(text("SELECT pg_backend_pid()"))
    with db.engine.connect() as other:
        other.execute(text("SELECT pg_terminate_backend(:number)"), {"number": number})
        other.execute(text("SELECT pg_sleep(0.2)"))
    return "made"


@bp.get("/trial/silent")
def silent() -> str:
    return "nobody said who may read this"


@bp.get("/trial/door")
@requires(Permission.AUDIT_SEE)
def door() -> str:
    return "come in"


@pytest.fixture
def trial(sqlite: Database) -> Iterator[FlaskClient]:
    """A browser on an application with pages that refuse in every way, as in production."""
    for app in running(sqlite):
        app.register_blueprint(bp)
        app.testing = False
        yield app.test_client()


def test_every_unsafe_route_wants_the_token(app: Flask) -> None:
    client = app.test_client()
    checked = 0
    for rule in app.url_map.iter_rules():
        for method in UNSAFE & set(rule.methods or ()):
            if rule.rule.startswith(("/api/", "/open311/")):
                continue
            values = dict.fromkeys(rule.arguments, 1) | dict(rule.defaults or {})
            with app.test_request_context():
                path = app.url_map.bind("localhost").build(rule.endpoint, values, method=method)
            answer = client.open(path, method=method)
            assert answer.status_code == 400, (path, answer.status_code)
            checked += 1
    assert checked > 20


@pytest.mark.parametrize("name", REFUSALS)
def test_a_refusal_is_a_page_or_a_problem(trial: FlaskClient, name: str) -> None:
    status = REFUSALS[name][1]
    page = trial.get(f"/trial/{name}")
    assert (page.status_code, page.mimetype) == (status, "text/html")
    assert "<h1>" in page.get_data(as_text=True)
    problem = trial.get(f"/api/trial/{name}")
    assert (problem.status_code, problem.mimetype) == (status, "application/problem+json")
    assert problem.json is not None
    assert problem.json["status"] == status
    if name == "many":
        assert page.headers["Retry-After"] == "7"
    if name == "invalid":
        assert problem.json["errors"] == {"a": ["b"]}


@pytest.mark.parametrize("path", ["/trial/bug", "/api/trial/bug"])
def test_an_accident_tells_nothing_but_a_reference(trial: FlaskClient, path: str, capsys: pytest.CaptureFixture[str]) -> None:
    answer = trial.get(path)
    words = answer.get_data(as_text=True)
    assert answer.status_code == 500
    assert "canary" not in words
    assert "ValueError" not in words
    log = capsys.readouterr().err
    assert "13800000001" not in log
    found = re.search(r"\b[0-9a-f]{8}\b", words)
    assert found
    assert found[0] in log


def test_a_view_that_says_nothing_answers_nobody(trial: FlaskClient) -> None:
    assert trial.get("/trial/silent").status_code == 404


def test_a_door_asks_visitors_to_log_in_and_refuses_others(sqlite: Database) -> None:
    for app in running(sqlite):
        app.register_blueprint(bp)
        assert app.test_client().get("/trial/door").location == "/login?next=/trial/door"
        clerk = signed_in(app, register(app, "zhou"))
        answer = clerk.get("/trial/door")
        assert answer.status_code == 403
        assert "您的身份" in answer.get_data(as_text=True)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/nowhere", 404), ("DELETE", "/login", 405), ("GET", "/logout", 405), ("TRACE", "/login", 405)],
)
def test_what_is_not_there_is_said_kindly(app: Flask, method: str, path: str, status: int) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    answer = app.test_client().open(path, method=method)
    assert answer.status_code == status
    assert "<h1>" in answer.get_data(as_text=True)
    if status == 405:
        assert answer.headers["Allow"]


def test_too_much_is_said_kindly(app: Flask, client: FlaskClient) -> None:
    app.config["MAX_CONTENT_LENGTH"] = 1000
    answer = client.post("/login", data={"csrf_token": "x" * 2000})
    assert answer.status_code == 413
    assert "太大" in answer.get_data(as_text=True)


@pytest.mark.parametrize("path", ["/login", "/nowhere", "/healthz", "/notice", "/me/sessions"])
def test_every_answer_carries_the_headers(client: FlaskClient, path: str) -> None:
    headers = client.get(path).headers
    policy = headers["Content-Security-Policy"]
    for part in ("script-src 'self'", "style-src 'self'", "object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"):
        assert part in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cache-Control"] == "no-store"
    assert "geolocation=(self)" in headers["Permissions-Policy"]
    assert "Strict-Transport-Security" not in headers
    assert "Server" not in headers


def test_no_secret_of_an_address_would_stand_in_a_log(app: Flask) -> None:
    secret = "AbCdEfGhIjKlMnOp"
    rules = [rule for rule in app.url_map.iter_rules() if {"secret", "token"} & rule.arguments]
    assert len(rules) > 20
    for rule in rules:
        path = re.sub(r"<(?:\w+:)?(\w+)>", lambda found: secret if found[1] in {"secret", "token"} else "7", rule.rule)
        assert secret not in logs.tidy(f"GET https://here.test{path}?x=1"), rule


def test_files_of_the_bundle_are_kept_by_their_hash(app: Flask, client: FlaskClient) -> None:
    from volunteer.web.context import static_url

    with app.test_request_context():
        address = static_url("app.css")
    answer = client.get(address)
    if answer.status_code == 404:
        pytest.fail("the bundle is not built: npm run build")
    answer.close()
    assert "immutable" in answer.headers["Cache-Control"]


def test_the_cookie_is_kept_from_scripts_and_other_sites(app: Flask, client: FlaskClient) -> None:
    with app.app_context(), transaction() as session:
        builders.a_county(session)
    cookie = client.get("/login").headers["Set-Cookie"]
    assert cookie.startswith("visit=")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_under_https_the_cookie_is_locked_and_the_browser_told_to_stay(sqlite: Database) -> None:
    for app in running(sqlite, https=True, proxies=1):
        with app.app_context(), transaction() as session:
            builders.a_county(session)
        answer = app.test_client().get("/login", headers={"X-Forwarded-Proto": "https", "X-Forwarded-For": "10.0.0.1"})
        assert answer.headers["Set-Cookie"].startswith("__Host-visit=")
        assert "Secure" in answer.headers["Set-Cookie"]
        assert "max-age=31536000" in answer.headers["Strict-Transport-Security"]


def test_map_tiles_may_come_from_where_the_setting_says(sqlite: Database) -> None:
    for app in running(sqlite, map_tile_url="https://{s}.tiles.test/{z}/{x}/{y}.png"):
        assert (
            "img-src 'self' https://*.tiles.test data: blob:"
            in app.test_client().get("/login").headers["Content-Security-Policy"]
        )


def test_the_switches_lead_back_to_where_one_was(client: FlaskClient) -> None:
    for data in ({"locale": "en", "next": "/notice"}, {"locale": "xx", "next": "/notice"}):
        assert send(client, "/language", data).location == "/notice"
    assert '<html lang="en"' in client.get("/notice").get_data(as_text=True)
    send(client, "/theme", {"theme": "dark"})
    assert 'data-bs-theme="dark"' in client.get("/notice").get_data(as_text=True)
    send(client, "/theme", {"theme": "pink"})
    send(client, "/elder", {"elder": "on"})
    page = client.get("/notice").get_data(as_text=True)
    assert 'data-bs-theme="dark"' in page
    assert "data-elder" in page
    again = send(client, "/elder", {"elder": "off"}, headers={"Referer": "http://localhost/verify?x=1"})
    assert again.location == "/verify?x=1"
    for elsewhere in (
        "http://evil.test/verify",
        "http://[",
        "http://[::1]x/",
        "javascript:alert(1)",
        "http://localhost//evil.test",
    ):
        assert send(client, "/elder", {"elder": "off"}, headers={"Referer": elsewhere}).location == "/"


def test_a_refused_form_leads_back_to_a_page_and_not_to_an_address_for_forms(client: FlaskClient) -> None:
    refused = send(client, "/login/code", {"phone": "1"})
    assert refused.status_code == 422
    page_of_it = re.search(r'name="next" value="([^"]+)"', refused.get_data(as_text=True))[1]
    assert client.get(page_of_it).status_code == 200


def test_alive_and_ready_are_two_things(app: Flask, client: FlaskClient) -> None:
    assert client.get("/healthz").get_data() == b"ok\n"
    ready = client.get("/readyz")
    assert (ready.status_code, ready.json) == (200, {"ready": True, "database": "ok", "migrations": "ok", "jobs": "never ran"})
    with app.app_context(), transaction() as session:
        leases.hold(session, "one", at=now())
    assert client.get("/readyz").json["jobs"] == "ok"


def test_a_database_without_tables_is_a_friendly_503(tmp_path: object) -> None:
    app = create_app(settings_for(f"sqlite:///{tmp_path}/empty.sqlite3"))
    client = app.test_client()
    page = client.get("/login")
    assert page.status_code == 503
    assert "flask db upgrade" in page.get_data(as_text=True)
    assert client.get("/readyz").status_code == 503
    assert client.get("/healthz").status_code == 200
    with app.app_context():
        db.engine.dispose()


def test_an_unreachable_database_is_a_friendly_503() -> None:
    app = create_app(settings_for("postgresql+psycopg://nobody@127.0.0.1:9/none"))
    client = app.test_client()
    assert client.get("/login").status_code == 503
    ready = client.get("/readyz")
    assert (ready.status_code, ready.json["database"]) == (503, "unreachable")
    assert client.get("/healthz").status_code == 200


def test_an_answer_that_is_made_outlives_its_database(postgres_factory: PostgresFactory) -> None:
    """A server that restarts between the last question and the end of the request breaks no page."""
    with borrowed(postgres_factory) as database:
        for app in running(database):
            app.register_blueprint(bp)
            browser = app.test_client()
            assert browser.get("/trial/late").text == "made"
            assert browser.get("/notice").status_code == 200, "and the next one takes another connection"


def test_a_visitor_carries_nothing_but_choices(client: FlaskClient) -> None:
    send(client, "/language", {"locale": "en"})
    send(client, "/login", {"name": "zhou", "password": "wrong one"})
    token(client)
    with client.session_transaction() as cookie:
        assert set(cookie) <= {"csrf_token", "locale", "elder", "theme", "_flashes", "_permanent"}


def test_who_is_asking_and_the_layout_take_four_queries(app: Flask) -> None:
    browser = signed_in(app, register(app, "zhou"))
    browser.get("/notice")
    with app.app_context(), counting(db.engine) as sent:
        browser.get("/notice")
    assert len(sent) <= 4, sent


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_transfers SET amount = 1",
        "DELETE FROM audit_entries",
        "DROP TRIGGER ledger_transfers_no_update",
        "DROP TABLE ledger_links",
        "ALTER TABLE ledger_transfers RENAME TO transfers",
        "PRAGMA recursive_triggers = OFF",
        "PRAGMA writable_schema = ON",
    ],
)
def test_the_application_has_no_right_to_rewrite_the_books_even_without_triggers(app: Flask, statement: str) -> None:
    with app.app_context(), db.engine.connect() as connection, pytest.raises(DatabaseError, match="not authorized"):
        connection.execute(text(statement))


def test_the_application_may_still_write_what_is_not_kept_for_ever(app: Flask) -> None:
    with app.app_context(), db.engine.connect() as connection:
        connection.execute(text("UPDATE ledger_accounts SET balance = balance"))
        assert connection.execute(text("PRAGMA recursive_triggers")).scalar() == 1
