"""The pictures of the README, taken from the demo county; what is committed stays small."""

from __future__ import annotations

import re

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page

from tests.browser.test_every_page import Setting, as_persona
from tests.support.looking import SCREENS
from tests.support.servers import Server
from tests.support.services import ROOT
from tests.support.visits import hrefs

pytestmark = pytest.mark.browser
LARGEST = 160 * 1024  # bytes


def test_the_readme_shows_the_board_and_a_phone(browser: Browser, county: Server) -> None:
    board = as_persona(browser, county, "dispatcher", Setting("zh", False, False, 1280))
    board.goto(county.url + hrefs(board, county.url + "/board", r"^/board/orders/[\d-]+")[0])
    board.wait_for_timeout(1500)  # the map draws itself
    keep(board, "board")

    phone = as_persona(browser, county, "resident", Setting("zh", False, False, 360))
    orders = hrefs(phone, county.url + "/", r"^/o/[\w-]{20,}$")
    accepted = [order for order in orders if re.search(r"step-now[^$]*?已接单", phone.request.get(county.url + order).text())]
    phone.goto(county.url + (accepted or orders)[0])
    phone.wait_for_timeout(300)
    keep(phone, "phone")

    for name in ("board", "phone"):
        committed = ROOT / "docs" / f"{name}.png"
        assert committed.stat().st_size < LARGEST
        with Image.open(committed) as kept, Image.open(SCREENS / f"readme-{name}.png") as fresh:
            assert kept.size == fresh.size


def keep(page: Page, name: str) -> None:
    """Save what is in sight as a picture of few colours."""
    SCREENS.mkdir(parents=True, exist_ok=True)
    path = SCREENS / f"readme-{name}.png"
    page.screenshot(path=path, animations="disabled")
    with Image.open(path) as picture:
        small = picture.convert("RGB").quantize(128, dither=Image.Dither.NONE)
    small.save(path, optimize=True)
    page.context.close()
