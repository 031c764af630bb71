"""What every page's layout is given: language, look, menu, who is signed in, and addresses of files that may be kept."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import Flask, current_app, g, request, session, url_for
from flask_babel import gettext as _
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from volunteer.access import Actor, Permission
from volunteer.kernel.words import N_
from volunteer.web import county, idempotency, locale
from volunteer.web.config import current_settings
from volunteer.web.identity import current_actor, current_person, led_to, safe_path

DIST = "dist"


@dataclass(frozen=True)
class NavItem:
    """One entry of the menu, shown to whoever holds the permission."""

    path: str
    label: str
    icon: str
    permission: Permission


NAV = (
    NavItem("/board", N_("Board"), "layout-list", Permission.ORDER_DISPATCH),
    NavItem("/desk", N_("Desk"), "store", Permission.ORDER_PLACE_FOR_OTHERS),
    NavItem("/cases", N_("What people say"), "message-circle", Permission.CASES_HANDLE),
    NavItem("/inbox", N_("Inbox"), "inbox", Permission.OFFER_ANSWER),
    NavItem("/me", N_("My hours"), "user-round", Permission.HOURS_SEE_OWN),
    NavItem("/till", N_("Till"), "scan-qr-code", Permission.TILL_USE),
    NavItem("/merchant", N_("My shop"), "store", Permission.MERCHANT_OWN),
    NavItem("/shop", N_("Gifts"), "gift", Permission.POINTS_OWN),
    NavItem("/manage", N_("Manage"), "layout-grid", Permission.MANAGE_SEE),
    NavItem("/overview", N_("Overview"), "chart-column", Permission.OVERVIEW_SEE),
    NavItem("/hours", N_("Hours"), "calendar-clock", Permission.HOURS_CORRECT),
    NavItem("/audit", N_("Audit log"), "scroll-text", Permission.AUDIT_SEE),
    NavItem("/system", N_("System"), "server", Permission.SYSTEM_SEE),
    NavItem("/me/messages", N_("My messages"), "bell", Permission.ACCOUNT_OWN),
    NavItem("/me/sessions", N_("Where I am logged in"), "key-round", Permission.ACCOUNT_OWN),
)


def navigation(actor: Actor, path: str) -> list[tuple[str, str, str, bool]]:
    """Return (address, label, icon, whether it is this page) for every entry that ``actor`` may open."""
    return [
        (item.path, _(item.label), item.icon, path == item.path)
        for item in NAV
        if actor.may(item.permission) and page_exists(item.path)
    ]


def static_url(name: str) -> str:
    """Return the address of a file of the bundle with its content's hash, so that browsers may keep it for a year."""
    kept = g.setdefault("static_urls", {}) if current_app.debug else current_app.extensions.setdefault("static_urls", {})
    found: dict[str, str] = kept  # a file changes with a new version, so with a restart, and while somebody works on it
    if name not in found:
        found[name] = _static_url(name)
    return found[name]


def _static_url(name: str) -> str:
    folder = Path(current_app.static_folder or "")
    built = folder / DIST / name
    path, filename = (built, f"{DIST}/{name}") if built.exists() else (folder / name, name)
    if not path.exists():
        return url_for("static", filename=f"{DIST}/{name}")
    return url_for("static", filename=filename, v=_digest(path, path.stat().st_mtime_ns))


def init_app(app: Flask) -> None:
    """Give every template its context."""

    @app.context_processor
    def _context() -> dict[str, Any]:
        person = current_person()
        actor = current_actor()
        shown = county.facts()
        chosen = locale.chosen()
        return {
            "locale": chosen,
            "other_language": locale.other(),
            "elder": bool(session.get("elder")),
            "theme": session.get("theme", "auto"),
            "demo": shown.demo,
            "centre_name": shown.name_en or shown.name if chosen == "en" else shown.name,
            "me": person.name if person is not None else None,
            "actor": actor,
            "nav": navigation(actor, request.path) if person is not None and led_to() is None else [],
            "here": here(),
            "map_tiles": current_settings().map_tile_url or None,
            "map_attribution": current_settings().map_attribution,
        }

    app.jinja_env.globals.update(static_url=static_url, new_once=idempotency.once, page_exists=page_exists)


def here() -> str:
    """Return this page's own address, for coming back to it; after a refused form the page the form was on."""
    if request.method == "GET" or is_there(request.path):
        return safe_path(request.full_path.rstrip("?")) or "/"
    return page_above(request.path)


def page_above(path: str) -> str:
    """Return the nearest page at or above ``path``, which may be an address that only takes forms."""
    parts = path.rstrip("/").split("/")
    above = ("/".join(parts[:length]) for length in range(len(parts), 1, -1))
    return next((page for page in above if safe_path(page) and is_there(page)), "/")


def page_exists(path: str) -> bool:
    """Return whether somebody may open a page at ``path``: a menu names what may not be there yet."""
    known: dict[str, bool] = current_app.extensions.setdefault("pages_there", {})
    if path not in known:
        known[path] = is_there(path)
    return known[path]


def is_there(path: str) -> bool:
    """Return whether something answers at ``path``, or sends on from it."""
    adapter = current_app.create_url_adapter(None) or current_app.url_map.bind("localhost")
    try:
        adapter.match(path, method="GET")
    except RequestRedirect:
        return True
    except HTTPException:
        return False
    return True


@lru_cache(maxsize=256)
def _digest(path: Path, changed: int) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]
