"""Two entries that may be one person."""

from __future__ import annotations

from tests.support.visits import Visit, at, link

VISITS: dict[str, tuple[Visit, ...]] = {
    "/manage/duplicates": (
        Visit("admin", at("/manage/duplicates")),
        Visit("admin", at("/manage/duplicates?tab=merged")),
        Visit("admin", at("/manage/duplicates?tab=refused&q=zzz")),
    ),
    "/manage/duplicates/pairs/<int:pair_id>": (Visit("admin", link("/manage/duplicates", r"/pairs/\d+$")),),
    "/manage/duplicates/merges/<int:merge_id>": (Visit("admin", link("/manage/duplicates?tab=merged", r"/merges/\d+$")),),
}
NOT_PAGES: dict[str, str] = {}
