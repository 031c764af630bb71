"""The overview in a real browser: charts have words and patterns, tables stand without them; "/" finds the search."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.servers import Server

pytestmark = pytest.mark.browser


def page_of(browser: Browser, county: Server, persona: str, path: str, **context: object) -> tuple[Page, list[str]]:
    page = browser.new_context(viewport={"width": 1280, "height": 900}, locale="zh-CN", **context).new_page()  # type: ignore[arg-type]
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(f"{county.url}/login")
    page.locator(f'form[action$="/demo/{persona}"] button').first.click()
    page.goto(county.url + path)
    return page, said


def test_charts_say_what_the_tables_say_and_break_no_rule_of_the_page(browser: Browser, county: Server) -> None:
    page, said = page_of(browser, county, "director", "/overview?span=quarter")
    for name in ("t-places", "t-kinds", "t-times"):
        canvas = page.locator(f'[data-chart="{name}"] .chart-canvas')
        expect(canvas.locator("svg")).to_be_visible()
        expect(canvas).to_have_attribute("role", "img")
        first = page.locator(f"#{name} tbody th").first.inner_text()
        assert first in (canvas.get_attribute("aria-label") or "")
    assert page.locator('[data-chart="t-places"] pattern').count() >= 2  # never colour alone
    assert said == []


def test_charts_take_the_colours_of_the_page(browser: Browser, county: Server) -> None:
    colours = []
    for scheme in ("light", "dark"):
        page, _ = page_of(browser, county, "director", "/overview?span=quarter", color_scheme=scheme, reduced_motion="reduce")
        text = page.locator('[data-chart="t-times"] svg text').first
        expect(text).to_be_visible()
        colours.append(text.get_attribute("fill"))
    assert colours[0] != colours[1]


def test_without_script_the_tables_alone_are_complete(browser: Browser, county: Server) -> None:
    page, _ = page_of(browser, county, "director", "/overview?span=quarter", java_script_enabled=False)
    expect(page.locator("[data-chart]").first).to_be_hidden()
    for name in ("t-places", "t-kinds", "t-times"):
        expect(page.locator(f"#{name}")).to_be_visible()


def test_a_slash_goes_to_the_search_and_the_board_keeps_its_own(browser: Browser, county: Server) -> None:
    page, _ = page_of(browser, county, "director", "/overview")
    page.keyboard.press("/")
    expect(page.locator("[data-site-search]")).to_be_focused()
    page.keyboard.type("songling")
    page.keyboard.press("Enter")
    expect(page.locator("#sites")).to_contain_text("松陵")
    page, _ = page_of(browser, county, "dispatcher", "/board")
    page.keyboard.press("/")
    expect(page.locator('[data-key="/"]')).to_be_focused()
