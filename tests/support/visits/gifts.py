"""The shop, the till, a shop's own pages and those of whoever looks after shops."""

from __future__ import annotations

from tests.support.visits import Visit, at, link

VISITS: dict[str, tuple[Visit, ...]] = {
    "/shop": (Visit("volunteer", at("/shop")), Visit("resident", at("/shop?q=zzz"))),
    "/shop/gifts/<int:gift_id>": (Visit("volunteer", link("/shop", r"^/shop/gifts/\d+$")),),
    "/shop/reservations": (Visit("volunteer", at("/shop/reservations")),),
    "/shop/reservations/<token>": (Visit("volunteer", link("/shop/reservations", r"^/shop/reservations/[\w-]+$")),),
    "/till": (Visit("merchant", at("/till")),),
    "/merchant": (Visit("merchant", at("/merchant")),),
    "/merchant/handed-over": (Visit("merchant", link("/merchant", r"^/merchant/handed-over")),),
    "/merchant/handed-over/<int:redemption_id>": (
        Visit("merchant", link("/merchant", r"^/merchant/handed-over", r"^/merchant/handed-over/\d+$")),
    ),
    "/merchant/gifts/new": (Visit("merchant", link("/merchant", r"^/merchant/gifts/new")),),
    "/merchant/gifts/<int:gift_id>": (Visit("merchant", link("/merchant", r"^/merchant/gifts/\d+$")),),
    "/merchant/details": (Visit("merchant", link("/merchant", r"^/merchant/details")),),
    "/merchant/hours": (Visit("merchant", link("/merchant", r"^/merchant/hours")),),
    "/merchants/apply": (Visit(None, at("/merchants/apply")),),
    "/merchants/applied": (Visit(None, at("/merchants/applied")),),
    "/manage/merchants": (Visit("admin", at("/manage/merchants")),),
    "/manage/merchants/<int:merchant_id>": (Visit("admin", link("/manage/merchants", r"^/manage/merchants/\d+$")),),
    "/manage/merchants/refunds": (Visit("admin", at("/manage/merchants/refunds")),),
}
NOT_PAGES: dict[str, str] = {
    "/shop/reservations/<token>/now": "a fragment of the page above it",
    "/shop/photos/<token>": "a picture",
}
