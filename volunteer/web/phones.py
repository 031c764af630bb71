"""A phone's own mark: a random cookie, of which only a keyed hash is ever stored. Made when somebody checks a team in."""

from __future__ import annotations

import re
import secrets
from datetime import timedelta

from flask import Response, current_app, g, make_response, request
from flask.typing import ResponseReturnValue

from volunteer.kernel.db import db

NAME = "phone"
KEPT = timedelta(days=180)
LOOKS_RIGHT = re.compile(r"^[A-Za-z0-9_-]{22,64}$")


def mark() -> str:
    """Return the keyed hash of this phone's mark, which is made now if it has none yet."""
    token = request.cookies.get(_name(), "")
    if not LOOKS_RIGHT.fullmatch(token):
        token = g.new_device = secrets.token_urlsafe(24)
    return str(db.session().info["keyring"].blind("device", token))


def keep(answer: ResponseReturnValue) -> Response:
    """Return ``answer`` with the mark that was just made, if one was."""
    response: Response = make_response(answer)
    if token := g.pop("new_device", None):
        secure = bool(current_app.config["SESSION_COOKIE_SECURE"])
        response.set_cookie(_name(), token, max_age=KEPT, secure=secure, httponly=True, samesite="Lax", path="/")
    return response


def _name() -> str:
    return f"__Host-{NAME}" if current_app.config["SESSION_COOKIE_SECURE"] else NAME
