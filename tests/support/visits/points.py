"""Pages of points."""

from __future__ import annotations

from tests.support.visits import Visit, at, link

RULE = r"^/manage/points/\d+$"
VISITS: dict[str, tuple[Visit, ...]] = {
    "/points": (Visit("volunteer", at("/points")), Visit("resident", at("/points"))),
    "/points/give": (Visit("volunteer", at("/points/give")),),
    "/wishes": (Visit("resident", at("/wishes")),),
    "/wishes/<int:wish_id>": (Visit("volunteer", link("/wishes", r"^/wishes/\d+$")),),
    "/manage/points": (Visit("admin", at("/manage/points")), Visit("auditor", at("/manage/points"))),
    "/manage/points/new": (Visit("admin", at("/manage/points/new")),),
    "/manage/points/<int:rule_id>": (
        Visit("admin", link("/manage/points", RULE)),
        Visit("director", link("/manage/points", RULE)),
    ),
    "/manage/points/owed": (Visit("director", at("/manage/points/owed")),),
    "/manage/points/requests": (Visit("admin", at("/manage/points/requests")),),
    "/manage/wishes": (Visit("clerk", at("/manage/wishes")), Visit("admin", at("/manage/wishes?show=over"))),
    "/manage/wishes/new": (Visit("clerk", at("/manage/wishes/new")),),
    "/manage/wishes/<int:wish_id>": (Visit("admin", link("/manage/wishes", r"^/manage/wishes/\d+$")),),
}
NOT_PAGES: dict[str, str] = {"/manage/points/<int:rule_id>/trial": "a fragment that the page of a rule fetches"}
