"""The pages of those who handle cases, and of the team that is asked."""

from __future__ import annotations

from tests.support.visits import Visit, at, link

CASE = r"^/cases/F[\d-]+$"
VISITS: dict[str, tuple[Visit, ...]] = {
    "/cases": (Visit("dispatcher", at("/cases")), Visit("clerk", at("/cases?tab=closed"))),
    "/cases/<number>": (Visit("dispatcher", link("/cases", CASE)), Visit("director", link("/cases?kind=praise", CASE))),
    "/cases/words": (Visit("dispatcher", at("/cases/words")),),
    "/cases/words/<number>": (Visit("director", link("/cases/words", r"^/cases/words/[\d-]+$")),),
    "/inbox/asks/<int:ask_id>": (Visit("leader", link("/inbox", r"^/inbox/asks/\d+$")),),
}
NOT_PAGES = {"/cases/<number>/photos/<token>": "a photo"}
