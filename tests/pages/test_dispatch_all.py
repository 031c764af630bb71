"""一键派单 in a browser without script: the plan and its reasons, ticking, wishing, sending, dropping, and odd input."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from flask import Flask
from sqlalchemy import select

from tests.support import builders as make
from tests.support.counting import counting
from tests.support.visiting import TOKEN, signed_in
from volunteer.access import Role
from volunteer.catalogue.models import ServiceItem
from volunteer.kernel.clock import now
from volunteer.kernel.db import db
from volunteer.orders.lifecycle import Status
from volunteer.orders.models import Offer, ServiceOrder
from volunteer.orders.plans import batching
from volunteer.orders.plans.lifecycle import LineState, RunState
from volunteer.orders.plans.models_runs import DispatchLine, DispatchRun
from volunteer.places.models import Site
from volunteer.teams.changing import roster_changed
from volunteer.web.unit import transaction


class Desk:
    """A branch with two teams that have room for two each, its dispatchers, and one of the next branch."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        with app.app_context(), transaction() as session:
            centre, branch, station = make.a_county(session)
            other = make.a_site(session, centre)
            self.item = make.an_item(session, centre, name="换灯管", category_id=None).id
            for name, north in (("近队", 31.165), ("远队", 31.2)):
                make.a_team(session, station, name=name, latitude=north, capacity=2)
            people = ((branch, "赵调度"), (branch, "孙调度"), (other, "李调度"), (centre, "钱总台"))
            ids = [make.staff(session, Role.DISPATCHER, place, name=name).user_id or 0 for place, name in people]
            self.station, self.branch = station.id, branch.id
            roster_changed(session)
        self.anna, self.bert, self.stranger, self.chief = (signed_in(app, person) for person in ids)

    def orders(self, number: int) -> None:
        with self.app.app_context(), transaction() as session:
            station, item = session.get_one(Site, self.station), session.get_one(ServiceItem, self.item)
            for _ in range(number):
                make.an_order(session, station, item=item, status=Status.VERIFIED, placed_at=now(), due_at=now())

    def post(self, path: str, browser=None, **data):
        browser = browser or self.anna
        found = TOKEN.search(browser.get("/board").get_data(as_text=True))
        return browser.post(path, data={"csrf_token": found[1], **data})

    def plan(self, browser=None) -> str:
        answer = self.post("/board/all", browser)
        assert answer.status_code == 303, answer.get_data(as_text=True)
        return answer.location

    def page(self, path: str, browser=None) -> str:
        answer = (browser or self.anna).get(path)
        assert answer.status_code == 200, path
        return answer.get_data(as_text=True)

    def stored(self, what):
        with self.app.app_context():
            return db.session.scalars(what).all()


@pytest.fixture
def desk(app: Flask) -> Desk:
    return Desk(app)


def ticks(page: str) -> list[str]:
    return re.findall(r'name="line" value="(\d+)" checked', page)


def test_one_click_on_the_board_makes_a_plan_that_is_shown_with_its_proof(desk):
    desk.orders(3)
    assert 'action="/board/all"' in desk.page("/board")
    page = desk.page(desk.plan())
    assert len(ticks(page)) == 3
    assert "没有更好的方案" in page
    assert "单看这一单，近队 排第一" in page
    assert page.count('class="bar"') >= 12
    assert desk.stored(select(Offer)) == []


def test_an_empty_board_says_so_and_offers_nothing(desk):
    answer = desk.post("/board/all")
    assert answer.status_code == 409
    assert "这里没有待派的单" in answer.get_data(as_text=True)
    page = desk.page("/board/all")
    assert "没有单子在等" in page or "empty" in page


def test_the_ticked_lines_are_sent_and_a_double_tap_sends_nothing_twice(desk):
    desk.orders(3)
    where = desk.plan()
    lines = ticks(desk.page(where))
    for _ in range(2):
        answer = desk.post(f"{where}/accept", line=lines[:2])
        assert answer.status_code == 303
    assert len(desk.stored(select(Offer))) == 2
    page = desk.page(where)
    assert ticks(page) == lines[2:]
    assert len(re.findall(r'class="item plan-row', desk.page(where + "?show=offered"))) == 2


def test_everything_at_once(desk):
    desk.orders(3)
    where = desk.plan()
    answer = desk.post(f"{where}/accept", all="yes")
    assert answer.location.endswith("?show=offered")
    assert "全部派出" in desk.page(answer.location)
    assert desk.stored(select(DispatchRun.state)) == [RunState.ACCEPTED]
    assert "全部派出" in desk.page("/board/all")


def test_a_wish_on_the_form_is_planned_before_anything_is_sent(desk):
    desk.orders(3)
    where = desk.plan()
    page = desk.page(where)
    line, team = re.search(r'name="team-(\d+)" data-wish>.*?<option value="(\d+)">', page, re.DOTALL).groups()
    answer = desk.post(f"{where}/accept", line=ticks(page), **{f"team-{line}": team})
    assert answer.status_code == 303
    assert desk.stored(select(Offer)) == []
    page = desk.page(where)
    assert "您指定的" in page
    assert len(ticks(page)) == 3


def test_a_line_is_left_out_and_taken_in_again(desk):
    desk.orders(2)
    where = desk.plan()
    line = ticks(desk.page(where))[0]
    desk.post(f"{where}/again", **{f"team-{line}": "out"})
    assert len(ticks(desk.page(where))) == 1
    (left,) = re.findall(r'name="back" value="(\d+)"', desk.page(where + "?show=out"))
    desk.post(f"{where}/again", back=left)
    assert len(ticks(desk.page(where))) == 2


def test_who_finds_nobody_hears_why_and_what_to_do_next(desk):
    desk.orders(5)
    where = desk.plan()
    page = desk.page(where + "?show=nobody")
    assert "2 支队伍能来" in page
    assert "/board/orders/" in page


