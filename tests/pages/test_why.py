"""Why this team, why not that one: what an offer keeps, and who may read which part of it."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from tests.pages.test_board import Desk
from tests.support import builders as make
from tests.support.visiting import signed_in
from volunteer.access import Role
from volunteer.kernel.clock import now
from volunteer.kernel.db import db
from volunteer.orders.lifecycle import OfferState, Status
from volunteer.orders.models import Offer
from volunteer.places.models import Site
from volunteer.teams.models import Team
from volunteer.web.unit import transaction


class Asked(Desk):
    """The board's county, with an order that its dispatcher sent to the second team of the list."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.number = self.order()
        self.do(self.number, "offer", team=str(self.teams[1]))
        with self.app.app_context():
            session = db.session()
            self.offer = session.scalars(select(Offer.id)).one()
            self.leader = make.leader_of(session, session.get_one(Team, self.teams[1])).user_id
            self.rival = make.leader_of(session, session.get_one(Team, self.teams[0])).user_id
            session.rollback()
        self.why = f"/why/offers/{self.offer}"
        self.own = f"/inbox/offers/{self.offer}/why"


@pytest.fixture
def asked(app):
    return Asked(app)


def change(asked: Asked, **values) -> None:
    with asked.app.app_context(), transaction() as session:
        offer = session.get_one(Offer, asked.offer)
        for name, value in values.items():
            setattr(offer, name, value)


def test_an_offer_keeps_all_that_its_explanation_takes(asked):
    with asked.app.app_context():
        offer = db.session.get_one(Offer, asked.offer)
        kept = offer.reasons
    assert (offer.rank, offer.candidates, offer.price) == (2, 3, 0.0)
    assert set(kept["parts"]) == {"skill", "near", "rated", "continuity"}
    assert kept["prices"] == {"load": 0.0}
    assert (kept["rank"], kept["able"], kept["total"]) == (2, 3, 4)
    assert kept["policy"]["weights"]["near"] == 0.35
    assert [(one["team_id"], one["rank"]) for one in kept["beside"]] == [(asked.teams[0], 1), (asked.teams[2], 3)]


def test_the_dispatcher_sees_the_place_its_parts_the_rules_and_the_others(asked):
    page = asked.page(asked.why)
    for words in ("能做的 3 支团队里排第 2", "由派单员选定", "赵调度", "灯火1队", "灯火0队", "灯火2队", "0.35", "规则版本 0"):
        assert words in page, words
    assert asked.why in asked.page(f"/board/orders/{asked.number}")


def test_two_teams_are_compared_in_plain_words(asked):
    page = asked.page(f"{asked.why}?with={asked.teams[0]}")
    assert "为什么不是灯火0队" in page
    assert "近 " in page
    assert "灯火1队就会排在前面" in page
    behind = asked.page(f"{asked.why}?with={asked.teams[2]}")
    assert "落后" in behind
    assert "灯火2队就会排在前面" in behind


def test_a_team_is_looked_up_by_name_and_what_was_not_kept_is_said(asked):
    assert f"{asked.why}?with={asked.teams[0]}" in asked.page(f"{asked.why}?team=灯火0")
    assert "没有这支团队" in asked.page(f"{asked.why}?team=理发")
    for odd in ("with=0", "with=abc", "with=999999999999999999999", "team=%00", "team=" + "x" * 3000):
        asked.page(f"{asked.why}?{odd}")


def test_nothing_is_worked_out_anew(asked):
    def shown() -> str:
        return asked.page(f"{asked.why}?with={asked.teams[0]}").partition("<main")[2].partition("</main>")[0]

    before = shown()
    with asked.app.app_context(), transaction() as session:
        for team in session.scalars(select(Team)):
            team.latitude, team.rating_sum, team.rating_count, team.capacity = 31.5, 0.1, 9, 9
    assert before
    assert shown() == before


def test_an_offer_from_before_says_that_less_was_kept(asked):
    change(
        asked, reasons={"parts": {"skill": 0.9, "near": 0.5, "free": 1, "rated": 0.8, "continuity": 0}, "price": 0.1, "load": 1}
    )
    assert "留存得少" in asked.page(asked.why)
    change(asked, reasons={}, rank=0)
    assert "不在推荐名单上" in asked.page(asked.why)
    assert asked.page(asked.own, signed_in(asked.app, asked.leader))


def test_a_desk_of_another_place_finds_nothing(asked):
    with asked.app.app_context(), transaction() as session:
        other = session.get_one(Site, asked.elsewhere)
        stranger = make.staff(session, Role.DISPATCHER, other).user_id
    assert signed_in(asked.app, stranger).get(asked.why).status_code == 404
    assert asked.page(asked.why, signed_in(asked.app, asked.chief))
    assert asked.browser.get("/why/offers/987654").status_code == 404


def test_a_leader_reads_about_the_own_team_only(asked):
    page = asked.page(asked.own, signed_in(asked.app, asked.leader))
    for words in ("能做的 3 支团队里排第 2", "离得更近", "反映问题"):
        assert words in page, words
    for hidden in ("灯火0队", "灯火2队", "赵调度", "李奶奶", "厨房的灯坏了"):
        assert hidden not in page, hidden
    assert signed_in(asked.app, asked.leader).get(asked.why).status_code == 403
    assert signed_in(asked.app, asked.rival).get(asked.own).status_code == 404
    assert asked.browser.get(asked.own).status_code in {403, 404}


def test_what_is_over_stays_to_be_read_by_the_leader(asked):
    leader = signed_in(asked.app, asked.leader)
    assert asked.own not in asked.page("/inbox/offers", leader)
    change(asked, state=OfferState.RECALLED, answered_at=now())
    listed = asked.page("/inbox/offers", leader)
    assert asked.own in listed
    assert "换灯管" in listed
    assert "已撤回" in asked.page(asked.own, leader)
    assert asked.own not in asked.page("/inbox/offers", signed_in(asked.app, asked.rival))
    for odd in ("0", "-1", "abc", "99999999", "500"):
        asked.page(f"/inbox/offers?page={odd}", leader)


def test_an_offer_by_a_rule_tells_the_version_of_what_was_weighed_not_the_rule_s_number(asked):
    change(asked, policy_version="rule:4711")
    assert "规则版本 0" in asked.page(asked.why)
    assert "4711" not in asked.page(asked.own, signed_in(asked.app, asked.leader))


def test_what_was_set_aside_by_hand_is_named(app):
    desk = Desk(app)
    with app.app_context(), transaction() as session:
        session.get_one(Team, desk.teams[0]).reach_km = 0.1
        from volunteer.teams.changing import roster_changed

        roster_changed(session)
    number = desk.order(latitude=31.19, longitude=120.64, status=Status.VERIFIED)
    desk.do(number, "offer", team=str(desk.teams[0]))
    with app.app_context():
        offer = db.session.scalars(select(Offer.id)).one()
    page = desk.page(f"/why/offers/{offer}")
    assert "由人作了取舍" in page
    assert "最远" in page or "最多" in page
