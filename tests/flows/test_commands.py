"""A new installation gets its first sites and its first people from the command line."""

from __future__ import annotations

from flask import Flask
from flask.testing import FlaskClient

from tests.support.visiting import log_in, signed_in
from volunteer.accounts.queries import by_login_name
from volunteer.kernel.db import db

SECRET = ["--password", "seven red lanterns"]


def say(app: Flask, *words: str) -> str:
    with app.app_context():
        outcome = app.test_cli_runner().invoke(args=list(words))
    return f"{outcome.exit_code} {outcome.output}"


def test_a_county_begins_on_the_command_line(app: Flask, client: FlaskClient) -> None:
    assert say(app, "sites", "add", "C", "试验中心", "--at", "31.1", "120.6").startswith("0 centre C")
    assert say(app, "sites", "add", "B", "松陵所", "--under", "C", "--at", "31.1", "120.6").startswith("0 branch B")
    assert "  B 松陵所" in say(app, "sites", "list")
    assert say(app, "people", "add", "zhou", "周试", "--role", "dispatcher", "--site", "B", *SECRET).startswith("0")
    assert log_in(client, "zhou").location == "/board"
    assert say(app, "people", "grant", "zhou", "--role", "site_admin", "--site", "B").startswith("0")
    assert say(app, "people", "password", "zhou", "--password", "a very new sentence").startswith("0")
    assert log_in(client, "zhou").status_code == 422
    assert log_in(client, "zhou", "a very new sentence").status_code == 303
    with app.app_context():
        person = by_login_name(db.session(), "zhou")
        assert person is not None
        number = person.id
    browser = signed_in(app, number)
    assert say(app, "people", "disable", "zhou").startswith("0")
    assert browser.get("/me/sessions").status_code == 302


def test_a_refusal_is_a_sentence_not_a_traceback(app: Flask) -> None:
    say(app, "sites", "add", "C", "试验中心", "--at", "31.1", "120.6")
    for words in (
        ("sites", "add", "C", "又一个", "--at", "31.1", "120.6"),
        ("sites", "add", "D", "远方", "--at", "231.1", "120.6"),
        ("sites", "add", "D", "远方", "--under", "nowhere", "--at", "31.1", "120.6"),
        ("people", "add", "zhou", "周试", "--role", "clerk", "--site", "nowhere", *SECRET),
        ("people", "add", "zhou", "周试", "--role", "clerk", "--site", "C", "--password", "12345678"),
        ("people", "disable", "nobody"),
    ):
        said = say(app, *words)
        assert said.startswith("1 Error: "), said
    assert say(app, "people", "add", "zhou", "周试", "--role", "system", "--site", "C", *SECRET).startswith("2")
