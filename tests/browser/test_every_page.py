"""Every page that can be opened, as somebody who may open it, in settings that cover every pair of what can differ."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page

from tests.support.looking import complaints, shot
from tests.support.servers import Server
from tests.support.story import PATIENCE

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

Find = Callable[[Page, str], str]


def at(path: str) -> Find:
    """The address itself."""
    return lambda page, base: path


def link(start: str, pattern: str, then: str | None = None, suffix: str = "") -> Find:
    """The first address like ``pattern`` on ``start``; with ``then`` the first page behind one that shows such a link."""

    def find(page: Page, base: str) -> str:
        found = hrefs(page, base + start, pattern)
        assert found, f"{start} has no link like {pattern}"
        if then is None:
            return found[0] + suffix
        for address in found:
            if behind := hrefs(page, base + address, then):
                return behind[0]
        raise AssertionError(f"nothing behind {start} has a link like {then}")

    return find


def hrefs(page: Page, address: str, pattern: str) -> list[str]:
    text = page.request.get(address).text().replace("&amp;", "&")
    return list(dict.fromkeys(found for found in re.findall(r'href="([^"]+)"', text) if re.search(pattern, found)))


@dataclass(frozen=True)
class Visit:
    """Who opens a route, and how its address is found from what this person sees."""

    persona: str | None
    find: Find


ORDER = r"^/o/[\w-]{20,}$"
VISITS: dict[str, tuple[Visit, ...]] = {
    "/": (Visit(None, at("/")), Visit("resident", at("/"))),
    "/audit": (Visit("auditor", at("/audit")),),
    "/board": (
        Visit("dispatcher", at("/board")),
        Visit("dispatcher", at("/board?tab=working")),
        Visit("dispatcher", at("/board?q=zzz")),
    ),
    "/board/orders/<number>": (
        Visit("dispatcher", link("/board", r"^/board/orders/[\d-]+")),
        Visit("dispatcher", link("/board?tab=placed", r"^/board/orders/[\d-]+")),
        Visit("dispatcher", link("/board?tab=offered", r"^/board/orders/[\d-]+")),
    ),
    "/desk": (Visit("clerk", at("/desk")),),
    "/desk/orders/<number>": (Visit("clerk", link("/desk", r"^/desk/orders/[\d-]+$")),),
    "/desk/orders/<number>/slip": (Visit("clerk", link("/desk?tab=all", r"^/desk/orders/[\d-]+$", then=r"/slip$")),),
    "/hours": (Visit("admin", at("/hours")),),
    "/inbox": (Visit("leader", at("/inbox")),),
    "/inbox/offers/<int:offer_id>": (Visit("leader", link("/inbox", r"^/inbox/offers/\d+$")),),
    "/inbox/visits/<number>": (Visit("leader", link("/inbox", r"^/inbox/visits/[\d-]+$")),),
    "/inbox/visits/<number>/scan": (Visit("leader", link("/inbox", r"^/inbox/visits/[\d-]+$", suffix="/scan?proof=old")),),
    "/inbox/visits/<number>/sheet": (Visit("leader", link("/inbox", r"^/inbox/visits/[\d-]+$", suffix="/sheet")),),
    "/login": (Visit(None, at("/login")),),
    "/login/code": (Visit(None, at("/login/code")),),
    "/me": (Visit("volunteer", at("/me")), Visit("resident", at("/me"))),
    "/me/certificate": (Visit("volunteer", at("/me/certificate")),),
    "/me/sessions": (Visit("volunteer", at("/me/sessions")),),
    "/me/password": (Visit("clerk", at("/me/password")),),
    "/notice": (Visit(None, at("/notice")),),
    "/o/<secret>": (Visit("resident", link("/", ORDER)), Visit("resident", link("/", ORDER, suffix="?new=1"))),
    "/o/<secret>/correct": (Visit("resident", link("/", ORDER, then=r"/correct$")),),
    "/o/<secret>/slip": (Visit("resident", link("/", ORDER, then=r"/slip$")),),
    "/order/new": (
        Visit(None, at("/order/new")),
        Visit(None, at("/order/new?item=lamp")),
        Visit(None, at("/order/new?own=1")),
        Visit(None, at("/order/new?q=%E7%81%AF")),
        Visit("clerk", at("/order/new?for=caller&item=lamp")),
    ),
    "/overview": (Visit("director", at("/overview")),),
    "/overview/orders/<number>": (Visit("director", link("/overview", r"^/overview/orders/[\d-]+$")),),
    "/system": (Visit("it", at("/system")),),
    "/track": (Visit(None, at("/track")),),
    "/verify": (Visit(None, at("/verify")),),
    "/verify/<number>": (Visit("volunteer", link("/me/certificate", r"^/verify/\d+$")), Visit(None, at("/verify/2611000000000"))),
}
NOT_PAGES = {
    "/board/orders/<number>/live": "a part of the board, swapped in",
    "/board/pins": "JSON of the map",
    "/board/rows": "a part of the board, swapped in",
    "/desk/orders/<number>/photos/<token>": "a picture",
    "/desk/orders/<number>/qr.svg": "a picture",
    "/healthz": "for machines",
    "/inbox/rows": "a part of the inbox, swapped in",
    "/inbox/visits/<number>/photos/<token>": "a picture",
    "/map.geojson": "shapes of the map",
    "/me/certificates/<number>.pdf": "a PDF, read back by its own tests",
    "/o/<secret>/link.svg": "a picture",
    "/o/<secret>/now": "a part of the order's page, swapped in",
    "/o/<secret>/photos/<token>": "a picture",
    "/o/<secret>/qr.svg": "a picture",
    "/order/photos/<name>": "a picture",
    "/readyz": "for machines",
    "/static/<path:filename>": "files of the bundle",
}


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
