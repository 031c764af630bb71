"""My requests, places, help every week, markers: what pages show, and what they must never show."""

from __future__ import annotations

import logging
from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.support.ordering import TO_ACCEPTED, Town, advance, placed
from tests.support.visiting import TOKEN, signed_in
from volunteer.accounts.models_caring import Care
from volunteer.kernel.clock import SHANGHAI, local_date, now
from volunteer.kernel.db import db
from volunteer.messaging.models import Message
from volunteer.orders.households.models_household import Marker, SavedPlace
from volunteer.orders.households.models_standing import StandingOrder
from volunteer.orders.models import ServiceOrder
from volunteer.web.unit import transaction

CANARY = "金丝雀床边氧气"


@pytest.fixture
def town(app):
    return Town(app)


@pytest.fixture
def me(town):
    return signed_in(town.app, town.resident)


def token(client, path):
    return TOKEN.search(client.get(path).text)[1]


def a_place(town, client, label="妈妈家"):
    data = {"csrf_token": token(client, "/my/places"), "label": label, "site": str(town.station), "address": "8幢808"}
    return client.post("/my/places", data=data)


def test_an_order_goes_to_a_saved_place_with_one_choice_and_no_script(town, me):
    assert a_place(town, me).status_code == 303
    with town.app.app_context():
        place = db.session.scalars(select(SavedPlace)).one().id
    assert "妈妈家" in me.get(f"/order/new?item={town.item}").text
    placed(town, me, site="", address="", saved=str(place))
    with town.app.app_context():
        assert (town.order().door, town.order().site_id) == ("8幢808", town.station)


def test_a_place_of_somebody_else_cannot_be_chosen(town, me):
    a_place(town, me)
    with town.app.app_context():
        place = db.session.scalars(select(SavedPlace)).one().id
    stranger = town.app.test_client()
    assert stranger.post("/order/new", data=town.form(stranger, saved=str(place))).status_code == 404


def test_a_place_that_cannot_be_comes_back_with_words_and_everything_typed(town, me):
    answer = me.post("/my/places", data={"csrf_token": token(me, "/my/places"), "label": "", "address": "很远的地方"})
    assert (answer.status_code, "很远的地方" in answer.text) == (422, True)


def test_my_requests_say_what_there_is_to_do(town, me):
    placed(town, me)
    page = me.get("/my").text
    with town.app.app_context():
        assert town.order().number in page
        assert f"/o/{town.order().secret}" in page
    assert "/my" in me.get("/").text


def test_help_every_week_is_made_from_a_request_and_looked_after(town, me):
    placed(town, me)
    advance(town, *TO_ACCEPTED)
    with town.app.app_context():
        number = town.order().number
    tomorrow = local_date(now(), SHANGHAI) + timedelta(days=1)
    form = f"/weekly/new?order={number}"
    data = {
        "csrf_token": token(me, form), "order": number, "weekdays": str(tomorrow.weekday()), "half": "own", "from_time": "09:00",
        "to_time": "10:30", "every_weeks": "1", "begins": tomorrow.isoformat(), "consent": "yes",
    }  # fmt: skip
    assert me.post("/weekly", data=data | {"to_time": "08:00"}).status_code == 422
    first, second = me.post("/weekly", data=data), me.post("/weekly", data=data)  # a double tap
    assert (first.status_code, first.location) == (303, second.location)
    own = first.location
    answer = me.post(f"{own}/skip", data={"csrf_token": data["csrf_token"], "day": tomorrow.isoformat()}, follow_redirects=True)
    assert 'action="' + own + '/unskip"' in answer.text
    for odd in ("", "0000-00-00", "9999-12-31", "x" * 500):
        assert me.post(f"{own}/skip", data={"csrf_token": data["csrf_token"], "day": odd}).status_code in (404, 422)
    clerk = signed_in(town.app, town.clerk)
    assert clerk.get(own).status_code == 200
    assert signed_in(town.app, town.stranger).get(own).status_code == 404
    with town.app.app_context():
        assert db.session.scalars(select(StandingOrder)).one().from_minute == 540


def test_a_marker_is_nowhere_but_where_it_is_asked_for(town, me, caplog):
    """The canary: set at the desk, looked for in every page, message, log line and row before the team has accepted."""
    caplog.set_level(logging.DEBUG)
    secret = placed(town, me)
    clerk = signed_in(town.app, town.clerk)
    with town.app.app_context():
        number = town.order().number
    data = {
        "csrf_token": token(clerk, "/desk"), "kind": "bedridden", "note": CANARY, "reason": CANARY, "consent": CANARY,
        "check_on": (local_date(now(), SHANGHAI) + timedelta(days=50)).isoformat(),
    }  # fmt: skip
    assert clerk.post(f"/desk/orders/{number}/markers/set", data=data).status_code == 303
    shown = clerk.post(f"/desk/orders/{number}/markers", data={"csrf_token": data["csrf_token"]})
    assert CANARY in shown.text
    for client, path in (
        (clerk, "/desk"),
        (clerk, f"/desk/orders/{number}"),
        (clerk, "/weekly"),
        (me, "/my"),
        (me, secret),
        (me, "/"),
    ):
        text = client.get(path).text
        assert CANARY not in text, path
        assert "卧床" not in text, path
    advance(town, *TO_ACCEPTED)
    assert CANARY not in clerk.get("/desk?tab=all").text + me.get(secret).text
    assert CANARY not in caplog.text
    with town.app.app_context():
        for row in db.session.scalars(select(Message)):
            assert CANARY not in repr(row.params)
        raw = db.session.execute(select(Marker.__table__)).all()
        assert CANARY.encode() not in b"".join(cell for row in raw for cell in row if isinstance(cell, bytes))
        assert "bedridden" not in repr(raw)


def test_the_resident_sees_and_removes_what_was_noted(town, me):
    placed(town, me)
    with town.app.app_context(), transaction() as session:
        order = session.scalars(select(ServiceOrder)).one()
        session.add(
            marker := Marker(
                person=order.resident, site_path=order.site_path, kept_at=now(), check_on=local_date(now(), SHANGHAI)
            )
        )
        marker.kind, marker.note = "alone", CANARY
        session.flush()
        marker_id = marker.id
    page = me.get("/my/notes").text
    assert CANARY in page
    me.post(f"/my/notes/{marker_id}/remove", data={"csrf_token": TOKEN.search(page)[1]})
    assert CANARY not in me.get("/my/notes").text


def test_somebody_is_added_chosen_and_the_helper_loses_the_link_when_it_ends(town, me):
    data = {"csrf_token": token(me, "/my/people"), "for_name": "沈阿婆", "relation": "child", "how": "by_phone"}
    assert me.post("/my/people", data=data).status_code == 422
    assert me.post("/my/people", data=data | {"agreed": "yes"}).status_code == 303
    page = me.get(f"/order/new?item={town.item}").text
    assert "沈阿婆" in page
    with town.app.app_context():
        care = db.session.scalars(select(Care)).one().id
    link = placed(town, me, care=str(care))
    assert "沈阿婆" in me.get("/my").text
    assert me.get(link).status_code == 200
    me.post(f"/my/people/{care}/end", data={"csrf_token": data["csrf_token"]})
    assert me.get(link).status_code == 404
    assert "沈阿婆" not in me.get("/my").text
