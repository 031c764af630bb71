"""The pages by which strangers check a certificate."""

from __future__ import annotations

from tests.support.visits import Visit

VISITS: dict[str, tuple[Visit, ...]] = {}
NOT_PAGES: dict[str, str] = {
    "/V/<number>": "where a QR code leads: on to the page of its number",
    "/verify/keys.json": "a file for programs",
    "/verify/status.json": "a file for programs",
    "/verify/offline.html": "a page of its own make, played in tests/browser/test_a_school_checks.py",
}
