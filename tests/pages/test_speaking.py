"""Speaking up without an account: a complaint is said, followed by number and code, answered, and closed or looked at again."""

from __future__ import annotations

import io
import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import func, select

from tests.conftest import running
from tests.support.databases import Database
from tests.support.ordering import ONCE, TO_SERVED, Town, advance, placed
from tests.support.visiting import TOKEN, signed_in
from volunteer.access import Actor, Role
from volunteer.accounts.models import Person
from volunteer.feedback import handling
from volunteer.feedback.models import Case, CaseKind
from volunteer.kernel.clock import now
from volunteer.kernel.db import db
from volunteer.orders.afterwards.models_later import ReallySolved
from volunteer.orders.lifecycle import Action
from volunteer.orders.models import ServiceOrder
from volunteer.web.unit import transaction

ABOUT = re.compile(r'href="(/speak\?about=[^"]+)"')
SIGNED = re.compile(r'name="about" value="([^"]*)"')


@pytest.fixture
def town(app: Flask) -> Town:
    return Town(app)


def form(client: FlaskClient, where: str = "/speak", **changed: str) -> dict[str, str]:
    page = client.get(where).text
    values = {
        "csrf_token": TOKEN.search(page)[1], "once": ONCE.search(page)[1], "about": SIGNED.search(page)[1], "kind": "complaint",
        "words": "说好上午来，下午才到", "site": "", "answer": "yes", "name": "李试", "phone": "13800000061", "consent": "yes",
    }  # fmt: skip
    return values | changed


def spoken(town: Town) -> Case:
    return db.session.scalars(select(Case).order_by(Case.id.desc())).first()


def answer(town: Town, words: str = "对不起，已经提醒队伍") -> None:
    with town.app.app_context(), transaction() as session:
        case = session.scalars(select(Case).order_by(Case.id.desc())).first()
        handling.answer_case(session, Actor(town.clerk, frozenset({(Role.DIRECTOR, "/")}), name="文员"), case.id, words, at=now())


def say(client: FlaskClient, path: str, **data: str):
    return client.post(path, data={"csrf_token": TOKEN.search(client.get("/speak").text)[1]} | data)


def test_a_complaint_is_said_followed_answered_and_closed(town: Town, client: FlaskClient) -> None:
    said = client.post("/speak", data=form(client))
    page = client.get(said.location)
    assert page.status_code == 200
    with town.app.app_context():
        case = spoken(town)
        number, code, link = case.number, case.code, f"/c/{case.secret}"
        assert said.location == f"{link}?new=1"
        assert f": {' '.join(number)}" in page.text
        assert f": {' '.join(code)}" in page.text
        assert "13800000061" not in page.text
    for typed in (number, number.removeprefix("F"), number.lower().replace("-", " ")):
        found = say(client, "/track", number=typed, code=code)
        assert (found.status_code, found.location) == (303, link)
    answer(town)
    assert "提醒队伍" in client.get(link).text
    for _ in range(2):
        assert say(client, f"{link}/content", content="yes").status_code == 303
    with town.app.app_context():
        assert (spoken(town).status.value, spoken(town).content) == ("closed", True)
    assert f'action="{link}/content"' not in client.get(link).text


def test_an_answer_that_is_not_enough_is_looked_at_by_the_site_above(town: Town, client: FlaskClient) -> None:
    link = client.post("/speak", data=form(client, site=str(town.station))).location.split("?")[0]
    assert say(client, f"{link}/add", words="昨天又没来").status_code == 303
    assert say(client, f"{link}/add", words=" ").status_code == 422
    assert "昨天又没来" in client.get(link).text
    answer(town)
    with town.app.app_context():
        before = spoken(town).desk_path
    assert say(client, f"{link}/content", content="perhaps").status_code == 422
    assert say(client, f"{link}/content", content="no", words="没说为什么").status_code == 303
    with town.app.app_context():
        case = spoken(town)
        assert case.status.value == "reopened"
        assert before.startswith(case.desk_path)
        assert before != case.desk_path
    assert "没说为什么" in client.get(link).text


def test_number_and_code_tell_nothing_when_one_of_them_is_wrong(town: Town, client: FlaskClient) -> None:
    client.post("/speak", data=form(client))
    with town.app.app_context():
        number = spoken(town).number
    tries = [say(client, "/track", number=typed, code="12345x").text for typed in (number, "F2611-9999-9")]
    plain = [re.sub(r'value="[^"]*"', "", page) for page in tries]
    assert plain[0] == plain[1]