def test_the_board_that_moved_on_is_told_and_may_be_planned_again(desk):
    desk.orders(2)
    where = desk.plan()
    live = desk.anna.get(f"{where}/live?s=ready1")
    assert "data-ready" not in live.get_data(as_text=True)
    assert desk.anna.get(f"{where}/live?s=ready1", headers={"If-None-Match": live.headers["ETag"]}).status_code == 304
    desk.orders(1)
    assert "新来 1 单" in desk.page(f"{where}/live?s=ready1")
    desk.post(f"{where}/again")
    assert len(ticks(desk.page(where))) == 3


def test_a_large_board_is_left_to_the_job_and_its_progress_is_shown(desk, monkeypatch):
    monkeypatch.setattr(batching, "SMALL", 2)
    desk.orders(3)
    where = desk.plan()
    page = desk.page(where)
    assert "<progress" in page
    assert ticks(page) == []
    assert "<progress" in desk.page(f"{where}/live?s=waiting0")
    assert desk.post(f"{where}/accept", all="yes").status_code == 303
    assert desk.stored(select(Offer)) == []
    assert desk.post(f"{where}/drop").status_code == 303


def test_a_colleague_is_told_whose_plan_is_open_and_may_look_at_it(desk):
    desk.orders(1)
    where = desk.plan()
    answer = desk.post("/board/all", desk.bert)
    assert answer.status_code == 409
    page = answer.get_data(as_text=True)
    assert "赵调度" in page
    assert f'href="{where}"' in page
    assert desk.stored(select(DispatchLine.state)) == [LineState.PROPOSED]


def test_the_centre_plans_the_whole_county_or_one_branch(desk):
    desk.orders(2)
    page = desk.page("/board/all", desk.chief)
    assert page.count("<option") == 3
    answer = desk.post("/board/all", desk.chief, site=str(desk.branch))
    assert len(ticks(desk.page(answer.location, desk.chief))) == 2


def test_another_desk_s_plan_is_not_there(desk):
    desk.orders(1)
    where = desk.plan()
    for path in (where, f"{where}/live", f"{where}/ways", f"/board/all?site={desk.branch}"):
        assert desk.stranger.get(path).status_code == 404, path
    for path in (f"{where}/accept", f"{where}/again", f"{where}/drop"):
        assert desk.post(path, desk.stranger, all="yes").status_code == 404, path
    assert desk.post("/board/all", desk.stranger, site=str(desk.branch)).status_code == 404


@pytest.mark.parametrize(
    ("data", "status"),
    [
        ({}, 422),
        ({"line": "x"}, 404),
        ({"line": "9" * 40}, 404),
        ({"line": "999999"}, 404),
        ({"team-1x": "2"}, 404),
        ({"team-999999": "1"}, 404),
        ({"back": "-1"}, 404),
    ],
)
def test_odd_input_has_a_clear_answer(desk, data, status):
    desk.orders(1)
    where = desk.plan()
    assert desk.post(f"{where}/accept", **data).status_code == status
    assert desk.stored(select(Offer)) == []


def test_odd_addresses_show_the_plan_all_the_same(desk):
    desk.orders(1)
    where = desk.plan()
    for query in ("show=nonsense", "page=0", "page=x", "page=99", "q=" + "长" * 200):
        assert desk.page(f"{where}?{query}")
    for path in ("/board/all?site=x", "/board/all?site=" + "9" * 30, "/board/all/99999999999"):
        assert desk.anna.get(path).status_code == 404


def test_the_map_gets_a_line_for_each_order_and_a_point_for_who_has_nobody(desk):
    desk.orders(5)
    ways = desk.anna.get(f"{desk.plan()}/ways").get_json()["ways"]
    assert sorted(way["tone"] for way in ways) == ["info", "info", "late", "ok", "ok"]
    assert sum("to" in way for way in ways) == 4


def test_the_page_asks_as_few_questions_for_many_lines_as_for_few(desk):
    sent = []
    for number in (2, 20):
        desk.orders(number)
        where = desk.plan()
        with desk.app.app_context():
            engine = db.engine
        with counting(engine) as queries:
            desk.page(where)
        sent.append(len(queries))
        desk.post(f"{where}/drop")
    assert sent[0] == sent[1]
    assert sent[0] <= 12


def test_the_order_s_page_says_that_the_offer_came_from_a_plan(desk):
    desk.orders(1)
    where = desk.plan()
    desk.post(f"{where}/accept", all="yes")
    (number,) = desk.stored(select(ServiceOrder.number))
    assert "近队" in desk.page(f"/board/orders/{number}")


def test_who_finds_nobody_is_passed_up_from_the_plan(desk):
    desk.orders(5)
    where = desk.plan()
    lines = re.findall(r'name="up" value="(\d+)"', desk.page(where + "?show=nobody"))
    assert len(lines) == 1
    assert desk.post(f"{where}/up", up=lines, reason="").status_code == 422
    answer = desk.post(f"{where}/up", up=lines, reason="本所人手不够")
    assert len(re.findall(r'class="item plan-row', desk.page(answer.location))) == 1
    assert sorted(Counter(desk.stored(select(ServiceOrder.desk_id))).values()) == [1, 4]


def test_the_offer_says_why_a_plan_chose_a_team_that_is_not_the_first(desk):
    desk.orders(3)
    desk.post(f"{desk.plan()}/accept", all="yes")
    second = [offer for offer in desk.stored(select(Offer)) if offer.rank == 2]
    assert len(second) == 1
    page = desk.page(f"/why/offers/{second[0].id}")
    assert "一键派单" in page or "统筹" in page
    assert "单看这一单，近队 排第一；统筹下来，它去另外 2 单" in page
