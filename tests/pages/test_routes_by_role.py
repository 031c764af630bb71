"""Every route, as everybody: who is let in, who may see but not do, and for whom it does not exist.

A route that the table does not know fails the test: whoever adds one says here who may use it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pytest
from flask import Flask
from sqlalchemy import text

from tests.conftest import running
from tests.support import builders as make
from tests.support.databases import SqliteFactory, borrowed
from tests.support.everybody import ABROAD, NEXT, STAFF, County
from tests.support.visiting import signed_in
from volunteer.access import Role
from volunteer.accounts.models import RoleGrant
from volunteer.kernel.clock import SHANGHAI, now
from volunteer.kernel.db import db
from volunteer.orders.lifecycle import Status
from volunteer.orders.pages.visits import LOCAL
from volunteer.places.models import Site
from volunteer.web.idempotency import once
from volunteer.web.unit import transaction

IN = 0  # let in: the page, or a redirect to where one goes on
ROLES = ("resident", "volunteer", "leader", *STAFF)
EVERYBODY = " ".join(ROLES)
PEOPLE = ("visitor", *(role + place for role in ROLES for place in ("", NEXT, ABROAD)))
UNTOUCHED = "web_sessions", "throttle_counts", "serials"
Values = dict[str, Any]


class Row(NamedTuple):
    """What a route answers: to ``own`` roles of the place, to the same roles ``elsewhere``, to ``others``, to a visitor."""

    own: str
    elsewhere: int = 404
    others: int = 403
    visitor: int = 302  # asked to log in
    but: dict[str, int] = {}
    order: Status = Status.PLACED
    data: Callable[[Values], Values] = lambda _: {}
    query: Callable[[Values], Values] = lambda _: {}
    hides: bool = False  # a list: elsewhere it is another list, without what is ours


def all_of_us(
    order: Status = Status.PLACED, data: Callable[[Values], Values] = lambda _: {}, answer: int = IN, **more: Any
) -> Row:
    """A route that is open: whoever knows the number, the code or the link needs no account."""
    return Row(EVERYBODY, answer, answer, answer, dict.fromkeys(PEOPLE, answer), order, data, **more)


def visit(order: Status, data: Callable[[Values], Values] = lambda _: {}) -> Row:
    return Row("leader", order=order, data=data)


def board(order: Status, data: Callable[[Values], Values] = lambda _: {}, *, clerk: bool = False) -> Row:
    """On the board a clerk's rights to verify and to see do not count: the order is not on any board of theirs."""
    return Row("dispatcher", order=order, data=data, but={f"clerk{place}": 404 for place in ("", NEXT, ABROAD)} if clerk else {})


def because(_: Values) -> Values:
    return {"reason": "试一试"}


def form(values: Values) -> Values:
    return {
        "once": once(), "item": values["item"], "channel": "web", "words": "灯不亮", "site": str(values["site"]), "address": "3幢",
        "when": "soon", "name": "李试", "phone": "13800000001", "consent": "yes", "point.latitude": "", "point.longitude": "",
    }  # fmt: skip


def appointment(values: Values) -> Values:
    return {"members": [str(values["member"])], "begins": values["begins"], "members_agreed": "yes"}


def roll_call(values: Values) -> Values:
    return {"by": "roll_call", "listed": "yes", "present": [str(values["member"])]}


