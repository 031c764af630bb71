"""Which teams are sought after."""

from __future__ import annotations

from tests.support.visits import Visit, at

VISITS: dict[str, tuple[Visit, ...]] = {
    "/manage/prices": (Visit("admin", at("/manage/prices")), Visit("admin", at("/manage/prices?q=zzz"))),
}
NOT_PAGES: dict[str, str] = {}
