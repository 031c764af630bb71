"""A resident's own pages on a phone of 360 px: a saved place chosen with one tap, a day of weekly help left out."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from tests.support.hands import tick
from tests.support.servers import Server
from tests.support.story import PATIENCE, PHONE

pytestmark = pytest.mark.browser


def test_a_resident_leaves_out_a_day_and_chooses_a_saved_place(browser: Browser, county: Server) -> None:
    page = browser.new_context(viewport=PHONE).new_page()  # type: ignore[arg-type]
    page.set_default_timeout(PATIENCE)
    page.goto(county.url + "/login")
    page.locator('form[action$="/demo/resident"] button').click()
    page.wait_for_url("**/")
    page.goto(county.url + "/my")
    page.locator('a[href="/weekly"]').click()
    page.locator('a[href^="/weekly/"]').first.click()
    skip = page.locator('form[action$="/skip"] button')
    expect(skip.first).to_be_visible()
    before = skip.count()
    skip.first.click()
    expect(page.locator('form[action$="/unskip"] button')).to_have_count(1)
    expect(skip).to_have_count(before - 1)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]

    page.goto(county.url + "/order/new?own=1")
    page.locator("textarea[name=words]").fill("灯不亮")
    page.get_by_role("button", name="下一步").click()
    tick(page.locator("input[name=saved]:not([value=''])").first)
    expect(page.locator("[data-place]")).to_be_hidden()
    page.get_by_role("button", name="下一步").click()
    expect(page.locator("input[name=when]").first).to_be_visible()
