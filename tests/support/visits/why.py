"""Why a team was asked: the dispatcher's page and the leader's."""

from __future__ import annotations

from tests.support.visits import Visit, at, link

VISITS: dict[str, tuple[Visit, ...]] = {
    "/why/offers/<int:offer_id>": (
        Visit("dispatcher", link("/board?tab=offered", r"^/board/orders/[\d-]+", then=r"^/why/offers/\d+$")),
    ),
    "/inbox/offers/<int:offer_id>/why": (Visit("leader", link("/inbox", r"^/inbox/offers/\d+$", suffix="/why")),),
    "/inbox/offers": (Visit("leader", at("/inbox/offers")),),
}
NOT_PAGES: dict[str, str] = {}
