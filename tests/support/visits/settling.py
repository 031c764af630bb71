"""Settlements, and what looks odd."""

from __future__ import annotations

from tests.support.visits import Visit, at, link

VISITS: dict[str, tuple[Visit, ...]] = {
    "/manage/settlements": (Visit("admin", at("/manage/settlements")),),
    "/manage/settlements/<int:statement_id>": (Visit("admin", link("/manage/settlements", r"^/manage/settlements/\d+$")),),
    "/merchant/statements": (Visit("merchant", at("/merchant/statements")),),
    "/merchant/statements/<int:statement_id>": (Visit("merchant", link("/merchant/statements", r"^/merchant/statements/\d+$")),),
    "/manage/anomalies": (Visit("admin", at("/manage/anomalies")), Visit("admin", at("/manage/anomalies?show=all"))),
}
NOT_PAGES: dict[str, str] = {}
