"""Pages of one's own account, and of those who look after staff."""

from __future__ import annotations

from tests.support.visits import Visit, at

VISITS: dict[str, tuple[Visit, ...]] = {
    "/me/second-factor": (Visit("clerk", at("/me/second-factor")),),
}
NOT_PAGES = {
    "/login/second": "the second half of a log-in: the story of a second factor looks at it",
    "/me/second-factor/qr.svg": "a picture",
}
