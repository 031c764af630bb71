"""Stars, benefits and households."""

from __future__ import annotations

from tests.support.visits import Visit, at, link

VISITS: dict[str, tuple[Visit, ...]] = {
    "/manage/stars": (
        Visit("admin", at("/manage/stars")),
        Visit("director", at("/manage/stars?tab=notice")),
        Visit("admin", at("/manage/stars?tab=aside")),
        Visit("admin", at("/manage/stars?tab=revoked&q=zzz")),
    ),
    "/manage/stars/awards/<number>": (
        Visit("director", link("/manage/stars?tab=doubted", r"/manage/stars/awards/")),
        Visit("admin", link("/manage/stars?tab=revoked", r"/manage/stars/awards/")),
    ),
    "/manage/stars/levels": (Visit("admin", at("/manage/stars/levels")),),
    "/me/stars": (Visit("volunteer", at("/me/stars")),),
    "/manage/benefits": (Visit("admin", at("/manage/benefits")), Visit("admin", at("/manage/benefits?tab=closed"))),
    "/manage/benefits/new": (Visit("admin", at("/manage/benefits/new")),),
    "/manage/benefits/<int:benefit_id>": (Visit("admin", link("/manage/benefits", r"^/manage/benefits/\d+$")),),
    "/benefits": (Visit("clerk", at("/benefits")),),
    "/me/benefits": (Visit("volunteer", at("/me/benefits")),),
    "/me/home": (Visit("volunteer", at("/me/home")), Visit("resident", at("/me/home"))),
    "/homes": (Visit("director", at("/homes")),),
    "/stars/notice": (Visit(None, at("/stars/notice")),),
}
NOT_PAGES: dict[str, str] = {"/home/<token>": "opened by a link that is shown once; its page has a test of its own"}
