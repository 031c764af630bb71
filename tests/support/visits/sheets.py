"""The pages of sheets."""

from __future__ import annotations

from tests.support.visits import Visit, at, link

VISITS: dict[str, tuple[Visit, ...]] = {
    "/manage/sheets": (Visit("admin", at("/manage/sheets")),),
    "/manage/sheets/<name>": (
        Visit("admin", at("/manage/sheets/sites")),
        Visit("admin", at("/manage/sheets/grids")),
        Visit("admin", at("/manage/sheets/volunteers")),
    ),
    "/manage/sheets/imports/<int:import_id>": (Visit("admin", link("/manage/sheets", r"^/manage/sheets/imports/\d+$")),),
}
NOT_PAGES = {
    "/manage/sheets/<name>/template.<form>": "a sheet to download, read back by its own tests",
}
