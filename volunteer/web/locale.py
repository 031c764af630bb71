"""Which language a page is in: the visitor's choice, else the centre's default; both catalogues are complete."""

from __future__ import annotations

from babel.support import NullTranslations, Translations
from flask import Flask, current_app, has_request_context, session
from flask_babel import Babel, get_translations

from volunteer.web import county

LOCALES = {"zh_Hans": "中文", "en": "English"}
DEFAULT = "zh_Hans"


def chosen() -> str:
    """Return "zh_Hans" or "en"."""
    if not has_request_context():
        return DEFAULT
    offered = offers()
    locale = session.get("locale")
    return locale if locale in offered else offered[0]


def offers() -> tuple[str, ...]:
    """Return the languages that this county offers, its default first."""
    default = str(current_app.config["BABEL_DEFAULT_LOCALE"])
    return county.facts().languages or (default, *(name for name in LOCALES if name != default))


def other() -> str | None:
    """Return the language that a reader may switch to, None where the county speaks one only."""
    here = chosen()
    return next((name for name in offers() if name != here), None)


def init_app(app: Flask) -> None:
    """Start Flask-Babel on our catalogues and our one time zone."""
    app.config.setdefault("BABEL_DEFAULT_LOCALE", DEFAULT)
    app.config.setdefault("BABEL_TRANSLATION_DIRECTORIES", str(_translations(app)))
    Babel(app, locale_selector=chosen, timezone_selector=lambda: county.zone().key)
    app.jinja_env.install_gettext_callables(_words, _count_words, newstyle=True)  # type: ignore[attr-defined]


def _words(msgid: str) -> str:
    """Return a template's words in this request's language; Babel's own way costs a page of fifty of them a millisecond."""
    return str(_catalogue(chosen()).gettext(msgid))


def _count_words(one: str, many: str, count: int) -> str:
    return str(_catalogue(chosen()).ngettext(one, many, count))


def _catalogue(locale: str) -> Translations | NullTranslations:
    known: dict[str, Translations | NullTranslations] = current_app.extensions.setdefault("catalogues", {})
    if locale not in known:
        known[locale] = get_translations()
    return known[locale]


def _translations(app: Flask) -> str:
    return f"{app.root_path}/translations"
