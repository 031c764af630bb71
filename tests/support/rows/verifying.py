"""The pages and files by which strangers check a certificate."""

from __future__ import annotations

from tests.support.rows import LINK, Row, all_of_us

ROWS: dict[str, Row] = {
    "GET /V/<number>": all_of_us(extra=lambda county, values: {"number": values["certificate"]}),
    "GET /verify/keys.json": LINK,
    "GET /verify/status.json": LINK,
    "GET /verify/offline.html": LINK,
    "GET /badges/did.json": LINK,
    "GET /badges/issuer": LINK,
    "GET /badges/achievements/<slug>": all_of_us(extra=lambda county, values: {"slug": "service"}),
    "GET /badges/status/<int:number>": all_of_us(extra=lambda county, values: {"number": 0}),
    "GET /me/certificates/<number>.badge.svg": Row("volunteer"),
}
