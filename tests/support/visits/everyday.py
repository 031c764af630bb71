"""The pages of an ordinary bad week."""

from __future__ import annotations

from tests.support.visits import Visit, at, link

MINE = r"^/me/visits/[\d-]+$"
VISITS: dict[str, tuple[Visit, ...]] = {
    "/me/visits": (Visit("volunteer", at("/me/visits")),),
    "/me/visits/<number>": (Visit("volunteer", link("/me/visits", MINE)),),
    "/manage/absences": (Visit("admin", at("/manage/absences")), Visit("admin", at("/manage/absences?tab=decided"))),
    "/manage/absences/<int:absence_id>": (Visit("admin", link("/manage/absences", r"^/manage/absences/\d+$")),),
}
NOT_PAGES = {"/board/next": "leads on to the next order"}
