"""Who opens each page, and how its address is found: one module for each part of the application."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page

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


def every_visit() -> tuple[dict[str, tuple[Visit, ...]], dict[str, str]]:
    """Return the visits, and the routes that are no pages, of every module of this package."""
    visits: dict[str, tuple[Visit, ...]] = {}
    not_pages: dict[str, str] = {}
    for module in pkgutil.iter_modules(__path__):
        part = importlib.import_module(f"{__name__}.{module.name}")
        assert not (set(part.VISITS) | set(part.NOT_PAGES)) & (set(visits) | set(not_pages)), module.name
        visits |= part.VISITS
        not_pages |= part.NOT_PAGES
    return visits, not_pages
