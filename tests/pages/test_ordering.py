"""Ordering and following in a browser without script: a resident with no account, a clerk for somebody who calls."""

from __future__ import annotations

import io
import re
import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import func, select

from tests.conftest import running
from tests.support import builders as make
from tests.support.counting import counting
from tests.support.databases import Database
from tests.support.ordering import ONCE, TO_ACCEPTED, TO_SERVED, Town, advance, placed
from tests.support.visiting import TOKEN, signed_in
from volunteer.kernel.clock import now
from volunteer.kernel.db import db
from volunteer.orders.lifecycle import Action, Status
from volunteer.orders.models import OrderPhoto, ServiceOrder
from volunteer.orders.models_rating import Rating
from volunteer.web.models import IdempotencyKey
from volunteer.web.unit import transaction


@pytest.fixture
def town(app: Flask) -> Town:
    return Town(app)


def test_from_the_first_page_to_the_answer_in_four_looks(town: Town, client: FlaskClient) -> None:
    assert "水电维修" in client.get("/").text
    found = client.get("/order/new?q=灯不亮了").text
    assert f"item={town.item}" in found
    answer = client.post("/order/new", data=town.form(client))
    assert answer.status_code == 303
    page = client.get(answer.location).text
    with town.app.app_context():
        order = town.order()
        assert answer.location == f"/o/{order.secret}?new=1"
        assert order.number.replace("-", " ").split()[0] in page
        assert f": {' '.join(order.code)}" in page
        assert "13800000001" not in page


def test_the_search_reads_pinyin_and_offers_ones_own_words(town: Town, client: FlaskClient) -> None:
    for typed in ("hdg", "huandeng", "灯管"):
        assert f"item={town.item}" in client.get(f"/order/new?q={typed}").text
    nothing = client.get("/order/new?q=月亮").text
    assert "own=1" in nothing
    assert "words=" in nothing


def test_a_double_tap_makes_one_order(town: Town, client: FlaskClient) -> None:
    form = town.form(client)
    first, second = client.post("/order/new", data=form), client.post("/order/new", data=form)
    assert (first.status_code, first.location) == (second.status_code, second.location)
    other = client.post("/order/new", data=form | {"words": "另一件事"})
    assert other.status_code == 422
    with town.app.app_context():
        assert db.session.scalar(select(func.count(ServiceOrder.id))) == 1
        kept = db.session.scalars(select(IdempotencyKey.outcome)).one()
        assert town.order().secret not in kept


def test_two_posts_at_the_same_moment_make_one_order(database: Database) -> None:
    for app in running(database):
        town = Town(app)
        client = app.test_client()
        form = town.form(client)
        cookie = client.get_cookie("visit")
        answers: list[str] = []
        gate = threading.Barrier(4)

        def tap(app: Flask = app, cookie=cookie, form=form, answers=answers, gate=gate) -> None:
            browser = app.test_client()
            browser.set_cookie("visit", cookie.value)
            gate.wait()
            answers.append(browser.post("/order/new", data=form).location)

        taps = [threading.Thread(target=tap) for _ in range(4)]
        [thread.start() for thread in taps]
        [thread.join() for thread in taps]
        with app.app_context():
            assert db.session.scalar(select(func.count(ServiceOrder.id))) == 1
            assert answers == [f"/o/{town.order().secret}?new=1"] * 4


def test_a_mistake_keeps_everything_that_was_typed_and_the_photos(town: Town, client: FlaskClient) -> None:
    form = town.form(client, phone="123", address="梅花弄8号")
    back = client.post("/order/new", data=form | {"photos": (a_photo(), "a.jpg")})
    assert back.status_code == 422
    assert 'id="e-phone"' in back.text
    assert "梅花弄8号" in back.text
    kept = re.search(r'name="kept" value="([^"]+)"', back.text)[1]
    assert client.get(f"/order/photos/{kept}", buffered=True).mimetype == "image/jpeg"
    assert client.get(f"/order/photos/{kept}x").status_code == 404
    again = client.post("/order/new", data=form | {"phone": "13800000001", "kept": kept})
    assert again.status_code == 303
    with town.app.app_context():
        token = db.session.scalars(select(OrderPhoto)).one().photo.token
    path = again.location.split("?")[0]
    assert client.get(f"{path}/photos/{token}", buffered=True).mimetype == "image/jpeg"
    assert client.get(f"{path}/photos/other").status_code == 404


