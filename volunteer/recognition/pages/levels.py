"""/manage/stars/levels: from how many hours each star is reached, from a day on, and for how many people that changes what."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from volunteer.access import Permission
from volunteer.kernel.clock import local_date, now
from volunteer.kernel.db import db, load
from volunteer.kernel.errors import DomainError, Invalid, NotFound
from volunteer.places import adopting
from volunteer.places.models import PolicyKind, Site
from volunteer.places.terms import Stars
from volunteer.recognition import queries
from volunteer.recognition.counting import rules_at
from volunteer.recognition.pages.fields import day_words
from volunteer.web import forms
from volunteer.web.acting import Errors, acted_once, complaints, saved_once
from volunteer.web.county import zone
from volunteer.web.forms import A_NUMBER
from volunteer.web.identity import current_actor, requires

bp = Blueprint("star_levels", __name__, url_prefix="/manage/stars/levels")
P = Permission.POLICIES_MANAGE


@bp.get("")
@requires(P)
def show() -> ResponseReturnValue:
    """What holds, every version, and the form for the next."""
    return _page(_county(request.args.get("site", 0, type=int)), {}, {})


@bp.post("")
@requires(P)
def adopt() -> ResponseReturnValue:
    """The next version, from a day on."""
    county = _county(request.form.get("site", 0, type=int), to_set=True)

    def act(session: Session) -> str:
        at = now()
        values, begins = _typed(county, at), forms.first_moment(request.form, "valid_from", at, zone())
        site = load(session, Site, county.id)
        adopting.adopt_policy(session, current_actor(), site, PolicyKind.STARS, values, valid_from=begins, at=at)
        return url_for(".show", site=county.id)

    done = _("The new version is written down.")
    return saved_once("star-levels", act, lambda values, errors: _page(county, values, errors), done)


@bp.post("/preview")
@requires(P)
def preview() -> ResponseReturnValue:
    """How many would reach each star; nothing is stored."""
    county, at = _county(request.form.get("site", 0, type=int), to_set=True), now()
    try:
        values = _typed(county, at)
        adopting.check_ranges(PolicyKind.STARS, values)
    except DomainError as error:
        return _page(county, forms.typed(request.form), complaints(error)), 422
    held = rules_at(db.session(), county.path, at).stars
    changes = queries.preview(db.session(), county, held.thresholds, Stars(**values).thresholds)
    return _page(county, forms.typed(request.form), {}, changes)


@bp.post("/<int:row_id>/take-back")
@requires(P)
def take_back(row_id: int) -> ResponseReturnValue:
    """Take back a version that has not begun."""
    return acted_once(
        f"star-levels-{row_id}",
        lambda session: adopting.take_back_policy(session, current_actor(), row_id, at=now()),
        url_for(".show"),
        _("Taken back."),
    )


def _county(site_id: int, *, to_set: bool = False) -> Site:
    """The county that is asked for, else the first that the reader's sites lie in. Raises NotFound.

    Whoever sets rules of a branch may read the county's; only who has the right over the county sets them.
    """
    unit, actor = db.session(), current_actor()
    mine = queries.counties_of(unit, actor, P)
    found = next((site for site in mine if site.id == site_id), mine[0] if mine and not site_id else None)
    if found is None:
        raise NotFound("site")
    if to_set:
        actor.must(P, at=found.path)
    return found


def _typed(county: Site, at: datetime) -> dict[str, int]:
    """The figures of the form: whole hours for stars, days for the notice. Raises Invalid with every complaint."""
    held = rules_at(db.session(), county.path, at).stars
    values, wrong = {"notice_days": held.notice_days}, {}
    for name in (*adopting.STARS, "notice_days"):
        typed = request.form.get(name, "").strip()
        if not (typed.isascii() and typed.isdigit() and len(typed) < 6):
            wrong[name] = [A_NUMBER]
        else:
            values[name] = int(typed) * (1 if name == "notice_days" else 60)
    if wrong:
        raise Invalid("invalid", A_NUMBER, wrong)
    return values


def _page(county: Site, values: Mapping[str, Any], errors: Errors, changes: Any = None) -> str:
    unit, at = db.session(), now()
    held = rules_at(unit, county.path, at).stars
    rows = adopting.versions(unit, county, PolicyKind.STARS)
    today = local_date(at, zone())
    fresh = {name: getattr(held, name) // 60 for name in adopting.STARS}
    return render_template(
        "recognition/levels.html",
        county=county,
        counties=queries.counties_of(unit, current_actor(), P),
        may_set=current_actor().can(P, at=county.path),
        held=held,
        versions=[(row, Stars(**{name: v for name, v in row.values.items() if name != "version"})) for row in rows],
        holds=next((row for row in rows if row.valid_from <= at), None),
        names=adopting.STARS,
        values=values or fresh | {"notice_days": held.notice_days, "valid_from": today.isoformat()},
        errors=errors,
        changes=changes,
        counted_at=queries.last_counted(unit),
        today=today,
        now=at,
        day_words=day_words,
    )
