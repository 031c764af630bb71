"""The pages of those who look after others, and the search of all staff."""

from __future__ import annotations

from tests.support.visits import Visit, at

VISITS: dict[str, tuple[Visit, ...]] = {
    "/search": (
        Visit("dispatcher", at("/search")),
        Visit("dispatcher", at("/search?q=z")),
        Visit("admin", at("/search?q=zzzzz")),
    ),
}
NOT_PAGES: dict[str, str] = {}
