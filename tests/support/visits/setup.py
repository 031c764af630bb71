"""The hub of those who manage."""

from __future__ import annotations

from tests.support.visits import Visit, at

VISITS: dict[str, tuple[Visit, ...]] = {
    "/manage": (Visit("admin", at("/manage")),),
}
NOT_PAGES = {
    "/setup": "not there once a county is open; walked by its own story",
}
