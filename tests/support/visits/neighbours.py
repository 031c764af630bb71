"""Neighbour counties."""

from __future__ import annotations

from tests.support.visits import Visit, at

VISITS: dict[str, tuple[Visit, ...]] = {
    "/manage/neighbours": (Visit("it", at("/manage/neighbours")),),
    "/board/hand-overs": (Visit("dispatcher", at("/board/hand-overs")),),
}
NOT_PAGES: dict[str, str] = {}
