"""The pages by which strangers check a certificate."""

from __future__ import annotations

from tests.support.visits import Visit, at

VISITS: dict[str, tuple[Visit, ...]] = {
    "/badges/issuer": (Visit(None, at("/badges/issuer")),),
    "/badges/achievements/<slug>": (
        Visit(None, at("/badges/achievements/service")),
        Visit(None, at("/badges/achievements/star-3")),
    ),
}
NOT_PAGES: dict[str, str] = {
    "/V/<number>": "where a QR code leads: on to the page of its number",
    "/badges/did.json": "a file for programs",
    "/badges/status/<int:number>": "a file for programs",
    "/me/certificates/<number>.badge.svg": "a file to keep",
    "/verify/keys.json": "a file for programs",
    "/verify/status.json": "a file for programs",
    "/verify/offline.html": "a page of its own make, played in tests/browser/test_a_school_checks.py",
}
