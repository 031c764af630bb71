"""The platform as an app on the phone: its manifest, its service worker, and the page that shows without a network."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from flask import Blueprint, Response, current_app, jsonify, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from volunteer.web import county, locale
from volunteer.web.context import static_url
from volunteer.web.identity import even_when_led, open_to_all

bp = Blueprint("away", __name__)
ASSETS = ("app.css", "app.js", "icons.svg", "seal.svg", "exif.js", "map.js", "map.css")
WORKER = "sw.js"
PAPER, SEAL = "#FAF8F4", "#B8321C"


@bp.get("/sw.js")
@open_to_all
@even_when_led
def worker() -> Response:
    """The service worker, with the files that belong to this version: a new version is a new worker."""
    assets = [static_url(name) for name in ASSETS]
    built = Path(current_app.static_folder or "") / "dist" / WORKER
    code = built.read_text(encoding="utf-8") if built.exists() else ""
    version = hashlib.sha256("".join((*assets, code)).encode()).hexdigest()[:12]
    head = f"const VERSION={json.dumps(version)},ASSETS={json.dumps(assets)};\n"
    response = Response(head + code, mimetype="text/javascript")
    response.headers["Cache-Control"] = "no-cache"
    response.headers["Service-Worker-Allowed"] = "/"
    return response


@bp.get("/app.webmanifest")
@open_to_all
@even_when_led
def manifest() -> Response:
    """What a phone needs to put the platform on its home screen."""
    known = county.facts()
    name = (known.name_en if locale.chosen() == "en" else "") or known.name or _("Volunteer service")
    icon = {"src": static_url("seal.svg"), "type": "image/svg+xml", "sizes": "any"}
    response = jsonify(
        id="/",
        name=name,
        short_name=_("Volunteer service"),
        start_url="/",
        scope="/",
        display="standalone",
        background_color=PAPER,
        theme_color=SEAL,
        lang=locale.chosen().replace("_", "-"),
        icons=[icon, icon | {"purpose": "maskable"}],
        shortcuts=[{"name": _("Ask for help"), "url": "/order/new"}, {"name": _("Where is my request?"), "url": "/track"}],
    )
    response.mimetype = "application/manifest+json"
    response.headers["Cache-Control"] = "no-cache"
    return response


@bp.get("/offline")
@open_to_all
@even_when_led
def offline() -> ResponseReturnValue:
    """What waits on this phone, and that nothing is lost. The list is the phone's own: the server knows nothing of it."""
    return render_template("orders/offline.html")