def test_another_language_after_a_mistake_stays_on_the_same_form(town: Town, client: FlaskClient) -> None:
    form = town.form(client, phone="123")
    action = re.search(r'<form method="post" action="(/order/new[^"]*)"', client.get(f"/order/new?item={town.item}").text)[1]
    back = client.post(action, data=form)
    assert back.status_code == 422
    assert f'name="next" value="/order/new?item={town.item}"' in back.text


def test_a_bad_photo_is_complained_about_beside_its_field(town: Town, client: FlaskClient) -> None:
    back = client.post("/order/new", data=town.form(client) | {"photos": (io.BytesIO(b"GIF89a"), "a.gif")})
    assert back.status_code == 422
    assert 'id="e-photos"' in back.text


def test_danger_shows_whom_to_call_and_still_lets_them_go_on(town: Town, client: FlaskClient) -> None:
    unanswered = client.post("/order/new", data=town.form(client, danger=""))
    assert unanswered.status_code == 422
    form = town.form(client, danger="yes")
    warned = client.post("/order/new", data=form)
    assert 'href="tel:119"' in warned.text
    assert 'name="danger_seen" value="yes"' in warned.text
    again = {**form, "once": ONCE.search(warned.text)[1], "danger_seen": "yes"}
    assert client.post("/order/new", data=again).status_code == 303


@pytest.mark.parametrize("point", [("39.9", "116.4"), ("31.16", ""), ("nan", "120.6"), ("1e308", "120.6")])
def test_a_pin_that_cannot_be_is_refused_with_words(town: Town, client: FlaskClient, point: tuple[str, str]) -> None:
    sent = town.form(client) | {"point.latitude": point[0], "point.longitude": point[1], "point.datum": "wgs84"}
    assert client.post("/order/new", data=sent).status_code == 422


def test_a_pin_in_chinas_own_datum_is_converted(town: Town, client: FlaskClient) -> None:
    sent = town.form(client) | {"point.latitude": "31.1580", "point.longitude": "120.6443", "point.datum": "gcj02"}
    client.post("/order/new", data=sent)
    with town.app.app_context():
        assert abs(town.order().latitude - 31.160) < 0.001
        assert abs(town.order().longitude - 120.640) < 0.001


def test_number_and_code_lead_to_the_page_and_nothing_else_tells_them_apart(town: Town, client: FlaskClient) -> None:
    link = placed(town, client)
    with town.app.app_context():
        number, code = town.order().number, town.order().code
    token = TOKEN.search(client.get("/track").text)[1]

    def look(number: str, code: str):
        return client.post("/track", data={"csrf_token": token, "number": number, "code": code})

    right = look(number.replace("-", " "), f"{code[:3]} {code[3:]}")
    assert right.location.split("?")[0] == link
    wrong, unknown = look(number, "000000"), look("2611-0001-0", code)
    assert (wrong.status_code, unknown.status_code) == (422, 422)
    strip = re.compile(r'value="[^"]*"')
    assert strip.sub("", wrong.text) == strip.sub("", unknown.text)


def test_codes_cannot_be_tried_for_long(sqlite: Database) -> None:
    for app in running(sqlite, throttle=True):
        client = app.test_client()
        token = TOKEN.search(client.get("/track").text)[1]
        form = {"csrf_token": token, "number": "2611-0001-0"}
        statuses = [client.post("/track", data=form | {"code": str(n)}).status_code for n in range(12)]
        assert statuses == [422] * 10 + [429] * 2


def test_the_link_withdraws_nudges_corrects_and_shows_no_phone(town: Town, client: FlaskClient) -> None:
    link = placed(town, client)
    token = TOKEN.search(client.get(link).text)[1]
    form = client.get(f"{link}/correct").text
    assert "13800000001" not in form
    assert " required" not in form  # what stays blank stays as it is
    sent = {"csrf_token": token, "address": "5幢", "phone": "", "when": "flexible"}
    assert client.post(f"{link}/correct", data=sent).status_code == 303
    assert client.post(f"{link}/correct", data=sent | {"phone": "1"}).status_code == 422
    client.post(f"{link}/nudge", data={"csrf_token": token})
    assert f"{link}/nudge" not in client.get(link).text
    client.post(f"{link}/withdraw", data={"csrf_token": token, "reason": "不需要了"})
    with town.app.app_context():
        order = town.order()
        assert (order.door, order.nudges, order.status, order.reason) == ("5幢", 1, Status.WITHDRAWN, "不需要了")
    assert client.get(link).status_code == 200


def test_an_unknown_link_is_not_found(town: Town, client: FlaskClient) -> None:
    for tail in ("", "/now", "/slip", "/correct", "/link.svg", "/qr.svg"):
        assert client.get(f"/o/nothing{tail}").status_code == 404


