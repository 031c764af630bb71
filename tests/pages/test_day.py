"""The plan of the day on the leader's phone: timeline, clash, the resident's answer, paper, map; and no yes without time."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.support import builders as make
from tests.support.leading import HOUR, Phone
from tests.support.visiting import TOKEN
from volunteer.kernel.clock import SHANGHAI, local_date, now
from volunteer.kernel.db import db
from volunteer.orders.households.models_standing import Move
from volunteer.orders.lifecycle import Status
from volunteer.orders.models import Offer, ServiceOrder, Visitor, WhenKind
from volunteer.orders.placing import hash_secret
from volunteer.teams.models import Team
from volunteer.web.unit import transaction


@pytest.fixture
def phone(app):
    return Phone(app)


def tomorrow(hour: float):
    day = local_date(now(), SHANGHAI) + timedelta(days=1)
    return make.NOON.replace(year=day.year, month=day.month, day=day.day, hour=0) + timedelta(hours=hour - 8)


def promised(phone: Phone, hour: float, *, minutes: int = 40, who=None) -> str:
    with phone.app.app_context(), transaction() as session:
        begins = tomorrow(hour)
        order = phone.order(
            session, Status.ACCEPTED, team=session.get_one(Team, phone.team_id), accepted_at=now(), visit_begins=begins,
            visit_ends=begins + timedelta(minutes=minutes),
        )  # fmt: skip
        order.secret_hash = hash_secret(order.secret)
        order.crew += [Visitor(volunteer_id=one, team_id=phone.team_id) for one in who or phone.members[:1]]
        return order.number


def address(phone: Phone) -> str:
    return f"/inbox/day?date={local_date(tomorrow(12), SHANGHAI).isoformat()}"


def test_the_timeline_shows_visits_and_gaps_and_nothing_private(phone):
    one, other = promised(phone, 9), promised(phone, 11)
    page = phone.see(address(phone))
    assert page.index(one) < page.index(other)
    assert "换灯管" in page
    for private in ("李奶奶", "19900000000", "3幢201室"):
        assert private not in page
        assert private not in phone.see(address(phone).replace("day?", "day/sheet?"))
    assert "/inbox/day" in phone.see("/inbox")


def test_a_clash_is_said_and_the_resident_asked_who_says_yes(phone):
    promised(phone, 9)
    second = promised(phone, 9.25)
    page = phone.see(address(phone))
    assert "notice-late" in page
    day = address(phone).partition("=")[2]
    assert phone.post("/inbox/day/ask", team=str(phone.team_id), date=day).status_code == 303
    assert phone.post("/inbox/day/ask", team=str(phone.team_id), date=day).status_code == 303
    with phone.app.app_context():
        (move,) = db.session.query(Move).all()
        order = db.session.get_one(ServiceOrder, move.order_id)
        assert (order.number, move.by_team) == (second, True)
        secret, begins, ident = order.secret, move.begins, move.id
    resident = phone.app.test_client()
    seen = resident.get(f"/o/{secret}").text
    assert 'id="time"' in seen
    token = TOKEN.search(seen)[1]
    assert resident.post(f"/o/{secret}/time", data={"csrf_token": token, "move": str(ident), "answer": "yes"}).status_code == 303
    assert 'id="time"' not in resident.get(f"/o/{secret}").text
    with phone.app.app_context():
        assert db.session.get_one(ServiceOrder, move.order_id).visit_begins == begins
    assert "notice-late" not in phone.see(address(phone))


def test_the_map_has_pins_and_the_way(phone):
    promised(phone, 9)
    promised(phone, 11)
    day = address(phone).partition("=")[2]
    found = phone.client.get(f"/inbox/day/pins?team={phone.team_id}&date={day}").json
    assert len(found["pins"]) == 2
    assert len(found["line"]) == 3
    assert phone.stranger.get(f"/inbox/day/pins?team={phone.team_id}&date={day}").status_code == 404


@pytest.mark.parametrize("typed", ["", "morgen", "2026-13-01", "9999-12-31", "0001-01-01", "x" * 500])
def test_an_odd_day_is_today(phone, typed):
    assert phone.client.get("/inbox/day", query_string={"date": typed}).status_code == 200


def test_an_odd_answer_finds_nothing(phone):
    promised(phone, 9)
    with phone.app.app_context():
        secret = db.session.query(ServiceOrder).order_by(ServiceOrder.id.desc()).first().secret
    client = phone.app.test_client()
    token = TOKEN.search(client.get(f"/o/{secret}").text)[1]
    for move, answer in (("1", "perhaps"), ("x", "yes"), ("999", "yes"), ("", "")):
        answered = client.post(f"/o/{secret}/time", data={"csrf_token": token, "move": move, "answer": answer})
        assert answered.status_code == 404


def test_a_yes_without_time_is_asked_about_once(phone):
    promised(phone, 9, minutes=240, who=phone.members)
    with phone.app.app_context(), transaction() as session:
        order = session.get_one(Offer, phone.offer_id).order
        order.when_kind, order.window_begins, order.window_ends = WhenKind.WINDOW, tomorrow(9), tomorrow(12)
    answer = phone.accept()
    assert answer.status_code == 409
    page = answer.get_data(as_text=True)
    assert 'name="despite" value="yes"' in page
    assert phone.post(f"/inbox/offers/{phone.offer_id}/accept", despite="yes").status_code == 303
    with phone.app.app_context():
        assert db.session.get_one(Offer, phone.offer_id).order.status is Status.ACCEPTED


def test_the_suggested_time_leads_to_who_goes_with_it_filled_in(phone):
    promised(phone, 9)
    with phone.app.app_context(), transaction() as session:
        order = phone.order(
            session, Status.ACCEPTED, team=session.get_one(Team, phone.team_id), accepted_at=now(), when_kind=WhenKind.WINDOW,
            window_begins=tomorrow(9), window_ends=tomorrow(12),
        )  # fmt: skip
        number = order.number
    page = phone.see(address(phone))
    found = page.split(f"/inbox/visits/{number}?begins=")[1].split('"')[0]
    form = phone.see(f"/inbox/visits/{number}?begins={found}")
    assert f'value="{(tomorrow(9) + HOUR).astimezone(SHANGHAI):%Y-%m-%d}' in form
    assert phone.client.get(f"/inbox/visits/{number}?begins=nonsense").status_code == 200
