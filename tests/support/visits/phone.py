"""The page that shows without a network."""

from __future__ import annotations

from tests.support.visits import Visit, at

VISITS: dict[str, tuple[Visit, ...]] = {
    "/offline": (Visit(None, at("/offline")),),
}
NOT_PAGES = {
    "/sw.js": "the service worker",
    "/app.webmanifest": "JSON for phones",
}
