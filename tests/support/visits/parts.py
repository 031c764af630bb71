"""Splitting an order."""

from __future__ import annotations

from tests.support.visits import Visit, link

VISITS: dict[str, tuple[Visit, ...]] = {
    "/board/orders/<number>/split": (Visit("dispatcher", link("/board", r"^/board/orders/[\d-]+", then=r"/split$")),),
}
NOT_PAGES: dict[str, str] = {}
