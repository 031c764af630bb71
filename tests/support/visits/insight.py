"""The pages of those who look after others, and the search of all staff."""

from __future__ import annotations

from tests.support.visits import Visit, at

VISITS: dict[str, tuple[Visit, ...]] = {
    "/search": (
        Visit("dispatcher", at("/search")),
        Visit("dispatcher", at("/search?q=z")),
        Visit("admin", at("/search?q=zzzzz")),
    ),
    "/overview/orders": (
        Visit("director", at("/overview/orders?span=quarter")),
        Visit("director", at("/overview/orders?span=month&stage=accepted&rated=1")),
        Visit("director", at("/overview/orders?day=2020-01-01")),
    ),
    "/overview/idle/teams": (Visit("director", at("/overview/idle/teams")),),
    "/overview/idle/volunteers": (Visit("director", at("/overview/idle/volunteers")),),
    "/me/looks": (Visit("resident", at("/me/looks")), Visit("volunteer", at("/me/looks"))),
}
NOT_PAGES: dict[str, str] = {"/system/state": "a part of the system page, swapped in"}
