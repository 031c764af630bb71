"""The pages about hours: where they come from, what was asked for, objected to, and looks odd."""

from __future__ import annotations

from tests.support.visits import Visit, at, link

VISITS: dict[str, tuple[Visit, ...]] = {
    "/me/hours": (Visit("volunteer", at("/me/hours")),),
    "/me/hours/<int:transfer_id>": (Visit("volunteer", link("/me/hours", r"^/me/hours/\d+$")),),
    "/me/hours/missing": (Visit("volunteer", at("/me/hours/missing")),),
    "/hours/asked": (Visit("leader", at("/hours/asked")), Visit("clerk", at("/hours/asked"))),
    "/hours/asked/new": (Visit("leader", at("/hours/asked/new")), Visit("clerk", at("/hours/asked/new"))),
    "/hours/waiting": (Visit("admin", at("/hours/waiting")), Visit("director", at("/hours/waiting?tab=decided"))),
    "/hours/waiting/<int:ask_id>": (Visit("admin", link("/hours/waiting", r"^/hours/waiting/\d+$")),),
    "/hours/review": (Visit("admin", at("/hours/review")), Visit("auditor", at("/hours/review?tab=decided"))),
    "/hours/review/<int:finding_id>": (Visit("admin", link("/hours/review", r"^/hours/review/\d+$")),),
    "/hours/contests": (Visit("admin", at("/hours/contests")), Visit("admin", at("/hours/contests?tab=answered"))),
    "/hours/contests/<int:contest_id>": (Visit("admin", link("/hours/contests", r"^/hours/contests/\d+$")),),
}
NOT_PAGES = {
    "/me/hours/asked/<int:ask_id>/photo": "a photo",
    "/hours/waiting/<int:ask_id>/photo": "a photo",
}
