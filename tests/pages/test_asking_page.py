"""Who was asked: the page of asks and answers, and several teams proposed at once on the board."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from flask import Flask

from tests.support import builders as make
from tests.support.visiting import TOKEN, signed_in
from volunteer.access import Role
from volunteer.accounts.models import RoleGrant
from volunteer.catalogue.models import ServiceItem
from volunteer.kernel.clock import now
from volunteer.kernel.db import db
from volunteer.orders.lifecycle import OfferState, Status
from volunteer.orders.models import Offer, ServiceOrder
from volunteer.places.models import Site
from volunteer.teams.changing import roster_changed
from volunteer.teams.models import Team
from volunteer.web.unit import transaction

DAY = timedelta(days=1)


@dataclass
class Desk:
    """A branch with five teams, and its dispatcher."""

    app: Flask
    at: datetime = field(default_factory=now)

    def __post_init__(self) -> None:
        with self.app.app_context(), transaction() as session:
            centre, branch, station = make.a_county(session)
            self.station, self.item = station.id, make.an_item(session, centre, name="换灯管", category_id=None).id
            self.teams = [make.a_team(session, station, name=f"灯火{n}队", latitude=31.16 + n / 500).id for n in range(5)]
            dispatcher = make.staff(session, Role.DISPATCHER, branch).user_id
            abroad = make.staff(session, Role.DISPATCHER, make.a_site(session, centre)).user_id
            roster_changed(session)
        self.browser, self.abroad = signed_in(self.app, dispatcher), signed_in(self.app, abroad)

    def order(self, status: Status = Status.VERIFIED, **values) -> str:
        with self.app.app_context(), transaction() as session:
            station, item = session.get_one(Site, self.station), session.get_one(ServiceItem, self.item)
            return make.an_order(session, station, item=item, status=status, **values).number

    def past(self, team: int, state: OfferState, *, days: float = 1.0) -> None:
        number = self.order(Status.CLOSED)
        with self.app.app_context(), transaction() as session:
            order = session.query(ServiceOrder).filter_by(number=number).one()
            made_at = self.at - DAY * days
            make.an_offer(session, order, session.get_one(Team, self.teams[team]), state=state, made_at=made_at)

    def page(self, path: str) -> str:
        answer = self.browser.get(path)
        assert answer.status_code == 200, path
        return answer.get_data(as_text=True)

    def checked(self, text: str) -> list[int]:
        return [self.teams.index(int(one)) for one in re.findall(r'name="team" value="(\d+)" checked', text)]


@pytest.fixture
def desk(app: Flask) -> Desk:
    return Desk(app)


def test_the_page_counts_asks_and_answers_and_names_the_tired_and_the_forgotten(desk):
    for state in (OfferState.ACCEPTED, OfferState.DECLINED, OfferState.LAPSED):
        desk.past(0, state, days=0.001)
    desk.past(1, OfferState.DECLINED, days=40)
    everybody = desk.page("/asking")
    assert "七天问了 3 次，今天" in everybody
    assert "答应 1，没答应 1，没回 1" in everybody
    full = desk.page("/asking?show=full")
    assert "灯火0队" in full
    assert "灯火1队" not in full
    forgotten = desk.page("/asking?show=forgotten")
    assert "灯火0队" not in forgotten
    assert "灯火1队" in forgotten
    assert "最近有 1 单它能做" in forgotten or "最近有 3 单它能做" in forgotten
    assert "灯火3队" in desk.page("/asking?q=灯火3")
    assert "灯火0队" not in desk.page("/asking?q=灯火3&page=1")


def test_where_nobody_was_asked_nobody_is_forgotten(desk):
    assert "没有被落下的队伍" in desk.page("/asking?show=forgotten")
    assert "没有问得太多的队伍" in desk.page("/asking?show=full")


@pytest.mark.parametrize("typed", ["?show=x&page=0", "?page=99999", "?page=-1", "?q=" + "很" * 500, "?page=9999&show=full"])
def test_odd_addresses_are_pages_too(desk, typed):
    assert desk.page(f"/asking{typed}")


def test_another_branch_sees_its_own_teams_only(desk):
    assert "灯火0队" not in desk.abroad.get("/asking").get_data(as_text=True)


def test_several_at_once_are_proposed_with_the_chance_that_one_says_yes(desk):
    number = desk.order()
    text = desk.page(f"/board/orders/{number}?wave=1")
    assert desk.checked(text) == [0, 1, 2, 3]  # four who say yes every other time
    assert "至少一队答应的把握约 94%" in text
    assert text.count("答应的把握约 50%") == 5
    assert desk.checked(desk.page(f"/board/orders/{number}")) == [0]


def test_who_was_asked_often_enough_is_not_proposed_and_the_page_says_so(desk):
    for _ in range(3):
        desk.past(0, OfferState.RECALLED, days=0.0)
    text = desk.page(f"/board/orders/{desk.order()}?wave=1")
    assert desk.checked(text) == [1, 2, 3, 4]
    assert "灯火0队最近问得够多了，先不打扰" in text


def test_offers_to_several_keep_how_likely_a_yes_was_and_the_page_of_reasons_says_it(desk):
    number = desk.order()
    token = TOKEN.search(desk.page("/board"))
    assert token is not None
    data = {"csrf_token": token[1], "team": [str(one) for one in desk.teams[:3]]}
    desk.browser.post(f"/board/orders/{number}/offer", data=data)
    with desk.app.app_context():
        offers = db.session.query(Offer).filter(Offer.state == OfferState.OPEN).all()
        assert [offer.reasons["asking"]["why"] for offer in offers] == ["by_hand"] * 3
        asked = offers[0].id
    assert "当时一起问了 3 队，至少一队答应的把握约 88%" in desk.page(f"/why/offers/{asked}")


def test_a_volunteer_says_that_they_are_ready_and_the_dispatcher_reads_how_far_and_a_shortened_name(desk):
    with desk.app.app_context(), transaction() as session:
        station = session.get_one(Site, desk.station)
        me = make.a_volunteer(session, station, name="沈小禾", skills=("electric",))
        session.add(RoleGrant(person_id=me.id, role=Role.VOLUNTEER, site_id=station.id, since=desk.at - DAY))
        mine = me.id
    phone = signed_in(desk.app, mine)
    token = TOKEN.search(phone.get("/me/duty").get_data(as_text=True))
    assert token is not None
    where = {"position.latitude": "31.17", "position.longitude": "120.65", "position.accuracy": "9", "position.datum": "wgs84"}
    answer = phone.post("/me/duty", data={"csrf_token": token[1], "hours": "2", **where}, follow_redirects=True)
    assert "您值守到" in answer.get_data(as_text=True)
    text = desk.page(f"/board/orders/{desk.order()}")
    assert "10 公里内在值守、能做的：1" in text
    assert "沈*禾" in text
    assert "沈小禾" not in text
    phone.post("/me/duty/end", data={"csrf_token": token[1]})
    assert "在值守" not in desk.page(f"/board/orders/{desk.order()}")
    for wrong in ({"hours": "99"}, {"hours": ""}, {"hours": "2", "position.latitude": "99", "position.longitude": "x"}):
        assert phone.post("/me/duty", data={"csrf_token": token[1], **wrong}).status_code == 422
