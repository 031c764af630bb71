"""Files that are taken away: whoever logged in a while ago shows once more who they are, and gets what was asked for."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from flask import Response
from flask.testing import FlaskClient
from sqlalchemy import update

from tests.conftest import running
from tests.pages.test_routes_by_role import IN, PEOPLE, TABLE, expected, knock, values_for
from tests.support.databases import SqliteFactory, borrowed
from tests.support.everybody import County
from tests.support.visiting import PASSWORD, send, signed_in
from volunteer.accounts import passwords
from volunteer.accounts.models import Person
from volunteer.kernel.clock import now
from volunteer.web import files
from volunteer.web.unit import transaction

FILES = [
    "/audit.csv",
    "/audit.xlsx",
    "/audit.jsonl",
    "/overview/orders.csv",
    "/overview/orders.xlsx",
    "/books/statement.csv",
    "/books/closing.csv",
    "/manage/points/owed/export",
    "/points/export",
    "/manage/sheets/<name>/export",
    "/manage/settlements/<int:statement_id>.<kind>",
    "/merchant/statements/<int:statement_id>.<kind>",
    "/manage/sheets/imports/<int:import_id>/marked.xlsx",
    "/me/statement.csv",
    "/merchant/<int:merchant_id>/account.csv",
]
ON_THEIR_PAGE = ("/me/data", "/me/hours/export", "/manage/certificates/<int:batch_id>/file")  # the page before asks
ACTION = re.compile(r'<form method="post" action="([^"]+)" class="card')
HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')
LATER = timedelta(minutes=11)


@pytest.fixture(scope="module")
def county(sqlite_factory: SqliteFactory) -> Iterator[County]:
    with borrowed(sqlite_factory) as database:
        for app in running(database):
            app.config["WTF_CSRF_ENABLED"] = False
            county = County(app)
            with app.app_context(), transaction() as session:
                known = passwords.hash_password(PASSWORD, 1)
                session.execute(update(Person).values(password_hash=known, login_name="u" + Person.id.cast(Person.name.type)))
            yield county


def coming_in(county: County, who: str) -> FlaskClient:
    """Log somebody in afresh: a cookie that was renewed later, in another test, is no cookie yet."""
    county.browsers[who] = signed_in(county.app, county.ids[who])
    return county.browsers[who]


def test_every_file_that_asks_is_tried_here(county: County) -> None:
    asking = {
        rule.rule
        for rule in county.app.url_map.iter_rules()
        if getattr(county.app.view_functions[rule.endpoint], "asks_proof", False)
    }
    assert asking == set(FILES)


@pytest.mark.parametrize("rule", FILES)
def test_an_old_log_in_is_asked_once_more_and_then_gets_what_it_asked_for(county: County, rule: str) -> None:
    row = TABLE[f"POST {rule}"]
    who = next(who for who in PEOPLE if expected(row, who) == IN)
    browser, values = coming_in(county, who), values_for(county, row)
    fresh = knock(county, who, "POST", rule, row, values)
    assert "attachment" in fresh.headers["Content-Disposition"]
    assert "no-store" in fresh.headers["Cache-Control"]
    with time_machine.travel(now() + LATER, tick=True):
        asked = knock(county, who, "POST", rule, row, values)
        assert asked.status_code == 422
        assert "Content-Disposition" not in asked.headers
        action = html.unescape(ACTION.search(asked.text)[1])
        carried = {name: html.unescape(value) for name, value in HIDDEN.findall(asked.text)}
        refused = browser.post(action, data=carried | {"password": "not this one"})
        assert refused.status_code == 422
        assert "Content-Disposition" not in refused.headers
        given = browser.post(action, data=carried | {"password": PASSWORD}, buffered=True)
    assert given.headers["Content-Disposition"].split("filename")[0] == fresh.headers["Content-Disposition"].split("filename")[0]
    assert given.content_type == fresh.content_type


def test_what_was_chosen_and_the_way_back_are_carried_along(county: County) -> None:
    browser = coming_in(county, "auditor")
    with time_machine.travel(now() + LATER, tick=True):
        chosen = {"of": "site", "code": "<b>", "unit": "points", "begins": "2026-01-02"}
        came = "http://localhost/books/statement?of=site&code=1"
        asked = browser.post("/books/statement.csv?a=1&b=2", data=chosen, headers={"Referer": came})
        elsewhere = {"Referer": "https://example.org/books"}
        foreign = browser.post("/books/statement.csv", data=chosen, headers=elsewhere)
        forged = browser.post("/books/statement.csv", data=chosen | {"return_to": "//example.org"})
    carried = {name: html.unescape(value) for name, value in HIDDEN.findall(asked.text)}
    assert chosen.items() <= carried.items()
    assert html.unescape(ACTION.search(asked.text)[1]) == "/books/statement.csv?a=1&b=2"
    assert 'class="back" href="/books/statement?of=site&amp;code=1"' in asked.text
    assert "example.org" not in foreign.text
    assert "example.org" not in forged.text


def test_who_has_no_password_is_told_to_come_in_afresh(county: County) -> None:
    with county.app.app_context(), transaction() as session:
        session.execute(update(Person).where(Person.id == county.ids["volunteer"]).values(password_hash=None))
    browser = coming_in(county, "volunteer")
    with time_machine.travel(now() + LATER, tick=True):
        for data in ({}, {"password": ""}, {"password": PASSWORD}):
            answer = send(browser, "/points/export", data)
            assert answer.status_code == 422
            assert 'action="/logout"' in answer.text


@pytest.mark.parametrize("rule", ON_THEIR_PAGE)
def test_where_the_page_itself_asks_nothing_leaves_without_it_either(county: County, rule: str) -> None:
    row = TABLE[f"POST {rule}"]
    who = next(who for who in PEOPLE if expected(row, who) == IN)
    coming_in(county, who)
    values = values_for(county, row)
    with time_machine.travel(now() + LATER, tick=True):
        answer = knock(county, who, "POST", rule, row, values)
    assert answer.status_code == 422
    assert "Content-Disposition" not in answer.headers


def test_a_file_that_forgot_to_ask_does_not_leave(county: County) -> None:
    with county.app.test_request_context():
        with pytest.raises(RuntimeError, match="after_proof"):
            files.handed_out(Response("names"), "names.csv")
        assert files.handed_out(Response("public"), "public.csv", proof=False).headers["Content-Disposition"]
