"""The pages of the four steps, and what everybody needs around them."""

from __future__ import annotations

from tests.support.visits import Visit, at, link

ORDER = r"^/o/[\w-]{20,}$"
VISITS: dict[str, tuple[Visit, ...]] = {
    "/": (Visit(None, at("/")), Visit("resident", at("/"))),
    "/audit": (Visit("auditor", at("/audit")),),
    "/board": (
        Visit("dispatcher", at("/board")),
        Visit("dispatcher", at("/board?tab=working")),
        Visit("dispatcher", at("/board?q=zzz")),
    ),
    "/board/orders/<number>": (
        Visit("dispatcher", link("/board", r"^/board/orders/[\d-]+")),
        Visit("dispatcher", link("/board?tab=placed", r"^/board/orders/[\d-]+")),
        Visit("dispatcher", link("/board?tab=offered", r"^/board/orders/[\d-]+")),
    ),
    "/desk": (Visit("clerk", at("/desk")),),
    "/desk/orders/<number>": (Visit("clerk", link("/desk", r"^/desk/orders/[\d-]+$")),),
    "/desk/orders/<number>/slip": (Visit("clerk", link("/desk?tab=all", r"^/desk/orders/[\d-]+$", then=r"/slip$")),),
    "/hours": (Visit("admin", at("/hours")),),
    "/inbox": (Visit("leader", at("/inbox")),),
    "/inbox/offers/<int:offer_id>": (Visit("leader", link("/inbox", r"^/inbox/offers/\d+$")),),
    "/inbox/visits/<number>": (Visit("leader", link("/inbox", r"^/inbox/visits/[\d-]+$")),),
    "/inbox/visits/<number>/scan": (Visit("leader", link("/inbox", r"^/inbox/visits/[\d-]+$", suffix="/scan?proof=old")),),
    "/inbox/visits/<number>/sheet": (Visit("leader", link("/inbox", r"^/inbox/visits/[\d-]+$", suffix="/sheet")),),
    "/login": (Visit(None, at("/login")),),
    "/login/code": (Visit(None, at("/login/code")),),
    "/me": (Visit("volunteer", at("/me")), Visit("resident", at("/me"))),
    "/me/certificate": (Visit("volunteer", at("/me/certificate")),),
    "/me/messages": (Visit("volunteer", at("/me/messages")),),
    "/me/sessions": (Visit("volunteer", at("/me/sessions")),),
    "/me/password": (Visit("clerk", at("/me/password")),),
    "/notice": (Visit(None, at("/notice")),),
    "/o/<secret>": (Visit("resident", link("/", ORDER)), Visit("resident", link("/", ORDER, suffix="?new=1"))),
    "/o/<secret>/correct": (Visit("resident", link("/", ORDER, then=r"/correct$")),),
    "/o/<secret>/slip": (Visit("resident", link("/", ORDER, then=r"/slip$")),),
    "/order/new": (
        Visit(None, at("/order/new")),
        Visit(None, at("/order/new?item=lamp")),
        Visit(None, at("/order/new?own=1")),
        Visit(None, at("/order/new?q=%E7%81%AF")),
        Visit("clerk", at("/order/new?for=caller&item=lamp")),
    ),
    "/overview": (Visit("director", at("/overview")),),
    "/overview/orders/<number>": (Visit("director", link("/overview", r"^/overview/orders/[\d-]+$")),),
    "/system": (Visit("it", at("/system")),),
    "/track": (Visit(None, at("/track")),),
    "/verify": (Visit(None, at("/verify")),),
    "/verify/<number>": (Visit("volunteer", link("/me/certificate", r"^/verify/\d+$")), Visit(None, at("/verify/2611000000000"))),
}
NOT_PAGES = {
    "/board/orders/<number>/live": "a part of the board, swapped in",
    "/board/pins": "JSON of the map",
    "/board/rows": "a part of the board, swapped in",
    "/desk/orders/<number>/photos/<token>": "a picture",
    "/desk/orders/<number>/qr.svg": "a picture",
    "/healthz": "for machines",
    "/inbox/rows": "a part of the inbox, swapped in",
    "/inbox/visits/<number>/photos/<token>": "a picture",
    "/map.geojson": "shapes of the map",
    "/me/certificates/<number>.pdf": "a PDF, read back by its own tests",
    "/o/<secret>/link.svg": "a picture",
    "/o/<secret>/now": "a part of the order's page, swapped in",
    "/o/<secret>/photos/<token>": "a picture",
    "/o/<secret>/qr.svg": "a picture",
    "/order/photos/<name>": "a picture",
    "/readyz": "for machines",
    "/static/<path:filename>": "files of the bundle",
}
