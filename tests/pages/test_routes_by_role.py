"""Every route, as everybody: who is let in, who may see but not do, and for whom it does not exist."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from tests.conftest import running
from tests.support import builders as make
from tests.support.databases import SqliteFactory, borrowed
from tests.support.everybody import ABROAD, NEXT, County
from tests.support.rows import IN, PEOPLE, Row, Values, every_row
from tests.support.visiting import signed_in
from volunteer.access import Role
from volunteer.accounts.models import RoleGrant
from volunteer.kernel.clock import SHANGHAI, now
from volunteer.kernel.db import db
from volunteer.orders.lifecycle import Status
from volunteer.orders.pages.visits import LOCAL
from volunteer.places.models import Site
from volunteer.web.unit import transaction

TABLE = every_row()
ARGUMENT = re.compile(r"<(int:)?(\w+)>")
UNTOUCHED = "web_sessions", "throttle_counts", "serials"


@pytest.fixture(scope="module")
def county(sqlite_factory: SqliteFactory) -> Iterator[County]:
    with borrowed(sqlite_factory) as database:
        for app in running(database):
            app.config["WTF_CSRF_ENABLED"] = False  # proved for every route elsewhere
            yield County(app)


def methods(app: Flask) -> set[str]:
    return {
        f"{method} {rule.rule}" for rule in app.url_map.iter_rules() for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }


def test_the_table_knows_every_route_and_no_other(app: Flask) -> None:
    assert methods(app) - set(TABLE) == set(), "say in tests/support/rows who may use it"
    assert set(TABLE) - methods(app) == set()


@pytest.mark.parametrize("name", TABLE)
def test_everybody_gets_what_the_table_says(county: County, name: str) -> None:
    row, (method, rule) = TABLE[name], name.split(" ")
    shared = values_for(county, row)
    before = contents(county.app)
    wrong = []
    for who in sorted(PEOPLE, key=lambda who: expected(row, who) < 400):  # the refused first: they change nothing
        wanted = expected(row, who)
        if wanted < 400 and before is not None:
            assert contents(county.app) == before, "somebody who was refused changed something"
            before = None
        values = values_for(county, row) if method == "POST" and wanted < 400 else shared
        answer = knock(county, who, method, rule, row, values)
        if not fits(answer, wanted):
            wrong.append((who, wanted or "in", answer.status_code, answer.headers.get("Location", "")))
        if row.hides and who.endswith((NEXT, ABROAD)):
            shown = [word for word in (values["number"], values["certificate"]) if word in answer.get_data(as_text=True)]
            assert shown == [], who
    assert wrong == []


@pytest.mark.parametrize("name", [name for name in TABLE if "<" in name and "static" not in name])
def test_what_nobody_made_is_not_there_for_anybody(county: County, name: str) -> None:
    """Whoever may use the route gets 404 for a number, a link or a name that nobody gave out."""
    row, (method, rule) = TABLE[name], name.split(" ")
    made = values_for(county, row)
    guessed = {argument: 999999 if kind else "guessed" for kind, argument in ARGUMENT.findall(rule)}
    values = made | guessed | {"certificate": "2611000000000"}
    if "number" in guessed:
        values["number"] = "2611-0000-0"
    if "token" in guessed:
        values["token"] = made["stray"]
    for who in PEOPLE:
        if expected(row, who) < 400:
            answer = knock(county, who, method, rule, row, values)
            assert answer.status_code == 404, (who, answer.status_code)


@pytest.mark.parametrize(
    ("who", "own", "path"),
    [("leader", Status.ACCEPTED, "/inbox/visits/{}/photos/{}"), ("clerk", Status.PLACED, "/desk/orders/{}/photos/{}")],
)
def test_a_photo_of_another_order_is_not_shown_through_ones_own(county: County, who: str, own: Status, path: str) -> None:
    mine, other = values_for(county, Row(who, order=own)), values_for(county, Row(who, order=own))
    assert county.browsers[who].get(path.format(mine["number"], mine["token"]), buffered=True).status_code == 200
    assert county.browsers[who].get(path.format(mine["number"], other["token"])).status_code == 404


def test_a_photo_of_the_resident_is_the_teams_only_while_it_has_the_order(county: County) -> None:
    for status, answer in ((Status.ACCEPTED, 200), (Status.IN_SERVICE, 200), (Status.SERVED, 404), (Status.CLOSED, 404)):
        values = values_for(county, Row("leader", order=status))
        assert (
            county.browsers["leader"].get(f"/inbox/visits/{values['number']}/photos/{values['token']}", buffered=True).status_code
            == answer
        )


SEARCHES = ("/board?tab=placed&q={}", "/board/rows?tab=placed&q={}", "/board/pins?tab=placed&q={}", "/desk?tab=all&q={}")


@pytest.mark.parametrize("path", SEARCHES)
def test_a_search_finds_nothing_of_another_place(county: County, path: str) -> None:
    number = values_for(county, Row("dispatcher"))["number"]
    hit = f"/orders/{number}" if "pins" not in path else number
    assert hit in county.browsers["dispatcher"].get(path.format(number)).text
    for place in (NEXT, ABROAD):
        for words in (number, "换灯管", "huandengguan"):
            assert hit not in county.browsers["dispatcher" + place].get(path.format(words)).text


def test_hours_of_another_places_volunteer_are_not_found(county: County) -> None:
    number = values_for(county, Row("admin"))["volunteer"]
    assert "志愿者甲" in county.browsers["admin"].get(f"/hours?number={number}").text
    for place in (NEXT, ABROAD):
        answer = county.browsers["admin" + place].get(f"/hours?number={number}")
        assert answer.status_code == 404
        assert "志愿者甲" not in answer.text


def test_a_role_in_one_place_lends_nothing_to_a_role_in_another(county: County) -> None:
    """Clerk here and dispatcher in the next branch: here one may not dispatch, there one may."""
    with county.app.app_context(), transaction() as session:
        beside = make.a_site(session, session.get_one(Site, county.station).parent.parent)
        both = make.staff(session, Role.CLERK, session.get_one(Site, county.station))
        session.add(RoleGrant(person_id=both.user_id, role=Role.DISPATCHER, site_id=beside.id, since=make.LONG_AGO))
        there = make.an_order(session, make.a_site(session, beside), status=Status.VERIFIED).number
    browser = signed_in(county.app, both.user_id)
    here = values_for(county, Row("clerk", order=Status.VERIFIED))["number"]
    assert browser.get(f"/desk/orders/{here}").status_code == 200
    assert browser.get(f"/board/orders/{here}").status_code == 404
    assert browser.post(f"/board/orders/{here}/give-up", data={"reason": "x"}).status_code == 404
    assert browser.get(f"/board/orders/{there}").status_code == 200


def expected(row: Row, who: str) -> int:
    """What the table says that ``who`` gets."""
    role, _, place = who.partition("_")
    if who in row.but:
        return row.but[who]
    if role == "visitor":
        return row.visitor if row.visitor != 302 else 401
    if role in row.own.split():
        return row.elsewhere if place else IN
    return row.others


def fits(answer: Any, wanted: int) -> bool:
    """401 in the table's words: sent to the log-in page."""
    asked = answer.status_code == 302 and answer.location.startswith("/login")
    if wanted == 401:
        return bool(asked)
    return answer.status_code < 400 and not asked if wanted == IN else answer.status_code == wanted


