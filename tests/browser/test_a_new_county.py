"""From an empty database to a county that people live in: by pages and sheets alone, in real browsers."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pyotp
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.databases import Database
from tests.support.hands import tick
from tests.support.looking import complaints
from tests.support.servers import Server, serving
from tests.support.story import DESK, Somebody, somebody

pytestmark = pytest.mark.browser
STORY = "new-county"
ADMINISTRATOR = {"name": "方静", "login": "fangjing", "password": "yi-ju-hen-chang-de-hua"}


@pytest.fixture
def empty(sqlite: Database) -> Iterator[Server]:
    """The product over an empty database; those who administrate need a second factor, as in a real county."""
    with serving(sqlite, second_factor_roles="site_admin,director,auditor,county_it") as server:
        yield server


def test_an_empty_database_becomes_a_county_by_pages_and_sheets_alone(browser: Browser, empty: Server) -> None:
    admin = somebody(browser, empty, "admin", STORY, "zh", DESK)
    open_the_county(admin, empty)


def open_the_county(admin: Somebody, server: Server) -> None:
    """The first page asks for the token of the console, then for the county; the second factor comes before anything else."""
    page = admin.go("/")
    page.wait_for_url(re.compile("/setup$"))
    good(admin, "1-token")
    page.locator("input[name=token]").fill("AAAA-BBBB-CCCC-DDDD")
    press(page, "继续")
    expect(page.locator("main")).to_contain_text("不是控制台上显示的口令")
    token = re.search(r"Token: (\S+)", server.flask("county", "token"))
    assert token
    page.locator("input[name=token]").fill(token[1].lower())
    press(page, "继续")

    page.locator("input[name=name]").fill("演示县新时代文明实践中心")
    page.locator("input[name='point.latitude']").fill("31.16")
    page.locator("input[name='point.longitude']").fill("120.64")
    page.locator("textarea[name=towns]").fill("东镇\n西镇")
    good(admin, "2-county")
    press(page, "下一步")
    expect(page.locator("select[name=time_zone]")).to_have_value("Asia/Shanghai")
    good(admin, "3-languages")
    press(page, "下一步")
    page.locator("input[name='rules.max_per_day']").fill("600")
    good(admin, "4-rules")
    press(page, "下一步")
    page.locator("input[name=person]").fill(ADMINISTRATOR["name"])
    page.locator("input[name=login_name]").fill(ADMINISTRATOR["login"])
    page.locator("input[name=password]").fill(ADMINISTRATOR["password"])
    tick(page.locator("input[name=consent]"))
    good(admin, "5-you")
    press(page, "开通")

    page.wait_for_url(re.compile("/me/second-factor"))
    press(page, "开始设置")
    secret = page.locator(".strong.nums").inner_text().replace(" ", "")
    page.locator("input[name=code]").fill(pyotp.TOTP(secret).now())
    page.locator("form[action$='/confirm'] button").click()
    expect(page.locator("main")).to_contain_text("恢复码")
    good(admin, "6-recovery-codes")
    admin.go("/manage")
    expect(page.locator(".todo-item")).to_have_count(7)
    good(admin, "7-first-days")


def press(page: Page, label: str) -> None:
    page.get_by_role("button", name=label, exact=False).last.click()


def good(person: Somebody, name: str) -> None:
    """Keep a picture, and complain about a page that is not for everybody."""
    person.shot(name)
    assert complaints(person.page, language="zh", elder=False) == []