LINK = all_of_us()
STATION = "clerk dispatcher"
TABLE: dict[str, Row] = {
    "GET /": LINK,
    "GET /static/<path:filename>": all_of_us(answer=404),
    "GET /healthz": LINK,
    "GET /readyz": LINK,
    "GET /notice": LINK,
    "GET /map.geojson": LINK,
    "POST /language": LINK,
    "POST /elder": LINK,
    "POST /theme": LINK,
    "GET /login": LINK,
    "POST /login": all_of_us(data=lambda _: {"name": "nobody", "password": "wrong one"}, answer=422),
    "GET /login/code": LINK,
    "POST /login/code": all_of_us(data=lambda _: {"phone": "13800000001", "code": "000000"}, answer=422),
    "POST /login/code/send": all_of_us(data=lambda _: {"phone": "13800000001"}),
    "POST /demo/<persona>": all_of_us(answer=404),  # this county is no demo
    "POST /logout": LINK,
    "GET /order/new": LINK,
    "POST /order/new": all_of_us(data=form),
    "GET /order/photos/<name>": LINK,
    "GET /track": LINK,
    "POST /track": all_of_us(data=lambda values: {"number": values["number"], "code": values["code"]}),
    "GET /o/<secret>": LINK,
    "GET /o/<secret>/now": LINK,
    "GET /o/<secret>/qr.svg": all_of_us(Status.UNDER_WAY),
    "GET /o/<secret>/link.svg": LINK,
    "GET /o/<secret>/slip": LINK,
    "GET /o/<secret>/photos/<token>": LINK,
    "GET /o/<secret>/correct": LINK,
    "POST /o/<secret>/correct": all_of_us(data=lambda _: {"address": "5幢"}),
    "POST /o/<secret>/withdraw": LINK,
    "POST /o/<secret>/nudge": LINK,
    "POST /o/<secret>/confirm": all_of_us(Status.SERVED),
    "POST /o/<secret>/rate": all_of_us(Status.SERVED, lambda _: {"stars": "5"}),
    "POST /o/<secret>/reopen": all_of_us(Status.CLOSED),
    "GET /me": Row(EVERYBODY, IN, hides=True),
    "GET /me/sessions": Row(EVERYBODY, IN),
    "POST /me/sessions/end": Row(EVERYBODY, IN),
    "POST /me/sessions/<int:session_id>/end": Row("volunteer", others=404),
    "GET /me/password": Row(EVERYBODY, IN),
    "POST /me/password": Row(EVERYBODY, 422, but=dict.fromkeys(ROLES, 422)),
    "GET /me/certificate": Row("volunteer", IN, hides=True),
    "POST /me/certificate": Row("volunteer", 409, data=lambda _: {"period": "all", "grades": ["a"], "locale": "zh_Hans"}),
    "GET /me/certificates/<number>.pdf": Row("volunteer"),
    "POST /me/certificates/<number>/replace": Row("volunteer"),
    "GET /verify": LINK,
    "GET /verify/<number>": LINK,
    "POST /verify/<number>/revoke": Row("admin director", data=because),
    "GET /hours": Row("admin", IN, query=lambda _: {}),
    "POST /hours/<int:transfer_id>/take-back": Row("admin", data=lambda _: {"note": "记错了"}),
    "GET /desk": Row(STATION, IN, query=lambda _: {"tab": "all"}, hides=True),
    "GET /desk/orders/<number>": Row(STATION),
    "POST /desk/orders/<number>/details": Row(STATION),
    "POST /desk/orders/<number>/verify": Row(STATION, data=lambda values: {"item": str(values["item_id"])}),
    "POST /desk/orders/<number>/reject": Row(STATION, data=because),
    "POST /desk/orders/<number>/rate": Row(STATION, order=Status.SERVED, data=lambda _: {"stars": "4"}),
    "GET /desk/orders/<number>/slip": Row("clerk", others=403, but={f"dispatcher{place}": 404 for place in ("", NEXT, ABROAD)}),
    "GET /desk/orders/<number>/qr.svg": Row("clerk", others=403, but={f"dispatcher{place}": 404 for place in ("", NEXT, ABROAD)}),
    "GET /desk/orders/<number>/photos/<token>": Row(STATION),
    "GET /board": Row("dispatcher", IN, query=lambda _: {"tab": "placed"}, hides=True),
    "GET /board/rows": Row("dispatcher", IN, query=lambda _: {"tab": "placed"}, hides=True),
    "GET /board/pins": Row("dispatcher", IN, query=lambda _: {"tab": "placed"}, hides=True),
    "GET /board/orders/<number>": board(Status.VERIFIED),
    "GET /board/orders/<number>/live": board(Status.VERIFIED),
    "POST /board/orders/<number>/reveal": board(Status.VERIFIED, clerk=True),
    "POST /board/orders/<number>/verify": board(Status.PLACED, lambda values: {"item": str(values["item_id"])}, clerk=True),
    "POST /board/orders/<number>/reject": board(Status.PLACED, because, clerk=True),
    "POST /board/orders/<number>/offer": board(Status.VERIFIED, lambda values: {"team": str(values["team"])}),
    "POST /board/orders/<number>/recall": board(Status.OFFERED, because),
    "POST /board/orders/<number>/escalate": board(Status.VERIFIED, because),
    "POST /board/orders/<number>/give-up": board(Status.VERIFIED, because),
    "POST /board/orders/<number>/release": board(Status.VERIFIED),
    "GET /inbox": Row("leader", IN, order=Status.OFFERED, hides=True),
    "GET /inbox/rows": Row("leader", IN, order=Status.OFFERED, hides=True),
    "GET /inbox/offers/<int:offer_id>": visit(Status.OFFERED),
    "POST /inbox/offers/<int:offer_id>/accept": visit(Status.OFFERED),
    "POST /inbox/offers/<int:offer_id>/decline": visit(Status.OFFERED, lambda _: {"why": "busy"}),
    "GET /inbox/visits/<number>": visit(Status.ACCEPTED),
    "GET /inbox/visits/<number>/scan": visit(Status.ACCEPTED),
    "GET /inbox/visits/<number>/sheet": visit(Status.ACCEPTED),
    "GET /inbox/visits/<number>/photos/<token>": visit(Status.ACCEPTED),
    "POST /inbox/visits/<number>/members": visit(Status.ACCEPTED, appointment),
    "POST /inbox/visits/<number>/set-out": visit(Status.ACCEPTED),
    "POST /inbox/visits/<number>/arrive": visit(Status.UNDER_WAY, roll_call),
    "POST /inbox/visits/<number>/leave": visit(Status.IN_SERVICE, lambda _: {"by": "roll_call"}),
    "POST /inbox/visits/<number>/record": visit(Status.SERVED, lambda _: {"words": "换好了", "people": "1"}),
    "POST /inbox/visits/<number>/release": visit(Status.ACCEPTED, because),
    "POST /inbox/visits/<number>/nobody-home": visit(Status.UNDER_WAY, because),
    "GET /overview": Row("admin director auditor", IN, hides=True),
    "GET /overview/orders/<number>": Row("clerk dispatcher admin director"),
    "GET /audit": Row("auditor", IN, hides=True),
    "GET /system": Row("it", IN),
    "POST /system/messages/<int:message_id>/again": Row("it", IN),  # a message lies under no site, and names nobody
}


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
    assert methods(app) - set(TABLE) == set(), "say in TABLE who may use it"
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
    values = values_for(county, row) | {
        "number": "2611-0000-0", "certificate": "2611000000000", "secret": "guessed", "token": values_for(county, row)["stray"],
        "name": "guessed", "offer_id": 999999, "transfer_id": 999999, "message_id": 999999, "session_id": 999999, "persona": "guessed",
    }  # fmt: skip
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
    return county.new(row.order) | more | {"path:filename": "nothing.css", "item": county.item_code}


def contents(app: Flask) -> dict[str, list[Any]]:
    """Everything in the database but who was seen when."""
    with app.app_context():
        names = [table.name for table in db.metadata.sorted_tables if table.name not in UNTOUCHED]
        return {name: [tuple(row) for row in db.session.execute(text(f"SELECT * FROM {name}"))] for name in names}
