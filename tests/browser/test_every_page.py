"""Every page that can be opened, as somebody who may open it, in settings that cover every pair of what can differ."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import pytest
from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("county")]


class Setting(NamedTuple):
    """One way of looking at a page."""

    language: str
    elder: bool
    dark: bool
    width: int


# Four two-way choices need five settings to meet in every pair: a covering array CA(5; 2, 4, 2).
SETTINGS = (
    Setting("zh", False, False, 360),
    Setting("zh", True, True, 1280),
    Setting("en", False, True, 1280),
    Setting("en", True, False, 1280),
    Setting("en", True, True, 360),
)
NOT_PAGES = re.compile(r"\.pdf$|\.ics$|\.svg$|\.geojson$|/photos/|/pins$|/rows$|^/healthz$|^/readyz$|^/static/|/qr$|/live$")


@dataclass(frozen=True)
class Visit:
    """Who opens a route, and how its address is found from a page that this person sees."""

    persona: str | None
    start: str = ""
    link: str = ""  # a pattern of the address, looked for among the links of ``start``
    find: Callable[[Page], str] | None = None
