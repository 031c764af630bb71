"""Pages of rules of dispatch and the open pool: forms that keep what was typed, a trial, one tap, a kind word for the slower."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from tests.support import builders as make
from tests.support.pooling import MINUTE, Pooling, never_quiet
from tests.support.visiting import send, signed_in
from volunteer.kernel.clock import SHANGHAI, local_date, now
from volunteer.orders.lifecycle import Status
from volunteer.orders.models import ServiceOrder
from volunteer.orders.rulebook.jobs_rules import apply_rules
from volunteer.orders.rulebook.models_rules import DispatchRule, Handling, RuleMode
from volunteer.places.terms import Matching
from volunteer.web.idempotency import once
from volunteer.web.unit import transaction


class Place:
    """A county with an order to dispatch, and a browser each for who manages, who dispatches and two leaders."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        with app.app_context(), transaction() as session:
            pooling = Pooling(session)
            never_quiet(session, pooling.centre)
            self.centre, self.item = pooling.centre.id, pooling.item.code
            self.teams = (pooling.near.id, pooling.middle.id)
            leaders = [pooling.leader(team).user_id for team in (pooling.near, pooling.middle)]
            staff = [pooling.admin.user_id, pooling.dispatcher.user_id]
        self.leaders = [signed_in(app, leader) for leader in leaders]
        self.admin, self.dispatcher = (signed_in(app, who) for who in staff)

    def form(self, **values: Any) -> dict[str, Any]:
        day = local_date(now(), SHANGHAI).isoformat()
        base = {
            "once": once(),
            "site": str(self.centre),
            "name": "理发就近抢单",
            "mode": "pool",
            "minutes": "30",
            "position": "1",
        }
        return base | {"valid_from": day} | values

    def pooled(self, mode: RuleMode = RuleMode.POOL, **values: Any) -> str:
        """An order that a rule has put into the pool; its number."""
        with self.app.app_context(), transaction() as session:
            rule = session.scalars(select(DispatchRule)).first()
            if rule is None:
                site = session.get_one(make.Site, self.centre)
                session.add(
                    DispatchRule(
                        site=site, name="就近", mode=mode, position=1, minutes=30, valid_from=now() - MINUTE, made_at=now(), days="",
                        begins=0, ends=24, categories=[], items=[], line="a",
                    )
                )  # fmt: skip
            station = session.scalars(select(make.Site).where(make.Site.level == "station")).first()
            item = session.scalars(select(make.ServiceItem)).first()
            order = make.an_order(session, station, item=item, status=Status.VERIFIED, verified_at=now(), **values)
            session.flush()
            apply_rules(session, now())
            return order.number

    def order(self, number: str) -> tuple[Status, int | None]:
        with self.app.app_context(), transaction() as session:
            order = session.scalars(select(ServiceOrder).where(ServiceOrder.number == number)).one()
            return order.status, order.team_id


@pytest.fixture
def place(app: Flask) -> Place:
    return Place(app)


def test_a_rule_is_written_and_said_in_one_sentence(place):
    answer = send(place.admin, "/manage/rules/new", place.form(days=["0", "1", "2", "3", "4"], begins="8", ends="18", km="3"))
    assert answer.status_code == 303
    page = place.admin.get(answer.location).text
    assert "理发就近抢单" in page
    assert "所有服务，周一至周五 8:00–18:00，队伍在 3.0 公里内：进抢单池等 30 分钟。" in page
    assert "自动派单" in place.admin.get("/manage").text


def test_what_was_typed_stays_and_every_complaint_stands_beside_its_field(place):
    wrong = place.form(name="", km="-2", minutes="0", items=[place.item], days=["5"], begins="9", ends="9")
    answer = send(place.admin, "/manage/rules/new", wrong)
    assert answer.status_code == 422
    page = answer.text
    for name in ("name", "minutes"):
        assert f'id="e-{name}"' in page, name
    assert re.search(r'name="days" value="5" checked', page)
    assert re.search(rf'name="items" value="{place.item}" checked', page)
    assert 'value="-2"' in page
    later = send(place.admin, "/manage/rules/new", wrong | {"name": "好", "minutes": "30", "once": once()})
    assert later.status_code == 422
    assert 'id="e-km"' in later.text
    assert 'id="e-ends"' in later.text


def test_a_draft_is_tried_without_being_written(place):
    place.pooled()
    answer = send(place.admin, "/manage/rules/try", place.form())
    assert answer.status_code == 200
    assert "放在上个月，它会怎么做" in answer.text
    assert 'value="理发就近抢单"' in answer.text
    with place.app.app_context(), transaction() as session:
        assert len(session.scalars(select(DispatchRule)).all()) == 1


