"""Every page that can be opened, as somebody who may open it, in settings that cover every pair of what can differ."""

from __future__ import annotations

import re
from typing import NamedTuple

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page

from tests.support.looking import complaints, shot
from tests.support.servers import Server
from tests.support.story import PATIENCE
from tests.support.visits import every_visit

pytestmark = pytest.mark.browser


class Setting(NamedTuple):
    """One way of looking at a page."""

    language: str
    elder: bool
    dark: bool
    width: int

    def __str__(self) -> str:
        return f"{self.language}-{'elder' if self.elder else 'normal'}-{'dark' if self.dark else 'light'}-{self.width}"


# Four choices of two need five settings to meet in every pair: a covering array CA(5; 2, 4, 2); four cover only three.
SETTINGS = (
    Setting("zh", False, False, 360),
    Setting("zh", True, True, 1280),
    Setting("en", False, True, 1280),
    Setting("en", True, False, 1280),
    Setting("en", True, True, 360),
)

VISITS, NOT_PAGES = every_visit()


def test_every_get_route_is_known(app: Flask) -> None:
    rules = {rule.rule for rule in app.url_map.iter_rules() if rule.methods and "GET" in rule.methods}
    assert rules - set(VISITS) - set(NOT_PAGES) == set()
    assert (set(VISITS) | set(NOT_PAGES)) - rules == set()


@pytest.mark.parametrize("setting", SETTINGS, ids=str)
def test_every_page_is_good_for_everybody(browser: Browser, county: Server, setting: Setting) -> None:
    people: dict[str | None, Page] = {}
    wrong: list[str] = []
    for rule, visits in VISITS.items():
        for number, visit in enumerate(visits):
            page = people.get(visit.persona) or people.setdefault(
                visit.persona, as_persona(browser, county, visit.persona, setting)
            )
            address = visit.find(page, county.url)
            answer = page.goto(county.url + address)
            page.wait_for_timeout(400 if page.locator("[data-map]").count() else 50)  # a map draws itself after the page
            if answer is None or (answer.status >= 400 and not address.startswith("/verify/")):
                wrong.append(f"{address}: {answer and answer.status}")
                continue
            name = re.sub(r"[^a-z]+", "-", rule).strip("-") or "home"
            shot(page, f"pages/{setting}/{name}-{number}")
            found = complaints(page, language=setting.language, elder=setting.elder)
            wrong += [f"{rule} [{address}] {complaint}" for complaint in found]
    for page in people.values():
        page.context.close()
    assert wrong == [], "\n".join(wrong)


def as_persona(browser: Browser, county: Server, persona: str | None, setting: Setting) -> Page:
    """Open a browser as one of the demo's people, or as a visitor, in one setting."""
    context: BrowserContext = browser.new_context(
        viewport={"width": setting.width, "height": 800},
        color_scheme="dark" if setting.dark else "light",
        locale="zh-CN" if setting.language == "zh" else "en-GB",
        reduced_motion="reduce",
    )
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    page.goto(county.url + "/login")
    if persona:
        page.locator(f"form[action$='/demo/{persona}'] button").click()
        page.wait_for_url(lambda url: "/login" not in url)
    page.goto(county.url + "/notice")
    if setting.language == "en":
        page.locator("form[action='/language'] button").click()
    if setting.elder:
        page.locator("form[action='/elder'] button").click()
    return page
