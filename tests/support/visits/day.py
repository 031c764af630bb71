"""The plan of a team's day."""

from __future__ import annotations

from tests.support.visits import Visit, at

VISITS: dict[str, tuple[Visit, ...]] = {
    "/inbox/day": (Visit("leader", at("/inbox/day")),),
    "/inbox/day/sheet": (Visit("leader", at("/inbox/day/sheet")),),
}
NOT_PAGES = {"/inbox/day/pins": "JSON for the map"}