def test_the_start_code_and_its_qr_show_on_the_day_only(town: Town, client: FlaskClient) -> None:
    link = placed(town, client)
    advance(town, *TO_ACCEPTED, team_id=town.team, accepted_at=now(), visit_begins=now() + timedelta(days=3))
    assert "qr.svg" not in client.get(link).text
    assert client.get(f"{link}/qr.svg").status_code == 404
    advance(town, visit_begins=now())
    page = client.get(link).text
    assert "qr.svg" in page
    assert client.get(f"{link}/qr.svg").mimetype == "image/svg+xml"
    with town.app.app_context():
        assert " ".join(town.order().start_code) in page


def test_the_page_follows_along_and_says_304_while_nothing_happens(town: Town, client: FlaskClient) -> None:
    link = placed(town, client)
    first = client.get(f"{link}/now?shown=placed")
    assert client.get(f"{link}/now?shown=placed", headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
    advance(town, Action.VERIFY, verified_at=now())
    assert client.get(f"{link}/now?shown=placed", headers={"If-None-Match": first.headers["ETag"]}).status_code == 200


def test_the_same_page_takes_the_rating(town: Town, client: FlaskClient) -> None:
    link = placed(town, client)
    advance(town, *TO_SERVED, team_id=town.team, served_at=now())
    page = client.get(link).text
    assert "star-input" in page
    token = TOKEN.search(page)[1]
    nothing = client.post(f"{link}/rate", data={"csrf_token": token})
    assert nothing.status_code == 422
    assert 'href="#f-stars"' in nothing.text  # said at the top, where the page opens
    rated = {"csrf_token": token, "stars": "5", "tags": ["on_time", "tidy"], "words": "谢谢", "by": "code"}
    assert client.post(f"{link}/rate", data=rated).status_code == 303
    with town.app.app_context():
        rating = db.session.scalars(select(Rating)).one()
        assert (rating.stars, rating.tags, rating.words, rating.by.value) == (5, ["on_time", "tidy"], "谢谢", "code")
        assert (town.order().team.rating_sum, town.order().team.rating_count) == (1.0, 1)
    assert "star-input" not in client.get(link).text


def test_not_solved_opens_the_same_order_again(town: Town, client: FlaskClient) -> None:
    link = placed(town, client)
    advance(town, *TO_SERVED, team_id=town.team, served_at=now(), recorded_at=now())
    token = TOKEN.search(client.get(link).text)[1]
    client.post(f"{link}/reopen", data={"csrf_token": token, "words": "又不亮了"})
    with town.app.app_context():
        assert (town.order().status, town.order().team_id) == (Status.VERIFIED, None)


def test_a_resident_with_an_account_finds_the_order_on_the_first_page(town: Town) -> None:
    browser = signed_in(town.app, town.resident)
    link = placed(town, browser, name="李居民")
    assert link in browser.get("/").text
    with town.app.app_context():
        assert town.order().resident_id == town.resident


def test_large_print_has_big_buttons_in_the_words_of_older_people(town: Town, client: FlaskClient) -> None:
    token = TOKEN.search(client.get("/").text)[1]
    client.post("/elder", data={"csrf_token": token, "elder": "on"})
    page = client.get("/").text
    assert 'class="big"' in page
    assert "tel:" in page


def test_the_tracking_page_takes_eight_queries_however_much_hangs_on_it(town: Town) -> None:
    browser = signed_in(town.app, town.resident)
    link = placed(town, browser, name="李居民")
    advance(town, *TO_ACCEPTED, team_id=town.team, accepted_at=now(), visit_begins=now(), nudged_at=now() - timedelta(days=1))
    browser.get(link)
    with town.app.app_context():
        engine = db.engine
    with counting(engine) as few:
        browser.get(link)
    with town.app.app_context(), transaction() as session:
        order = session.scalars(select(ServiceOrder)).one()
        for _ in range(40):
            order.write_down("nudge", make.an_actor(), now())
    with counting(engine) as many:
        browser.get(link)
    assert len(few) == len(many) <= 8, many


def test_the_map_is_drawn_once_and_kept(town: Town, client: FlaskClient) -> None:
    drawn = client.get("/map.geojson")
    kinds = {feature["properties"]["kind"] for feature in drawn.get_json(force=True)["features"]}
    assert kinds == {"station"}
    assert "max-age" in drawn.headers["Cache-Control"]
    assert client.get("/map.geojson", headers={"If-None-Match": drawn.headers["ETag"]}).status_code == 304


def a_photo() -> Iterator[bytes]:
    stream = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(stream, "JPEG")
    stream.seek(0)
    return stream