def knock(county: County, who: str, method: str, rule: str, row: Row, values: Values) -> Any:
    """Ask for the rule's address, as somebody."""
    client = county.browsers[who]
    if rule == "/logout":  # the others are still needed
        client = county.app.test_client()
    if rule.endswith("/replace") and expected(row, who) == IN:
        county.more_hours()
    if "/verify/<number>" in rule or "/me/certificates/" in rule:
        values = values | {"number": values["certificate"]}
    path = rule
    for argument, value in values.items():
        path = path.replace(f"<{argument}>", str(value)).replace(f"<int:{argument}>", str(value))
    assert "<" not in path, path
    data = row.data(values) if method == "POST" else None
    return client.open(path, method=method, data=data, query_string=row.query(values), buffered=True)


def values_for(county: County, row: Row) -> Values:
    begins = now().astimezone(SHANGHAI).replace(second=0, microsecond=0).strftime(LOCAL)
    more = {"item_id": county.item, "site": county.station, "team": county.team, "persona": "clerk", "begins": begins}
    values = county.new(row.order) | more | {"path:filename": "nothing.css", "item": county.item_code}
    return values | row.extra(county, values)


def contents(app: Flask) -> dict[str, list[Any]]:
    """Everything in the database but who was seen when."""
    with app.app_context():
        names = [table.name for table in db.metadata.sorted_tables if table.name not in UNTOUCHED]
        return {name: [tuple(row) for row in db.session.execute(text(f"SELECT * FROM {name}"))] for name in names}
