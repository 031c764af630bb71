"""The pages and files by which strangers check a certificate."""

from __future__ import annotations

from tests.support.rows import LINK, Row

ROWS: dict[str, Row] = {
    "GET /V/<number>": LINK,
    "GET /verify/keys.json": LINK,
    "GET /verify/status.json": LINK,
    "GET /verify/offline.html": LINK,
}
