"""Speaking up, and the page of what somebody said."""

from __future__ import annotations

from tests.support.visits import Visit, at, link

VISITS: dict[str, tuple[Visit, ...]] = {
    "/speak": (Visit(None, at("/speak")),),
    "/c/<secret>": (Visit("resident", link("/my", r"^/c/[\w-]{20,}$")),),
}
NOT_PAGES = {
    "/speak/photos/<name>": "a picture",
    "/c/<secret>/photos/<token>": "a picture",
}
