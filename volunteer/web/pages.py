"""The switches that every page carries (language, large print, colours), the notice, and whether we are alive."""

from __future__ import annotations

from flask import Blueprint, Response, redirect, render_template, request, session
from flask.typing import ResponseReturnValue

from volunteer.web import locale
from volunteer.web.identity import even_when_led, open_to_all, page_before, safe_path

bp = Blueprint("web", __name__)
THEMES = frozenset({"light", "dark", "auto"})
NOTICE_VERSION = "2026-11"  # recorded with every consent; change it with the words of the notice


@bp.post("/language")
@open_to_all
@even_when_led
def language() -> ResponseReturnValue:
    """Read on in the other language."""
    if request.form.get("locale") in locale.LOCALES:
        session["locale"] = request.form["locale"]
    return _back()


@bp.post("/elder")
@open_to_all
@even_when_led
def elder() -> ResponseReturnValue:
    """长辈版 on or off."""
    session["elder"] = request.form.get("elder") == "on"
    return _back()


@bp.post("/theme")
@open_to_all
@even_when_led
def theme() -> ResponseReturnValue:
    """Light, dark, or as the device says."""
    if request.form.get("theme") in THEMES:
        session["theme"] = request.form["theme"]
    return _back()


@bp.get("/notice")
@open_to_all
@even_when_led
def notice() -> ResponseReturnValue:
    """What is kept about people, and why."""
    return render_template("web/notice.html", version=NOTICE_VERSION)


@bp.get("/healthz")
@open_to_all
@even_when_led
def healthz() -> ResponseReturnValue:
    """Alive: the process answers. Asks nothing else, so that a slow database does not get us restarted."""
    return Response("ok\n", mimetype="text/plain")


def _back() -> ResponseReturnValue:
    session.permanent = True  # whoever needs large print today needs it tomorrow
    return redirect(safe_path(request.form.get("next")) or page_before() or "/", code=303)
