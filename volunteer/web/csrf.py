"""A form that we did not hand out is not accepted: one token for each visitor, asked for on every unsafe method."""

from __future__ import annotations

from flask import Flask
from flask_wtf.csrf import CSRFProtect

protect = CSRFProtect()


def init_app(app: Flask) -> None:
    """Ask for the token everywhere; programs with a key exempt their own blueprint with ``protect.exempt``."""
    app.config.setdefault("WTF_CSRF_TIME_LIMIT", None)  # as long as the session: a form left open overnight still sends
    app.config.setdefault("WTF_CSRF_SSL_STRICT", False)  # the token is the proof; proxies drop the Referer
    protect.init_app(app)
