"""The books, the keys that sign, statements and the closing report."""

from __future__ import annotations

from tests.support.visits import Visit, at, link

VISITS: dict[str, tuple[Visit, ...]] = {
    "/books": (Visit(None, at("/books")),),
    "/keys": (Visit(None, at("/keys")),),
    "/books/statement": (
        Visit("director", at("/books/statement")),
        Visit("director", at("/books/statement?of=site&code=320509001S01")),
    ),
    "/books/closing": (Visit("director", at("/books/closing")),),
    "/me/statement": (Visit("volunteer", at("/me/statement")), Visit("volunteer", at("/me/statement?unit=points"))),
    "/merchant/<int:merchant_id>/account": (Visit("merchant", link("/merchant/statements", r"^/merchant/\d+/account$")),),
    "/manage/keys": (Visit("it", at("/manage/keys")),),
}
NOT_PAGES: dict[str, str] = {
    "/books.json": "checkpoints for programs",
    "/books/checkpoints/<int:number>.json": "one checkpoint to keep",
    "/keys.json": "public keys for programs",
}
