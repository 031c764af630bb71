"""Holidays and working weekends (调休) of a site, year by year."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from volunteer.access import Permission
from volunteer.administration import listing
from volunteer.administration.pages.grids import number_of
from volunteer.administration.pages.saving import saved
from volunteer.administration.pages.site_choice import asked_site, site_options
from volunteer.administration.schemas_places import DayForm
from volunteer.kernel.clock import local_date, now
from volunteer.kernel.db import db, load
from volunteer.kernel.errors import Invalid, NotFound
from volunteer.places import founding
from volunteer.places.models import Site
from volunteer.web import locale, wording
from volunteer.web.acting import Errors, acted
from volunteer.web.asked import number_asked
from volunteer.web.county import zone
from volunteer.web.identity import current_actor, requires

bp = Blueprint("manage_holidays", __name__, url_prefix="/manage/holidays")
P = Permission.PLACES_MANAGE
FIRST, LAST = 2000, 2100


@bp.get("")
@requires(P)
def show() -> ResponseReturnValue:
    """The days of one year that differ from the week."""
    site = asked_site(P) or _first()
    return _page(site, number_asked("year"), {}, {})


@bp.post("")
@requires(P)
def keep() -> ResponseReturnValue:
    """Write down a day, or several in a row."""
    site_id = number_of("site")

    def act(session: Session, form: dict[str, Any]) -> str:
        site = load(session, Site, site_id)
        count = (form["until"] - form["day"]).days + 1
        days = {form["day"] + timedelta(days=n): (form["works"], form["name"], form["name_en"]) for n in range(count)}
        founding.keep_calendar(session, current_actor(), site, days, at=now())
        return url_for(".show", site=site.id, year=form["day"].year)

    def page(values: Mapping[str, Any], errors: Errors) -> str:
        return _page(_mine(site_id), 0, values, errors)

    _mine(site_id)
    return saved(DayForm(), act, page, _("Written down."))


@bp.post("/drop")
@requires(P)
def drop() -> ResponseReturnValue:
    """Take a day off the calendar again."""
    site = _mine(number_of("site"))
    try:
        day = date.fromisoformat(request.form.get("day", "")[:10])
    except ValueError:
        raise Invalid.field("day", _("Please write a date.")) from None
    site_id, there = site.id, url_for(".show", site=site.id, year=day.year)
    return acted(
        lambda session: founding.drop_day(session, current_actor(), load(session, Site, site_id), day, at=now()),
        there,
        _("Taken off the calendar."),
    )


def _mine(site_id: int) -> Site:
    site = load(db.session(), Site, site_id)
    current_actor().must(P, at=site.path)
    return site


def _first() -> Site:
    sites = listing.managed_sites(db.session(), current_actor())
    if not sites:
        raise NotFound("site")
    return sites[0]


def _page(site: Site, year: int, values: Mapping[str, Any], errors: Errors) -> str:
    today = local_date(now(), zone())
    year = year if FIRST <= year <= LAST else today.year
    return render_template(
        "administration/holidays.html",
        site=site,
        year=year,
        years=[one for one in range(year - 1, year + 2) if FIRST <= one <= LAST],
        days=listing.holidays(db.session(), site, year),
        today=today,
        day_word=lambda day: wording.weekday(day, locale.chosen()),
        sites=site_options(P),
        values=values,
        errors=errors,
    )
