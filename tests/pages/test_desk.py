"""The clerk's pages: ordering for callers, slips, verifying, rejecting, rating for who calls, and what is not theirs."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.support.ordering import TO_SERVED, Town, advance, placed
from tests.support.visiting import TOKEN, signed_in
from volunteer.audit.models import AuditEntry
from volunteer.kernel.clock import now
from volunteer.kernel.db import db
from volunteer.orders.lifecycle import Status
from volunteer.orders.models_rating import Rating


@pytest.fixture
def town(app: Flask) -> Town:
    return Town(app)


def test_a_clerk_orders_for_a_caller_and_prints_the_slip(town: Town) -> None:
    clerk = signed_in(town.app, town.clerk)
    assert "for=caller" in clerk.get("/desk").text
    form = town.form(clerk, f"/order/new?item={town.item}&for=caller", channel="caller")
    answer = clerk.post("/order/new", data=form)
    with town.app.app_context():
        order = town.order()
        assert answer.location == f"/desk/orders/{order.number}/slip"
        code, number = order.code, order.number
    slip = clerk.get(answer.location)
    assert " ".join(code) in slip.text
    assert clerk.get(f"/desk/orders/{number}/qr.svg").mimetype == "image/svg+xml"
    advance(town, placed_at=now() - timedelta(hours=13))
    assert clerk.get(answer.location).status_code == 404
    assert code not in clerk.get(f"/desk/orders/{number}").text


def test_only_staff_order_for_callers(town: Town, client: FlaskClient) -> None:
    assert client.get(f"/order/new?item={town.item}&for=caller").status_code == 403
    assert client.post("/order/new", data=town.form(client, channel="counter")).status_code == 403


def test_the_clerk_verifies_free_words_with_the_service_that_they_suggest(town: Town, client: FlaskClient) -> None:
    placed(town, client, item="", words="灯管一闪一闪")
    with town.app.app_context():
        number = town.order().number
    clerk = signed_in(town.app, town.clerk)
    assert number in clerk.get("/desk").text
    page = clerk.get(f"/desk/orders/{number}").text
    assert page.count("换灯管") >= 2  # suggested, and in its category
    assert "13800000001" not in page
    token = TOKEN.search(page)[1]
    assert clerk.post(f"/desk/orders/{number}/verify", data={"csrf_token": token}).status_code == 422
    item = re.search(r'<option value="(\d+)"[^>]*>换灯管', page)[1]
    assert clerk.post(f"/desk/orders/{number}/verify", data={"csrf_token": token, "item": item}).status_code == 303
    with town.app.app_context():
        assert (town.order().status, town.order().item.code) == (Status.VERIFIED, town.item)


def test_private_details_show_on_request_and_each_look_is_written_down(town: Town, client: FlaskClient) -> None:
    placed(town, client)
    with town.app.app_context():
        number = town.order().number
    clerk = signed_in(town.app, town.clerk)
    token = TOKEN.search(clerk.get(f"/desk/orders/{number}").text)[1]
    assert "138 0000 0001" in clerk.post(f"/desk/orders/{number}/details", data={"csrf_token": token}).text
    with town.app.app_context():
        looks = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "private_seen")).all()
        assert [look.detail["fields"] for look in looks] == [["words", "photos"], ["words", "photos", "contact", "phone", "door"]]
        assert {look.actor_id for look in looks} == {town.clerk}


def test_a_rejected_order_is_corrected_and_comes_back(town: Town, client: FlaskClient) -> None:
    link = placed(town, client)
    with town.app.app_context():
        number = town.order().number
    clerk = signed_in(town.app, town.clerk)
    token = TOKEN.search(clerk.get(f"/desk/orders/{number}").text)[1]
    assert clerk.post(f"/desk/orders/{number}/reject", data={"csrf_token": token}).status_code == 422
    clerk.post(f"/desk/orders/{number}/reject", data={"csrf_token": token, "reason_words": "请写清楚是哪盏灯"})
    page = client.get(link).text
    assert "请写清楚是哪盏灯" in page
    mine = TOKEN.search(page)[1]
    client.post(f"{link}/correct", data={"csrf_token": mine, "words": "厨房顶灯", "address": "3幢201室"})
    with town.app.app_context():
        assert (town.order().status, town.order().words) == (Status.PLACED, "厨房顶灯")


def test_another_centres_order_is_not_found(town: Town, client: FlaskClient) -> None:
    placed(town, client)
    with town.app.app_context():
        number = town.order().number
    stranger = signed_in(town.app, town.stranger)
    token = TOKEN.search(stranger.get("/desk").text)[1]
    assert number not in stranger.get("/desk?tab=all").text
    for path in ("", "/slip", "/qr.svg", "/photos/x"):
        assert stranger.get(f"/desk/orders/{number}{path}").status_code == 404
    for act in ("verify", "reject", "rate", "details"):
        sent = {"csrf_token": token, "reason_words": "x", "stars": "5"}
        assert stranger.post(f"/desk/orders/{number}/{act}", data=sent).status_code == 404


def test_a_clerk_rates_for_a_resident_who_calls(town: Town, client: FlaskClient) -> None:
    placed(town, client)
    advance(town, *TO_SERVED, team_id=town.team, served_at=now())
    with town.app.app_context():
        number = town.order().number
    clerk = signed_in(town.app, town.clerk)
    token = TOKEN.search(clerk.get(f"/desk/orders/{number}").text)[1]
    assert clerk.post(f"/desk/orders/{number}/rate", data={"csrf_token": token}).status_code == 422
    clerk.post(f"/desk/orders/{number}/rate", data={"csrf_token": token, "stars": "4"})
    with town.app.app_context():
        rating = db.session.scalars(select(Rating)).one()
        assert (rating.by.value, rating.clerk_id) == ("clerk", town.clerk)
