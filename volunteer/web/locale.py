"""Which language a page is in: the visitor's choice, else the centre's default; both catalogues are complete."""

from __future__ import annotations

from flask import Flask, current_app, has_request_context, session
from flask_babel import Babel

LOCALES = {"zh_Hans": "中文", "en": "English"}
DEFAULT = "zh_Hans"


def chosen() -> str:
    """Return "zh_Hans" or "en"."""
    if not has_request_context():
        return DEFAULT
    locale = session.get("locale")
    return locale if locale in LOCALES else DEFAULT


def init_app(app: Flask) -> None:
    """Start Flask-Babel on our catalogues and our one time zone."""
    app.config.setdefault("BABEL_DEFAULT_LOCALE", DEFAULT)
    app.config.setdefault("BABEL_TRANSLATION_DIRECTORIES", str(_translations(app)))
    Babel(app, locale_selector=chosen, timezone_selector=lambda: str(current_app.config["BABEL_DEFAULT_TIMEZONE"]))


def _translations(app: Flask) -> str:
    return f"{app.root_path}/translations"
