"""Every route, as everybody, with what an attacker or a broken browser sends: refused clearly, never an accident."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from tests.conftest import running
from tests.support import builders
from tests.support.databases import Database
from tests.support.visiting import register, signed_in, token
from volunteer.access import Role
from volunteer.kernel.db import db
from volunteer.orders.lifecycle import Status
from volunteer.places.models import Site
from volunteer.web.unit import transaction

ROLES = (Role.RESIDENT, Role.VOLUNTEER, Role.CLERK, Role.DISPATCHER, Role.SITE_ADMIN, Role.DIRECTOR, Role.AUDITOR, Role.COUNTY_IT)
JUNK = (
    "", "0", "-1", "1", "9" * 40, "2147483648", "9223372036854775808", "1e308", "NaN", "Infinity", "true", "null", "[]", "{}",
    "'; DROP TABLE people; --", "<script>alert(1)</script>", "{{ 7*7 }}", "%s%n", "../../etc/passwd", "\x00", "\r\nSet-Cookie: a=b",
    "２６１１", "²6110427³", "person:²", "\u202e", "👩‍🔧" * 50, "阿" * 5000, "2026-02-30", "0001-01-01", "9999-12-31T23:59", "31.1,120.6", "zh", "a@b",
)  # fmt: skip
FIELDS = (
    "item", "item_id", "words", "point.latitude", "point.longitude", "point.datum", "site", "site_id", "address", "door", "when", "window",
    "day", "begins", "ends", "name", "phone", "code", "number", "once", "reason", "team", "teams", "members", "volunteer", "stars",
    "tags", "answers.0.code", "answers.0.value", "urgent", "people", "record", "latitude", "longitude", "accuracy", "proof", "q",
    "page", "before", "after", "action", "next", "locale", "elder", "theme", "status", "id", "role", "grade", "grades", "period",
)  # fmt: skip


@pytest.fixture
def county(app: Flask) -> Iterator[Flask]:
    """A county with an order in each state, so that some of the junk meets something."""
    with app.app_context(), transaction() as session:
        centre, branch, station = builders.a_county(session)
        item, team = builders.an_item(session, centre), builders.a_team(session, branch)
        for status in Status:
            order = builders.an_order(session, station, item=item, status=status, team=team)
            builders.an_offer(session, order, team)
    yield app


def people(app: Flask) -> dict[str, FlaskClient]:
    visitors = {"visitor": app.test_client()}
    for role in ROLES:
        visitors[role.value] = signed_in(app, register(app, f"junk-{role.value}", role))
    return visitors


def address(rule: Rule, draw: random.Random, numbers: list[str]) -> str:
    values: dict[str, Any] = dict(rule.defaults or {})
    for name, converter in rule._converters.items():
        if type(converter).__name__ == "IntegerConverter":
            values[name] = draw.choice((0, 1, 2, 5, 99999999999999999999))
        else:
            junk = draw.choice([word for word in JUNK if word and "/" not in word and "\x00" not in word and "\r" not in word])
            values[name] = draw.choice((junk[:60], draw.choice(numbers)))
    _, path = rule.build(values, append_unknown=False) or ("", "/")
    return path


@pytest.mark.parametrize("seed", range(3))
def test_no_input_makes_the_application_stumble(county: Flask, seed: int) -> None:
    draw = random.Random(seed)
    county.testing = False  # as in production: an exception becomes a 500, which is what is looked for
    county.config["PROPAGATE_EXCEPTIONS"] = False
    with county.app_context():
        from volunteer.orders.models import ServiceOrder

        numbers = [order.number for order in db.session.query(ServiceOrder)]
        assert db.session.query(Site).count() == 3
    visitors = people(county)
    stumbled = []
    for rule in county.url_map.iter_rules():
        if rule.endpoint == "static":
            continue
        for who, client in visitors.items():
            path = address(rule, draw, numbers)
            query = {draw.choice(FIELDS): draw.choice(JUNK) for _ in range(3)}
            form: dict[str, Any] = {name: draw.choice(JUNK) for name in draw.sample(FIELDS, 12)}
            if "GET" in rule.methods:
                answer = client.get(path, query_string=query)
            else:
                answer = client.post(path, data=form | {"csrf_token": token(client)}, query_string=query)
            if answer.status_code >= 500:
                stumbled.append((who, rule.rule, path, query, form if "POST" in rule.methods else None))
    assert stumbled == []


def test_a_nul_reaches_no_database(database: Database) -> None:
    """PostgreSQL takes no text that holds one; SQLite does, and would then hold what nobody can look up."""
    for app in running(database):
        app.testing = False
        app.config["PROPAGATE_EXCEPTIONS"] = False
        visitors, stumbled = people(app), []
        for rule in app.url_map.iter_rules():
            if rule.endpoint == "static" or (not rule._converters and "GET" in rule.methods):
                continue
            whole = {name for name, one in rule._converters.items() if type(one).__name__ == "IntegerConverter"}
            _, path = rule.build({name: 1 if name in whole else "a\0b" for name in rule._converters}, append_unknown=False)
            for who, client in visitors.items():
                if who not in {"visitor", "volunteer", "director"}:
                    continue
                form = dict.fromkeys(FIELDS, "a\0b") | {"csrf_token": token(client), "once": f"{who}-{rule.rule}"[:60]}
                answer = client.get(path) if "GET" in rule.methods else client.post(path, data=form)
                if answer.status_code >= 500:
                    stumbled.append((who, rule.rule))
        assert stumbled == []


def test_forms_are_refused_without_their_token(county: Flask) -> None:
    county.config["WTF_CSRF_ENABLED"] = True
    passed = []
    client = people(county)["dispatcher"]
    draw = random.Random(0)
    for rule in county.url_map.iter_rules():
        if "POST" in rule.methods:
            answer = client.post(address(rule, draw, ["2611-0001-0"]), data={"reason": "x"})
            signed = {401} if rule.endpoint == "partners_api.receive" else set()  # by a partner, not by a browser
            if answer.status_code not in {400, 404, 405} | signed:  # 405: a number beyond a row is no such address
                passed.append((rule.rule, answer.status_code))
    assert passed == []


def test_looking_changes_nothing(county: Flask) -> None:
    """No GET route writes anything but what looking must write: the audit of a look, a hold, the session's touch."""
    allowed = {"audit_entries", "web_sessions", "throttle_counts", "holds", "messages"}
    draw = random.Random(1)

    def counts() -> dict[str, int]:
        with county.app_context():
            return {
                table.name: db.session.execute(db.select(db.func.count()).select_from(table)).scalar_one()
                for table in db.metadata.sorted_tables
                if table.name not in allowed
            }

    visitors = people(county)
    before = counts()
    for rule in county.url_map.iter_rules():
        if "GET" in rule.methods and rule.endpoint != "static":
            for client in visitors.values():
                client.get(address(rule, draw, ["2611-0001-0"]))
    assert counts() == before
