"""A shop's month from the books to the money: the shop on a phone, two of the site at their desks, each in a browser of their own."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy.orm import Session

from tests.support.databases import Database
from tests.support.hands import tick
from tests.support.servers import serving
from tests.support.settling import IN_FEBRUARY, a_counter, hand_over
from tests.support.story import DESK, PHONE, Somebody, give_login, log_in, somebody
from volunteer.accounts.models import Person
from volunteer.kernel.crypto import Keyring
from volunteer.kernel.db import write
from volunteer.ledger import queries, verify
from volunteer.ledger.models import Unit

pytestmark = pytest.mark.browser


def a_month(database: Database, keyring: Keyring) -> int:
    """Three gifts of February, and log-ins for the three people; the number of the shop."""
    with Session(database.engine, info={"keyring": keyring}) as session, write(session):
        counter = a_counter(session)
        for day in range(3):
            hand_over(session, counter.street, IN_FEBRUARY + timedelta(days=day))
        for actor, login in ((counter.till, "till"), (counter.first, "first"), (counter.second, "second")):
            give_login(session, session.get_one(Person, actor.user_id), login)
        return counter.shop


def fits(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth") <= page.evaluate("innerWidth")


def test_a_month_from_the_books_to_the_money(browser: Browser, sqlite: Database, keyring: Keyring) -> None:
    shop_id = a_month(sqlite, keyring)
    with serving(sqlite) as server:
        people = [somebody(browser, server, name, "settlement", "zh", size) for name, size in
                  (("till", PHONE), ("first", DESK), ("second", DESK))]  # fmt: skip
        for person in people:
            log_in(person, person.name)
        till, first, second = people

        page = first.go("/manage/settlements?month=2026-02")
        page.get_by_role("button", name="现在出单").click()
        page.wait_for_url(re.compile(r"/manage/settlements/\d+$"))
        expect(page.locator("main")).to_contain_text("12.00")
        first.shot("1-prepared")

        shown = till.go("/merchant")
        shown.get_by_role("link", name="结算单").click()
        shown.get_by_role("link", name="2026-02").click()
        fits(shown)
        till.shot("2-to-check")
        tick(shown.locator("input[name=lines]").first)
        shown.locator("input[name=words]").fill("这一件没有给过")
        shown.get_by_role("button", name="提出勾选的行不对").click()
        expect(shown.locator(".chip").first).to_contain_text("商户有疑问")

        page.reload()
        expect(page.locator("main")).to_contain_text("这一件没有给过")
        page.locator("input[name=words]").fill("监控里看到给了")
        page.get_by_role("button", name="答复商户").click()

        shown.reload()
        expect(shown.locator("main")).to_contain_text("监控里看到给了")
        shown.get_by_role("button", name="没有问题").click()
        expect(shown.locator(".chip").first).to_contain_text("待审核")

        _approve(page)
        expect(page.locator("main")).to_contain_text("您已经同意过")
        desk = second.go(page.url.removeprefix(server.url))
        _approve(desk)
        desk.locator("input[name=reference]").fill("工行-0001")
        desk.get_by_role("button", name="登记已付").click()
        expect(desk.locator(".chip").first).to_contain_text("已付")
        second.shot("3-paid")
        fits(desk)

        shown.reload()
        expect(shown.locator("main")).to_contain_text("工行-0001")
        _print(till)
    with Session(sqlite.engine) as session:
        assert queries.balance(session, f"merchant:{shop_id}:settled", Unit.POINTS) == 120
        assert verify.findings(session) == []


def _approve(page: Page) -> None:
    page.reload()
    page.get_by_role("button", name=re.compile("审批 12.00 元")).click()


def _print(till: Somebody) -> None:
    """On paper there are the lines and the digest, and no button."""
    till.page.emulate_media(media="print")
    expect(till.page.get_by_text(re.compile("[0-9a-f]{64}"))).to_be_visible()
    expect(till.page.locator("main button:visible")).to_have_count(0)
