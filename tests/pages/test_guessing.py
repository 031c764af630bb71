"""“Is it this?”: while somebody types, after they sent it, for the clerk, on the board; danger first; nothing kept."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from tests.support.ordering import Town, placed
from tests.support.visiting import TOKEN, signed_in
from volunteer.kernel.db import db
from volunteer.orders.models import ServiceOrder
from volunteer.orders.words.models_sorting import Sorting

OWN = "/order/new?own=1"


@pytest.fixture
def town(app: Flask) -> Town:
    return Town(app)


def typed(client: FlaskClient, words: str) -> str:
    token = TOKEN.search(client.get(OWN).text)[1]
    return client.post("/order/guess", data={"csrf_token": token, "words": words}).text


def in_own_words(town: Town, client: FlaskClient, words: str = "灯管一闪一闪的，要换", **changed: str):
    form = town.form(client, OWN, item="", words=words, **changed)
    return client.post(OWN, data=form)


def test_while_typing_it_is_asked_about_with_the_reason_and_nothing_is_kept(town: Town, client: FlaskClient) -> None:
    answer = typed(client, "灯管一闪一闪的，要换")
    assert "换灯管" in answer
    assert f'name="take" value="{town.item}"' in answer
    assert typed(client, "嗯").strip() == ""
    assert typed(client, "x" * 9000).strip() == ""
    with town.app.app_context():
        assert db.session.scalar(select(func.count()).select_from(ServiceOrder)) == 0
        assert db.session.scalar(select(func.count()).select_from(Sorting)) == 0


def test_danger_is_shown_at_once_while_typing_and_once_when_it_is_sent(town: Town, client: FlaskClient) -> None:
    assert "tel:119" in typed(client, "屋里一股煤气味")
    told = in_own_words(town, client, "屋里一股煤气味")
    assert told.status_code == 200
    assert "tel:119" in told.text
    assert 'name="danger_seen" value="yes"' in told.text
    assert in_own_words(town, client, "屋里一股煤气味", danger_seen="yes").status_code == 303


def test_a_suggestion_that_is_taken_goes_on_with_everything_typed(town: Town, client: FlaskClient) -> None:
    answer = in_own_words(town, client, take=town.item)
    assert answer.status_code == 200
    assert f'name="item" value="{town.item}"' in answer.text
    assert "灯管一闪一闪的，要换" in answer.text
    assert "哪种灯" in answer.text
    assert "13800000001" in answer.text
    with town.app.app_context():
        assert db.session.scalar(select(func.count()).select_from(ServiceOrder)) == 0
    assert in_own_words(town, client, take="no-such-service").status_code == 303


def test_without_script_it_is_asked_after_it_was_sent_and_one_tap_answers(town: Town, client: FlaskClient) -> None:
    page = client.get(in_own_words(town, client).location)
    assert "/meant" in page.text
    with town.app.app_context():
        secret = town.order().secret
    token = TOKEN.search(page.text)[1]
    answer = client.post(f"/o/{secret}/meant", data={"csrf_token": token, "item": town.item})
    assert answer.status_code == 303
    assert "/meant" not in client.get(f"/o/{secret}").text
    with town.app.app_context():
        assert town.order().item.code == town.item


def test_no_is_an_answer_too_and_an_unknown_service_is_refused_with_words(town: Town, client: FlaskClient) -> None:
    page = client.get(in_own_words(town, client).location)
    with town.app.app_context():
        secret = town.order().secret
    token = TOKEN.search(page.text)[1]
    assert client.post(f"/o/{secret}/meant", data={"csrf_token": token, "item": "nothing"}).status_code == 422
    assert client.post(f"/o/{secret}/meant", data={"csrf_token": token, "item": ""}).status_code == 303
    assert "/meant" not in client.get(f"/o/{secret}").text
    with town.app.app_context():
        assert town.order().item is None


def test_the_clerk_finds_it_chosen_with_the_reason_and_may_choose_otherwise(town: Town, client: FlaskClient) -> None:
    in_own_words(town, client)
    with town.app.app_context():
        number = town.order().number
    page = signed_in(town.app, town.clerk).get(f"/desk/orders/{number}").text
    assert 'id="suggested"' in page
    assert "灯管" in page
    assert "selected>换灯管" in page.replace('selected="selected">', "selected>")


def test_words_that_say_nothing_choose_nothing(town: Town, client: FlaskClient) -> None:
    in_own_words(town, client, "有点事情想麻烦你们")
    with town.app.app_context():
        number, secret = town.order().number, town.order().secret
    page = signed_in(town.app, town.clerk).get(f"/desk/orders/{number}").text
    assert 'id="suggested"' not in page
    assert "/meant" not in client.get(f"/o/{secret}").text


def test_an_order_from_the_menu_is_not_asked_about(town: Town, client: FlaskClient) -> None:
    assert "/meant" not in client.get(f"/o/{placed(town, client)}").text
