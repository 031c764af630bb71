"""Certificates for a school or a unit."""

from __future__ import annotations

from tests.support.visits import Visit, at, link

ONE = r"^/manage/certificates/\d+"
VISITS: dict[str, tuple[Visit, ...]] = {
    "/manage/certificates": (Visit("admin", at("/manage/certificates")), Visit("director", at("/manage/certificates"))),
    "/manage/certificates/new": (Visit("admin", at("/manage/certificates/new")),),
    "/manage/certificates/<int:batch_id>": (
        Visit("admin", link("/manage/certificates", ONE)),
        Visit("director", link("/manage/certificates", ONE, suffix="?show=missing")),
        Visit("admin", link("/manage/certificates", ONE, suffix="?q=zzz")),
    ),
}
NOT_PAGES: dict[str, str] = {"/manage/certificates/<int:batch_id>/live": "a part of the page, swapped in"}
