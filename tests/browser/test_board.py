"""Two dispatchers at the board in real browsers: nobody takes what another has open, and hands may stay on the keys."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy.orm import Session

from tests.support import builders as make
from tests.support.databases import Database
from tests.support.looking import shot
from tests.support.servers import Server, serving
from tests.support.visiting import PASSWORD
from volunteer.access import SYSTEM, Role
from volunteer.accounts.registering import PersonDraft, register_person
from volunteer.kernel.clock import now
from volunteer.kernel.crypto import Keyring
from volunteer.kernel.db import write
from volunteer.orders.lifecycle import Status
from volunteer.teams.changing import roster_changed

pytestmark = pytest.mark.browser
SOON = 7_000  # five seconds between two looks at the list, and a little for the way


@dataclass
class Desk:
    """A served county with three orders to dispatch, three teams, and two dispatchers."""

    server: Server
    browser: Browser

    def sit_down(self, name: str, width: int = 1280) -> Page:
        page = self.browser.new_context(viewport={"width": width, "height": 800}, locale="zh-CN").new_page()
        page.goto(f"{self.server.url}/login?next=/board")
        page.get_by_label("登录名").fill(name)
        page.get_by_label("密码").fill(PASSWORD)
        page.locator("main form button[type=submit]").first.click()
        page.goto(f"{self.server.url}/board")
        return page


@pytest.fixture
def desk(sqlite: Database, keyring: Keyring, browser: Browser) -> Iterator[Desk]:
    at = now()
    with Session(sqlite.engine, info={"keyring": keyring, "argon2_cost": 1}) as session, write(session):
        centre, _, station = make.a_county(session)
        for n in range(3):
            make.a_team(session, station, name=f"灯火{'一二三'[n]}队", latitude=31.16 + n / 200)
        for n, name in enumerate(("换灯管", "修水龙头", "通下水道")):
            item = make.an_item(session, centre, name=name, category_id=None)
            due = at + timedelta(minutes=20 * (n + 1))
            make.an_order(session, station, item=item, status=Status.VERIFIED, placed_at=at, due_at=due)
        for login_name, name in (("anna", "赵调度"), ("bert", "孙调度")):
            draft = PersonDraft(name=name, login_name=login_name, password=PASSWORD)
            register_person(session, SYSTEM, draft, at=at - timedelta(days=1), role=Role.DISPATCHER, site=centre)
        roster_changed(session)
    with serving(sqlite) as server:
        yield Desk(server, browser)


def test_an_order_that_one_has_open_is_refused_to_the_other(desk: Desk) -> None:
    anna, bert = desk.sit_down("anna"), desk.sit_down("bert")
    anna.get_by_role("link", name="换灯管").click()
    expect(anna.locator("[data-pick]")).to_be_visible()

    expect(bert.locator("#rows")).to_contain_text("赵调度", timeout=SOON)
    bert.get_by_role("link", name="换灯管").click()
    expect(bert.locator("[data-panel]")).to_contain_text("赵调度")
    expect(bert.locator("[data-pick]")).to_have_count(0)
    shot(bert, "board-held")

    anna.keyboard.press("Escape")
    expect(anna.locator("[data-order]")).to_have_count(0)
    expect(bert.locator("#rows")).not_to_contain_text("赵调度", timeout=SOON)
    bert.get_by_role("link", name="换灯管").click()
    expect(bert.locator("[data-pick]")).to_be_visible()


def test_who_leaves_the_page_lets_go_and_who_reloads_keeps_it(desk: Desk) -> None:
    anna, bert = desk.sit_down("anna"), desk.sit_down("bert")
    anna.get_by_role("link", name="换灯管").click()
    expect(anna.locator("[data-pick]")).to_be_visible()
    anna.reload()
    anna.wait_for_timeout(1_000)  # the beacon of the page that was left arrives late
    expect(bert.locator("#rows")).to_contain_text("赵调度", timeout=SOON)
    anna.goto(f"{desk.server.url}/board?tab=placed")
    expect(bert.locator("#rows")).not_to_contain_text("赵调度", timeout=SOON)


def test_the_keys_alone_clear_the_board(desk: Desk) -> None:
    anna = desk.sit_down("anna")
    expect(anna.locator("[data-keys]")).to_be_visible()
    for left in (2, 1, 0):
        anna.keyboard.press("j")
        anna.keyboard.press("Enter")
        expect(anna.locator("[data-pick]")).to_be_visible()
        anna.keyboard.press("d")
        expect(anna.get_by_role("status").first).to_contain_text("灯火")
        expect(anna.locator("#rows .item-title")).to_have_count(left)
    anna.keyboard.press("/")
    expect(anna.locator("input[name=q][data-key]")).to_be_focused()
    anna.keyboard.type("hdg")
    anna.keyboard.press("Enter")
    anna.locator(".tab", has_text="待接").click()
    expect(anna.locator("#rows .item-title")).to_have_text(["换灯管"])


def test_the_button_names_who_will_be_asked(desk: Desk) -> None:
    anna = desk.sit_down("anna")
    anna.get_by_role("link", name="换灯管").click()
    send = anna.locator("[data-pick] button[type=submit]")
    expect(send).to_have_text("派给 灯火一队")
    anna.get_by_role("radio", name=re.compile("灯火二队")).check()
    expect(send).to_have_text("派给 灯火二队")
    expect(anna.locator(".map-line")).to_have_count(1)
    shot(anna, "board")
    anna.keyboard.press("x")
    anna.get_by_role("checkbox", name=re.compile("灯火一队")).uncheck()
    for other in ("灯火二队", "灯火三队"):
        anna.get_by_role("checkbox", name=re.compile(other)).check()
    expect(send).to_have_text("派给 2 支队伍")
    send.click()
    expect(anna.locator(".asked-open")).to_have_count(2)


def test_on_a_phone_an_order_opens_above_the_list_and_nothing_runs_over(desk: Desk) -> None:
    anna = desk.sit_down("anna", width=360)
    anna.get_by_role("link", name="换灯管").click()
    expect(anna.locator("[data-pick]")).to_be_visible()
    assert anna.evaluate("document.documentElement.scrollWidth") <= 360
    shot(anna, "board-phone")
