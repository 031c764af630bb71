"""The first page of an empty database: whoever can read the console makes a county of it."""

from __future__ import annotations

import re
from functools import cache
from zoneinfo import available_timezones

from babel.dates import get_timezone_location
from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from volunteer.accounts import signing_in
from volunteer.administration import opening
from volunteer.administration.schemas import FIRST_RULES, CountyForm
from volunteer.kernel.clock import SHANGHAI, now
from volunteer.kernel.db import db
from volunteer.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from volunteer.kernel.words import CHINESE
from volunteer.places.explaining import ROUNDING
from volunteer.web import county, forms, locale, throttle
from volunteer.web.config import current_settings
from volunteer.web.errors import explain
from volunteer.web.identity import open_to_all, sign_in
from volunteer.web.pages import NOTICE_VERSION
from volunteer.web.unit import transaction

bp = Blueprint("setup", __name__)
TOKEN = "opening"  # noqa: S105 - in the visitor's signed cookie, so that it is typed once
DOORS = frozenset({"/", "/login", "/order/new"})  # where somebody arrives who finds an empty database
CONTINENTS = ("Asia/", "Africa/", "America/", "Atlantic/", "Australia/", "Europe/", "Indian/", "Pacific/")
UNTRANSLATED = re.compile("[A-Za-z]{3}")


@bp.before_app_request
def _first_things_first() -> ResponseReturnValue | None:
    """Lead the doors to the set-up while there is no county."""
    if request.method not in {"GET", "HEAD"} or request.path not in DOORS or county.facts().name:
        return None
    return None if opening.is_open(db.session()) else redirect(url_for("setup.show"))


@bp.get("/setup")
@open_to_all
def show() -> ResponseReturnValue:
    """Ask for the token, then for the county. A county that is open has no such page."""
    _only_once()
    given = request.args.get("token", "")
    if given:  # out of the address at once: addresses are kept in histories
        _try(given)
        return redirect(url_for(".show"))
    return _page({}) if _has_token() else _door({})


@bp.post("/setup/token")
@open_to_all
def token() -> ResponseReturnValue:
    """Take the token that the console printed."""
    _only_once()
    if not _try(request.form.get("token", "")):
        return _door({"token": [_("This is not the token that the console shows, or it is older than a day.")]}), 422
    return redirect(url_for(".show"), code=303)


@bp.post("/setup")
@open_to_all
def found() -> ResponseReturnValue:
    """Found the county, and let its first administrator in: the second factor is the next page."""
    _only_once()
    at = now()
    try:
        draft = forms.load_form(CountyForm, request.form)
        with transaction() as unit:
            person = opening.open_county(unit, session.get(TOKEN, ""), draft, notice=NOTICE_VERSION, at=at)
            signing_in.note_sign_in(unit, person, how="opening", at=at)
    except Invalid as error:
        fields = {_field(name): [_(words) for words in said] for name, said in error.fields.items()}
        return _page(fields), 422
    except Conflict as error:
        if error.code == "county_open":
            raise NotFound("page") from None
        return _page({"login_name" if "login" in error.code else "code": [explain(error)]}), 422
    except Forbidden:
        session.pop(TOKEN, None)
        return _door({"token": [_("The token has run out. The console shows a new one after a restart.")]}), 422
    county.forget_facts()
    sign_in(person)
    session["locale"] = draft.languages[0]
    flash(_("The county is open. The list below says what comes next."))
    return redirect("/manage", code=303)


def _field(name: str) -> str:
    """A complaint about a site's or a person's column stands at the field of this page that it came from."""
    return "person" if name == "name" and "name" in request.form and request.form["name"].strip() else name


def _only_once() -> None:
    if opening.is_open(db.session()):
        raise NotFound("page")


def _has_token() -> bool:
    return opening.token_fits(db.session(), session.get(TOKEN, ""), at=now())


def _try(given: str) -> bool:
    throttle.spend_here(throttle.SETUP_TRY, now())
    if not opening.token_fits(db.session(), given, at=now()):
        return False
    session[TOKEN] = given
    return True


def _door(errors: dict[str, list[str]]) -> str:
    return render_template("administration/token.html", errors=errors)


def _page(errors: dict[str, list[str]]) -> str:
    return render_template(
        "administration/setup.html",
        errors=errors,
        values=forms.typed(request.form) or _first_values(),
        zone_options=_zones(locale.chosen()),
        languages=[(name, words, {"lang": name.replace("_", "-")}) for name, words in locale.LOCALES.items()],
        rules=FIRST_RULES,
        rounding_options=[(value, _(words)) for value, words in ROUNDING.items()],
    )


@cache
def _zones(language: str) -> list[tuple[str, str]]:
    """Every zone by the place that people call it by, in ``language``; of several names for one place the first."""
    named: dict[str, str] = {}
    for name in sorted(zone for zone in available_timezones() if zone.startswith(CONTINENTS)):
        named.setdefault(get_timezone_location(name, locale=language), name)
    if SHANGHAI.key not in named.values():  # Chongqing comes earlier in the alphabet and is called the same
        named[get_timezone_location(SHANGHAI.key, locale=language)] = SHANGHAI.key
    foreign = UNTRANSLATED if language == CHINESE else re.compile("$^")  # a few parts of one country have no Chinese name
    return [(name, place) for place, name in named.items() if not foreign.search(place)]


def _first_values() -> dict[str, str]:
    asked = {rule.field: str(rule.default) for rule in FIRST_RULES}
    return asked | {
        "code": "01",
        "time_zone": current_settings().time_zone,
        "language": locale.chosen(),
        "both": "yes",
        "point.datum": "gcj02",
    }
