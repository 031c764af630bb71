"""一键派单 in a real browser: forty orders, a plan on list and map, one left out, one changed, sent; the teams see their offers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.support import builders as make
from tests.support.databases import Database
from tests.support.looking import shot
from tests.support.servers import Server, serving
from tests.support.story import give_login
from tests.support.visiting import PASSWORD
from volunteer.access import SYSTEM, Role
from volunteer.accounts.models import Person
from volunteer.accounts.registering import PersonDraft, register_person
from volunteer.kernel.clock import now
from volunteer.kernel.crypto import Keyring
from volunteer.kernel.db import write
from volunteer.orders.lifecycle import Status
from volunteer.orders.models import Offer
from volunteer.teams.changing import roster_changed

pytestmark = pytest.mark.browser
ORDERS, TEAMS = 40, 8
NAMES = "一二三四五六七八"


@dataclass
class Desk:
    """A served county with forty orders to dispatch, eight teams of six places each, and a dispatcher."""

    server: Server
    browser: Browser
    database: Database

    def sit_down(self, name: str, path: str, width: int = 1280) -> Page:
        page = self.browser.new_context(viewport={"width": width, "height": 800}, locale="zh-CN").new_page()
        page.goto(f"{self.server.url}/login")
        page.get_by_label("登录名").fill(name)
        page.get_by_label("密码").fill(PASSWORD)
        page.locator("main form button[type=submit]").first.click()
        page.wait_for_url(lambda url: "/login" not in url)
        page.goto(f"{self.server.url}{path}")
        return page

    def offers(self) -> dict[str, int]:
        """How many offers each team has."""
        with Session(self.database.engine) as session:
            found = [offer.team.name for offer in session.scalars(select(Offer))]
        return {name: found.count(name) for name in found}


@pytest.fixture
def desk(sqlite: Database, keyring: Keyring, browser: Browser) -> Iterator[Desk]:
    at = now()
    with Session(sqlite.engine, info={"keyring": keyring, "argon2_cost": 1}) as session, write(session):
        centre, _, station = make.a_county(session)
        for n, name in enumerate(NAMES):
            north, east = 31.10 + n % 4 * 0.03, 120.58 + n // 4 * 0.08
            team = make.a_team(session, station, name=f"灯火{name}队", latitude=north, longitude=east, capacity=6)
            leader = session.get_one(Person, make.leader_of(session, team).user_id)
            give_login(session, leader, f"leader{n}")
        item = make.an_item(session, centre, name="换灯管", category_id=None)
        for n in range(ORDERS):
            north, east = 31.08 + n % 8 * 0.017, 120.56 + n // 8 * 0.027
            due = at + timedelta(minutes=30 + n)
            make.an_order(
                session, station, item=item, status=Status.VERIFIED, placed_at=at, due_at=due, latitude=north, longitude=east
            )
        draft = PersonDraft(name="赵调度", login_name="anna", password=PASSWORD)
        register_person(session, SYSTEM, draft, at=at - timedelta(days=1), role=Role.DISPATCHER, site=centre)
        roster_changed(session)
    with serving(sqlite) as server:
        yield Desk(server, browser, sqlite)


def test_forty_orders_go_out_with_one_left_out_and_one_changed(desk: Desk) -> None:
    anna = desk.sit_down("anna", "/board")
    anna.get_by_role("button", name="一键派单").click()
    expect(anna.locator(".plan-row")).to_have_count(ORDERS)
    expect(anna.locator(".plan-proof")).to_contain_text("没有更好的方案")
    expect(anna.locator("path.way:not(.way-dot)")).to_have_count(ORDERS)
    shot(anna, "dispatch-all")
    send = anna.locator("[data-count] .btn-main")
    expect(send).to_have_text("派出勾选的 40 单")

    first, second = anna.locator(".plan-row").nth(0), anna.locator(".plan-row").nth(1)
    first.hover()
    expect(anna.locator("path.way-on:not(.way-dot)")).to_have_count(1)
    for row in (first, second):
        row.locator("summary").click()
    first.get_by_label("改派").select_option("out")
    other = second.locator("option").nth(1)
    wished = (other.text_content() or "").split(" · ")[0].strip()
    second.get_by_label("改派").select_option(other.get_attribute("value"))
    expect(send).to_have_text("先按我的改动重新排")
    send.click()
    expect(anna.locator(".plan-row")).to_have_count(ORDERS - 1)
    expect(anna.locator(".plan-row", has_text="您指定的")).to_contain_text(wished)
    assert desk.offers() == {}

    anna.locator(".plan-row").nth(2).locator("input[type=checkbox]").uncheck()
    expect(send).to_have_text("派出勾选的 38 单")
    send.click()
    expect(anna.get_by_role("status").first).to_contain_text("38 单已派出")
    expect(anna.locator(".plan-row")).to_have_count(1)
    offers = desk.offers()
    assert sum(offers.values()) == ORDERS - 2
    assert max(offers.values()) <= 6

    leader = desk.sit_down("leader0", "/inbox", width=360)
    assert len(leader.locator("a[href^='/inbox/offers/']").all()) >= min(3, offers["灯火一队"])
    anna.locator("details.confirm summary").click()
    anna.get_by_role("button", name="不用了").click()
    expect(anna.locator(".items")).to_contain_text("派出一部分")


def test_on_a_phone_the_plan_reads_from_top_to_bottom_and_nothing_runs_over(desk: Desk) -> None:
    anna = desk.sit_down("anna", "/board/all", width=360)
    anna.get_by_role("button", name=re.compile("给 40 单排方案")).click()
    expect(anna.locator(".plan-row")).to_have_count(ORDERS)
    expect(anna.locator("path.way:not(.way-dot)")).to_have_count(ORDERS)
    assert anna.evaluate("document.documentElement.scrollWidth") <= 360
    anna.locator(".plan-row").first.locator("summary").click()
    shot(anna, "dispatch-all-phone")
    assert anna.evaluate("document.documentElement.scrollWidth") <= 360
