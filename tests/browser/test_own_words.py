"""Somebody writes in their own words: what it may be appears below, one tap takes it; danger comes before everything."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from tests.support.servers import Server

pytestmark = pytest.mark.browser
PHONE: ViewportSize = {"width": 360, "height": 780}
MEANT = "[data-guess] button[name=take]"


@pytest.fixture
def page(browser: Browser, county: Server) -> Page:
    page = browser.new_page(viewport=PHONE)
    page.goto(county.url + "/order/new?own=1")
    return page


def write(page: Page, words: str) -> None:
    page.locator("textarea[name=words]").fill(words)


def test_one_tap_takes_the_suggestion_and_what_was_written_stays(page: Page) -> None:
    write(page, "厨房间的灯一闪一闪，我爬不上去")
    expect(page.locator("[data-guess]")).to_contain_text("换灯管灯泡")
    page.locator(MEANT).click()
    expect(page.locator("h1")).to_have_text("换灯管灯泡")
    expect(page.locator("textarea[name=words]")).to_have_value("厨房间的灯一闪一闪，我爬不上去")
    expect(page.locator("input[name=item]")).to_have_value("lamp")


def test_no_is_heard_and_not_asked_again_for_the_same_words(page: Page) -> None:
    write(page, "厨房间的灯一闪一闪，我爬不上去")
    page.locator("[data-guess-no]").click()
    expect(page.locator(MEANT)).to_have_count(0)
    page.locator("textarea[name=words]").press("End")
    page.locator("textarea[name=words]").blur()
    expect(page.locator(MEANT)).to_have_count(0)


def test_danger_shows_the_number_to_call_at_once(page: Page) -> None:
    write(page, "屋里一股煤气味")
    expect(page.locator("[data-guess] a[href='tel:119']")).to_be_visible()
    write(page, "没事了，就是灯不亮")
    expect(page.locator("[data-guess] a[href='tel:119']")).to_have_count(0)
