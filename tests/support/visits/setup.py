"""The hub of those who manage."""

from __future__ import annotations

from tests.support.visits import Visit, at

VISITS: dict[str, tuple[Visit, ...]] = {
    "/manage": (Visit("admin", at("/manage")), Visit("auditor", at("/manage")), Visit("clerk", at("/manage"))),
    "/manage/team-classes": (Visit("admin", at("/manage/team-classes")),),
    "/manage/team-classes/<code>": (Visit("admin", at("/manage/team-classes/theory")),),
}
NOT_PAGES = {
    "/setup": "not there once a county is open; walked by its own story",
}
