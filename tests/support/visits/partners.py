"""Exchange with other platforms."""

from __future__ import annotations

from tests.support.visits import Visit, at, link

VISITS: dict[str, tuple[Visit, ...]] = {
    "/manage/partners": (Visit("admin", at("/manage/partners")),),
    "/manage/partners/<int:partner_id>": (Visit("admin", link("/manage/partners", r"^/manage/partners/\d+$")),),
    "/points/exchange": (Visit("resident", at("/points/exchange")),),
}
NOT_PAGES: dict[str, str] = {}
