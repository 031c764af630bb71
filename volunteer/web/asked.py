"""What an address or a form asks for: words, a page, a number; and the addresses of the pages before and after."""

from __future__ import annotations

from typing import Any

from flask import request, url_for

LAST = 1_000  # page of a list; what lies behind is found by searching


def words_asked() -> str:
    """Return what was typed into the search field."""
    return request.args.get("q", "").replace("\0", "").strip()[:60]


def whole(typed: str, digits: int = 9) -> int | None:
    """Return the whole number that was typed; None when it is none, or has more ``digits``: no id has as many.

    int() alone also takes "-1", "1_000", " 7" and the digits of every script.
    """
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) <= digits else None


def number_asked(name: str, default: int = 0, most: int = 2**31 - 1) -> int:
    """Return a whole number of the address; ``default`` when it is none."""
    number = whole(request.args.get(name, ""), 10)
    return default if number is None else min(number, most)


def page_asked() -> int:
    """Return which page of a list the address asks for."""
    return max(number_asked("page", 1, LAST), 1)


def turning(endpoint: str, page: int, more: bool, **carried: Any) -> dict[str, str | None]:
    """Return the addresses of the pages before and after."""
    here = {name: value for name, value in carried.items() if value}
    return {
        "previous": url_for(endpoint, page=page - 1, **here) if page > 1 else None,
        "next": url_for(endpoint, page=page + 1, **here) if more and page < LAST else None,
    }