def test_who_wants_no_answer_leaves_no_name(town: Town, client: FlaskClient) -> None:
    with town.app.app_context():
        people = db.session.scalar(select(func.count(Person.id)))
    kept = client.post("/speak", data=form(client, kind="praise", answer="no", consent="", quotable="yes"))
    assert kept.status_code == 303
    with town.app.app_context():
        case = spoken(town)
        assert (case.kind, case.person_id, case.contact, case.phone, case.quotable) == (CaseKind.PRAISE, None, None, None, True)
        assert db.session.scalar(select(func.count(Person.id))) == people


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("kind", ""), ("kind", "follow_up"), ("kind", "x" * 500), ("words", " "), ("words", "长" * 2001), ("name", ""),
        ("phone", "12"), ("consent", ""), ("answer", ""), ("answer", "maybe"), ("site", "999999"), ("site", "x"),
        ("about", "made-up"),
    ],
)  # fmt: skip
def test_what_is_missing_or_odd_is_said_and_nothing_typed_is_lost(
    town: Town, client: FlaskClient, field: str, typed: str
) -> None:
    refused = client.post("/speak", data=form(client) | {field: typed})
    assert refused.status_code == 422
    assert "error-summary" in refused.text
    assert field == "words" or "说好上午来" in refused.text
    with town.app.app_context():
        assert spoken(town) is None


def test_a_double_tap_says_it_once(town: Town, client: FlaskClient) -> None:
    values = form(client)
    first, second = client.post("/speak", data=values), client.post("/speak", data=values)
    assert first.location == second.location
    assert client.post("/speak", data=values | {"words": "另一件事"}).status_code == 422
    with town.app.app_context():
        assert db.session.scalar(select(func.count(Case.id))) == 1


def test_photos_are_written_anew_and_only_this_link_shows_them(town: Town, client: FlaskClient) -> None:
    def picture() -> tuple[io.BytesIO, str]:
        data = io.BytesIO()
        Image.new("RGB", (40, 30), "red").save(data, "PNG")
        return io.BytesIO(data.getvalue()), "door.png"

    wrong = client.post("/speak", data=form(client, words="") | {"photos": [picture()]}, content_type="multipart/form-data")
    kept = re.search(r'name="kept" value="([^"]+)"', wrong.text)[1]
    link = client.post("/speak", data=form(client) | {"kept": kept}).location.split("?")[0]
    shown = re.search(rf'src="({link}/photos/[^"]+)"', client.get(link).text)[1]
    assert client.get(shown, buffered=True).mimetype == "image/jpeg"
    other = client.post("/speak", data=form(client) | {"kept": kept}).location.split("?")[0]  # hung already on the first
    assert client.get(shown.replace(link, other)).status_code == 404
    many = client.post(
        "/speak", data=form(client) | {"photos": [picture() for _ in range(4)]}, content_type="multipart/form-data"
    )
    assert many.status_code == 422


def test_an_order_is_spoken_about_from_its_own_page_only(town: Town, client: FlaskClient) -> None:
    page = client.get(placed(town, client)).text
    values = form(client, ABOUT.search(page)[1], name="", phone="")
    assert client.post("/speak", data=values | {"about": values["about"][:-2]}).status_code == 422
    assert client.post("/speak", data=values).status_code == 303
    with town.app.app_context():
        case, order = spoken(town), town.order()
        assert (case.about, case.label, case.person_id) == (f"order:{order.id}", order.number, order.resident_id)
        assert (case.site_id, case.phone) == (order.site_id, "13800000001")


def test_one_sees_ones_own_cases_and_what_is_asked_on_ones_page(town: Town, client: FlaskClient) -> None:
    own = signed_in(town.app, town.resident)
    own.post("/speak", data=form(own, name="李居民", phone="19900002222"))
    client.post("/speak", data=form(client, name="王另试", phone="13800000062"))
    with town.app.app_context():
        links = {case.person_id: f"/c/{case.secret}" for case in db.session.scalars(select(Case))}
        other = next(link for person, link in links.items() if person != town.resident)
    assert links[town.resident] in own.get("/my").text
    assert other not in own.get("/my").text


def test_whether_it_is_really_solved_is_asked_on_ones_page_too(town: Town) -> None:
    own = signed_in(town.app, town.resident)
    placed(town, own)
    advance(
        town, *TO_SERVED, Action.CLOSE_SILENT, served_at=now(), closed_at=now() - timedelta(days=15), resident_id=town.resident
    )
    page = own.get("/my").text
    with town.app.app_context(), transaction() as session:
        order = session.scalars(select(ServiceOrder)).one()
        session.add(ReallySolved(order_id=order.id, turn=1, site_path=order.site_path, asked_at=now()))
    asked = own.get("/my").text
    assert ("真的解决了没有" in page, "真的解决了没有" in asked) == (False, True)


def test_speaking_is_throttled(database: Database) -> None:
    for app in running(database, throttle=True):
        Town(app)
        client = app.test_client()
        values = form(client)
        answers = [client.post("/speak", data=values).status_code for _ in range(61)]
        assert (answers[0], answers[-1]) == (303, 429)
