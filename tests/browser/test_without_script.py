"""The first half of the story in browsers that run no script: longer pages, nothing lost."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.hands import tick
from tests.support.servers import Server
from tests.support.story import PATIENCE, PHONE, Told, found
from tests.support.visiting import PASSWORD

pytestmark = pytest.mark.browser


def plain(browser: Browser, server: Server, login_name: str | None = None) -> Page:
    page = browser.new_context(viewport=PHONE, java_script_enabled=False).new_page()  # type: ignore[arg-type]
    page.set_default_timeout(PATIENCE)
    if login_name:
        page.goto(server.url + "/login")
        page.locator("input[name=name]").fill(login_name)
        page.locator("input[name=password]").fill(PASSWORD)
        page.locator("form:has(input[name=password]) button[type=submit]").click()
    return page


def test_ordering_dispatching_and_accepting_need_no_script(browser: Browser, county_free_server: Server) -> None:
    server, say = county_free_server, Told("zh")
    found(server.database)

    page = plain(browser, server)
    page.goto(server.url + "/")
    page.get_by_role("link", name="水电维修").click()
    page.locator("a[href*='item=']").first.click()
    tick(page.locator("input[name='answers.ladder'][value=no]"))
    page.locator("input[name=address]").fill("3幢201室")
    tick(page.locator("input[name=when][value=soon]"))
    page.locator("input[name=name]").fill("李奶奶")
    page.locator("input[name=phone]").fill("13800001111")
    tick(page.locator("input[name=consent]"))
    page.get_by_role("button", name=say("Send the request")).click()
    expect(page.locator("main")).to_contain_text("村")  # no place was given: the page says so, and keeps the rest
    assert page.locator("input[name=address]").input_value() == "3幢201室"
    page.locator("select[name=site]").select_option(label="鲈乡二村")
    page.get_by_role("button", name=say("Send the request")).click()
    page.wait_for_url(re.compile("/o/"))
    number = page.locator(".digits").first.inner_text().replace("\n", "")

    page = plain(browser, server, "dispatcher")
    page.goto(f"{server.url}/board/orders/{number}")
    page.get_by_role("button", name=say("Mark as verified")).click()
    expect(page.get_by_role("button", name=say("Mark as verified"))).to_have_count(0)
    page.goto(f"{server.url}/board/orders/{number}")
    page.locator("button[data-key=d]").click()
    expect(page.locator(".asked-open")).to_be_visible()

    page = plain(browser, server, "leader")
    page.goto(server.url + "/inbox")
    page.get_by_role("button", name=say("Accept"), exact=True).click()
    expect(page.locator("main")).to_contain_text("3幢201室")
