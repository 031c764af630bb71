"""The platform as an app on the phone."""

from __future__ import annotations

from tests.support.rows import LINK, Row

ROWS: dict[str, Row] = {
    "GET /sw.js": LINK,
    "GET /app.webmanifest": LINK,
    "GET /offline": LINK,
}