def test_a_change_is_a_new_version_and_the_old_address_leads_to_it(place):
    send(place.admin, "/manage/rules/new", place.form())
    first = re.search(r"/manage/rules/(\d+)", place.admin.get("/manage/rules").text)
    answer = send(place.admin, f"/manage/rules/{first[1]}", place.form(km="2"))
    assert answer.status_code == 303
    assert place.admin.get(f"/manage/rules/{first[1]}").location == answer.location
    send(place.admin, f"{answer.location}/switch", {"active": "no"})
    assert "已停用" in place.admin.get("/manage/rules").text
    newest = place.admin.get(answer.location).location
    send(place.admin, f"{newest}/close")
    assert "理发就近抢单" not in place.admin.get("/manage/rules").text
    assert "理发就近抢单" in place.admin.get("/manage/rules?closed=1").text


def test_a_leader_takes_an_order_with_one_tap_and_the_slower_reads_a_kind_word(place):
    number = place.pooled()
    page = place.leaders[0].get("/pool").text
    assert "换灯管" in page
    assert "李奶奶" not in page
    assert "201" not in page
    answer = send(place.leaders[0], f"/pool/{number}/claim", {"team": str(place.teams[0])})
    assert answer.location.endswith(f"/inbox/visits/{number}")
    assert place.order(number) == (Status.ACCEPTED, place.teams[0])
    slow = send(place.leaders[1], f"/pool/{number}/claim", {"team": str(place.teams[1])})
    assert slow.status_code == 409
    assert "谢谢你们愿意来" in slow.text
    assert number not in place.leaders[1].get("/pool").text
    again = send(place.leaders[0], f"/pool/{number}/claim", {"team": str(place.teams[0])})
    assert again.status_code == 303


def test_a_team_is_told_what_to_do_before_it_takes_more(place):
    number = place.pooled()
    with place.app.app_context(), transaction() as session:
        station = session.scalars(select(make.Site).where(make.Site.level == "station")).first()
        team = session.get_one(make.Team, place.teams[0])
        for _ in range(3):
            make.an_order(session, station, status=Status.SERVED, team=team, served_at=now() - 20 * 24 * 60 * MINUTE)
    page = place.leaders[0].get("/pool").text
    assert "3 份服务记录还没写" in page
    assert f"/pool/{number}/claim" not in page
    assert send(place.leaders[0], f"/pool/{number}/claim", {"team": str(place.teams[0])}).status_code == 409


def test_teams_apply_with_words_and_the_dispatcher_reads_them_ranked_and_chooses(place):
    number = place.pooled(RuleMode.CHOOSE)
    for leader, team, words in zip(place.leaders, place.teams, ("近，马上能到", "我们有三个人"), strict=True):
        assert send(leader, f"/pool/{number}/apply", {"team": str(team), "words": words}).status_code == 303
    assert "你们队已申请" in place.leaders[0].get("/pool").text
    assert send(place.leaders[0], f"/pool/{number}/apply", {"team": str(place.teams[0]), "words": "长" * 121}).status_code == 422
    panel = place.dispatcher.get(f"/board/orders/{number}").text
    assert panel.index("近，马上能到") < panel.index("我们有三个人")
    assert "队伍申请中" in place.dispatcher.get("/board").text
    send(place.dispatcher, f"/board/orders/{number}/choose", {"team": str(place.teams[1])})
    assert place.order(number) == (Status.ACCEPTED, place.teams[1])
    late = send(place.dispatcher, f"/board/orders/{number}/choose", {"team": str(place.teams[0])}, follow_redirects=True)
    assert late.status_code == 200


def test_the_board_says_why_no_rule_took_an_order(place):
    send(place.admin, "/manage/rules/new", place.form(name="太近的规则", mode="offer", km="0.1"))
    number = place.pooled()
    with place.app.app_context(), transaction() as session:
        assert session.scalars(select(Handling)).one().misses
    page = place.dispatcher.get(f"/board/orders/{number}").text
    assert "太近的规则" in page
    assert "近处没有队伍" in page


@pytest.mark.parametrize("team", ["", "x", "0", "999999999", "99999999999999", "²"])
def test_odd_teams_are_not_there(place, team):
    number = place.pooled()
    assert send(place.leaders[0], f"/pool/{number}/claim", {"team": team}).status_code == 404
    assert send(place.leaders[0], "/pool/2611-0000-0/claim", {"team": str(place.teams[0])}).status_code == 404


def test_other_figures_show_what_they_would_change_with_a_script_and_without(place):
    place.pooled(latitude=31.2)
    figures = {name: str(value) for name, value in vars(Matching()).items() if name != "version"} | {"site": str(place.centre)}
    whole = send(place.admin, "/manage/policies/matching/preview", figures)
    assert whole.status_code == 200
    assert "会换第一位的队伍" in whole.text
    assert "<html" in whole.text
    part = send(place.admin, "/manage/policies/matching/preview", figures, headers={"X-Fragment": "1"})
    assert "<html" not in part.text
    assert "会换第一位的队伍" in part.text
    wrong = send(place.admin, "/manage/policies/matching/preview", figures | {"near": "viel"})
    assert wrong.status_code == 422
    assert 'id="e-near"' in wrong.text
    assert send(place.admin, "/manage/policies/matching/preview", figures | {"near": "nan"}).status_code == 422
