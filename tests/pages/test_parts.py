"""Pages of parts, of joining and of neighbour counties: without a script, with wrong input, for whoever may not."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.support import builders as make
from tests.support.ordering import Town
from tests.support.visiting import TOKEN, send, signed_in
from volunteer.access import Role
from volunteer.kernel.clock import now
from volunteer.kernel.db import db
from volunteer.orders.counties.neighbours import NeighbourDraft, add_neighbour
from volunteer.orders.lifecycle import Status
from volunteer.orders.models import ServiceOrder
from volunteer.orders.models_rating import RatedBy, Rating
from volunteer.orders.parts.models_joining import Joined
from volunteer.orders.placing import hash_secret
from volunteer.places.models import Site
from volunteer.web.unit import transaction

PIN = {"point.latitude": "31.1606", "point.longitude": "120.6406", "point.datum": "wgs84"}
HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')


@pytest.fixture
def town(app: Flask) -> Town:
    return Town(app)


def an_order(app: Flask, town: Town, status: Status = Status.VERIFIED, **more: object) -> str:
    with app.app_context(), transaction() as session:
        station = session.get_one(Site, town.station)
        item = session.scalars(select(make.ServiceItem).where(make.ServiceItem.code == town.item)).one()
        at = now()
        order = make.an_order(session, station, item=item, status=status, placed_at=at, verified_at=at, due_at=at, **more)
        order.secret = f"a-link-of-{order.number}"
        order.secret_hash = hash_secret(order.secret)
        return order.number


def dispatcher(app: Flask, town: Town) -> FlaskClient:
    with app.app_context(), transaction() as session:
        centre = session.get_one(Site, int(session.get_one(Site, town.station).path.split("/")[1]))
        boss = make.staff(session, Role.DISPATCHER, centre).user_id
    return signed_in(app, boss)


def test_a_split_with_mistakes_is_shown_again_with_everything_typed(app, town):
    number, boss = an_order(app, town), dispatcher(app, town)
    page = boss.get(f"/board/orders/{number}/split")
    assert page.status_code == 200
    answer = send(
        boss, f"/board/orders/{number}/split", {"item-1": "x" * 300, "words-3": "搬柜子", "when-3": "2020-01-01.morning"}
    )
    assert answer.status_code == 422
    assert 'id="f-item-2"' in answer.text
    assert "搬柜子" in answer.text
    assert send(boss, f"/board/orders/{number}/split", {"words-1": "长" * 600}).status_code == 422
    odd = send(boss, f"/board/orders/{number}/split", {"words-1": "搬", "when-1": "2026-02-30.morning"})
    assert odd.status_code == 422
    assert "请选择" in odd.text


def test_a_split_order_leads_back_to_itself_and_goes_together_again(app, town):
    number, boss = an_order(app, town), dispatcher(app, town)
    with app.app_context():
        item = db.session.scalars(select(make.ServiceItem.id)).first()
    form = {"item-1": str(item), "item-2": str(item), "words-2": "另一间"}
    assert send(boss, f"/board/orders/{number}/split", form).status_code == 303
    assert boss.get(f"/board/orders/{number}/split").location.endswith(f"/board/orders/{number}")
    panel = boss.get(f"/board/orders/{number}", headers={"X-Panel": "1"}).text
    assert panel.count('class="link"') >= 2
    listed = boss.get("/board?tab=verified").text
    assert number not in re.findall(r"/board/orders/([\d-]+)", listed)  # the whole waits for nobody
    assert send(boss, f"/board/orders/{number}/merge").status_code == 303
    with app.app_context():
        rows = db.session.scalars(select(ServiceOrder).order_by(ServiceOrder.id)).all()
        assert [row.status for row in rows] == [Status.VERIFIED, Status.WITHDRAWN, Status.WITHDRAWN]


def test_an_order_like_one_that_waits_is_asked_about_first_and_names_nobody(app, town, client):
    number = an_order(app, town, Status.PLACED, latitude=31.1605, longitude=120.6405)
    asked = client.post("/order/new", data=town.form(client, **PIN))
    assert (asked.status_code, asked.location) == (200, None)
    assert number in asked.text
    for private in ("李奶奶", "19900000000", "3幢201室室", "123456"):
        assert private not in asked.text
    carried = dict(HIDDEN.findall(asked.text))
    assert {"words", "phone", "once"} <= set(carried)
    placed = client.post("/order/new", data=carried | {"csrf_token": TOKEN.search(asked.text)[1], "another": "yes"})
    assert placed.status_code == 303
    assert "/o/" in placed.location


def test_who_joins_gets_a_page_of_their_own_without_the_other_household(app, town, client):
    number = an_order(app, town, Status.PLACED, latitude=31.1605, longitude=120.6405)
    asked = client.post("/order/new", data=town.form(client, **PIN))
    carried = dict(HIDDEN.findall(asked.text)) | {"csrf_token": TOKEN.search(asked.text)[1], "join": number}
    joined = client.post("/order/new", data=carried)
    assert joined.status_code == 303
    page = client.get(joined.location)
    assert page.status_code == 200
    for private in ("李奶奶", "19900000000", "3幢201室", "4072"):
        assert private not in page.text
    there = joined.location.split("?")[0]
    assert send(client, f"{there}/leave").status_code == 303
    with app.app_context():
        assert len(db.session.scalars(select(ServiceOrder)).all()) == 1
        assert db.session.scalars(select(Joined)).one().left_at is not None
    assert client.get("/j/nobody").status_code == 404


def test_a_stranger_is_not_told_when_a_team_comes_to_the_other_household(app, town, client):
    number = an_order(app, town, Status.PLACED, latitude=31.1605, longitude=120.6405)
    with app.app_context(), transaction() as session:
        order = session.scalars(select(ServiceOrder).where(ServiceOrder.number == number)).one()
        order.status, order.team = Status.ACCEPTED, make.a_team(session, order.site, name="水电队")
        order.visit_begins = now().replace(hour=3, minute=37) + timedelta(days=1)
    asked = client.post("/order/new", data=town.form(client, **PIN))
    assert "水电队" in asked.text
    assert ":37" not in asked.text


def test_who_joined_does_not_read_what_the_other_household_does_or_says(app, town, client):
    number = an_order(app, town, Status.PLACED, latitude=31.1605, longitude=120.6405)
    asked = client.post("/order/new", data=town.form(client, **PIN))
    carried = dict(HIDDEN.findall(asked.text)) | {"csrf_token": TOKEN.search(asked.text)[1], "join": number}
    there = client.post("/order/new", data=carried).location

    def told(status: Status) -> str:
        with app.app_context(), transaction() as session:
            order = session.scalars(select(ServiceOrder).where(ServiceOrder.number == number)).one()
            order.status, order.served_at, order.closed_at = status, now(), now()
            if status is Status.CLOSED:
                order.rating = Rating(stars=2, tags=[], by=RatedBy.LINK, at=now())
        return client.get(there).text

    assert "颗星" not in told(Status.CLOSED)
    assert "评一评" not in told(Status.SERVED)
    assert "您撤回" not in told(Status.WITHDRAWN)
    assert "已撤回" in told(Status.WITHDRAWN)
    assert "改好再交" not in told(Status.REJECTED)


def test_what_was_not_proposed_cannot_be_joined_by_its_number(app, town, client):
    number = an_order(app, town, Status.PLACED)
    assert client.post("/order/new", data=town.form(client, join=number, **PIN)).status_code == 404
    assert client.post("/order/new", data=town.form(client, join=number, name="", **PIN)).status_code == 422


def test_the_desk_sees_that_two_households_wait_and_makes_two_orders_one(app, town):
    first = an_order(app, town, Status.PLACED, latitude=31.1605, longitude=120.6405)
    second = an_order(app, town, Status.PLACED, latitude=31.1606, longitude=120.6405)
    clerk = signed_in(app, town.clerk)
    assert first in clerk.get(f"/desk/orders/{second}").text
    answer = send(clerk, f"/orders/{second}/same-as", {"into": first, "reason": "同一盏灯", "from": "desk"})
    assert answer.location.endswith(f"/desk/orders/{first}")
    assert "2 户" in clerk.get(f"/desk/orders/{first}").text
    refused = send(clerk, f"/orders/{first}/same-as", {"into": second, "reason": "", "from": "desk"})
    assert refused.location.endswith(f"/desk/orders/{first}")
    stranger = signed_in(app, town.stranger)
    assert send(stranger, f"/orders/{first}/same-as", {"into": second, "reason": "x"}).status_code == 404


def test_the_resident_agrees_on_their_page_and_the_neighbour_takes_it(app, town, client):
    number, boss = an_order(app, town), dispatcher(app, town)
    with app.app_context(), transaction() as session:
        centre = session.get_one(Site, int(session.get_one(Site, town.station).path.split("/")[1]))
        there = make.a_site(session, name="邻县")
        it, other = make.staff(session, Role.COUNTY_IT, centre), make.staff(session, Role.DISPATCHER, there)
        draft = NeighbourDraft(neighbour_id=there.id, contact="台", phone="0512-0", agreement="互助", since=now().date())
        add_neighbour(session, it, centre.id, draft, at=now())
        county, manager, neighbouring = there.id, it.user_id, other.user_id
    managing, neighbour = signed_in(app, manager), signed_in(app, neighbouring)
    assert "邻县" in managing.get("/manage/neighbours").text
    wrong = send(managing, "/manage/neighbours", {"neighbour": "x", "since": "soon", "phone": "1" * 99})
    assert wrong.status_code == 422
    assert "f-since" in wrong.text

    assert send(boss, f"/board/orders/{number}/hand-over", {"county": str(county), "reason": "没有电工"}).status_code == 303
    page = f"/o/a-link-of-{number}"
    assert "邻县" in client.get(page).text
    assert neighbour.get(f"/board/orders/{number}").status_code == 404
    assert send(client, f"{page}/hand-over", {"agrees": "yes"}).status_code == 303
    waiting = neighbour.get("/board/hand-overs").text
    assert "换灯管" in waiting
    for private in ("李奶奶", "19900000000", "3幢201室", number):
        assert private not in waiting
    found = re.search(r"/board/hand-overs/(\d+)/answer", waiting)
    taken = send(neighbour, f"/board/hand-overs/{found[1]}/answer", {"accepts": "yes"})
    assert taken.location.endswith(f"/board/orders/{number}")
    assert neighbour.get(f"/board/orders/{number}").status_code == 200
    assert "李奶奶" in send(neighbour, f"/board/orders/{number}/reveal").text
    assert send(neighbour, f"/board/orders/{number}/hand-over/return", {"reason": "我们也没有人"}).status_code == 303
    assert neighbour.get(f"/board/orders/{number}").status_code == 404
    assert boss.get(f"/board/orders/{number}").status_code == 200
