"""A plan for the whole board: the page before it, and one that was made."""

from __future__ import annotations

from tests.support.visits import Visit, at, link

RUN = r"^/board/all/\d+"
VISITS: dict[str, tuple[Visit, ...]] = {
    "/board/all": (Visit("dispatcher", at("/board/all")),),
    "/board/all/<int:run_id>": (
        Visit("dispatcher", link("/board/all", RUN)),
        Visit("dispatcher", link("/board/all", RUN, suffix="?show=changed")),
        Visit("dispatcher", link("/board/all", RUN, suffix="?q=zzz")),
    ),
}
NOT_PAGES = {
    "/board/all/<int:run_id>/live": "a part of the page, swapped in",
    "/board/all/<int:run_id>/ways": "JSON of the map",
}
