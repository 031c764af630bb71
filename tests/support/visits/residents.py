"""One's own requests, places and people; help that comes again; markers of households."""

from __future__ import annotations

from tests.support.visits import Visit, at, link

VISITS: dict[str, tuple[Visit, ...]] = {
    "/my": (Visit("resident", at("/my")),),
    "/my/places": (Visit("resident", at("/my/places")),),
    "/my/places/<int:place_id>": (Visit("resident", link("/my/places", r"^/my/places/\d+$")),),
    "/my/people": (Visit("resident", at("/my/people")),),
    "/my/notes": (Visit("resident", at("/my/notes")),),
    "/weekly": (Visit("resident", at("/weekly")), Visit("clerk", at("/weekly"))),
    "/weekly/new": (Visit("resident", link("/my", r"^/o/[\w-]{20,}$", then=r"^/weekly/new\?order=")),),
    "/weekly/<int:standing_id>": (Visit("resident", link("/weekly", r"^/weekly/\d+$")),),
}
NOT_PAGES: dict[str, str] = {}
