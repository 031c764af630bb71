"""Pages of rules of dispatch and of the open pool."""

from __future__ import annotations

from tests.support.visits import Visit, at, link

RULE = r"^/manage/rules/\d+$"
VISITS: dict[str, tuple[Visit, ...]] = {
    "/manage/rules": (Visit("admin", at("/manage/rules")), Visit("it", at("/manage/rules?closed=1"))),
    "/manage/rules/new": (Visit("admin", at("/manage/rules/new")),),
    "/manage/rules/<int:rule_id>": (Visit("it", link("/manage/rules", RULE)),),
    "/manage/rules/<int:rule_id>/try": (Visit("it", link("/manage/rules", RULE, suffix="/try")),),
    "/pool": (Visit("leader", at("/pool")),),
}
NOT_PAGES: dict[str, str] = {}
