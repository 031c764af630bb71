"""/hours/waiting: hours that wait for a second person of the site. Each look at what was said is written down."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from volunteer.access import Permission
from volunteer.attendance.by_hand import deciding, queries
from volunteer.attendance.pages.states import ask_states
from volunteer.attendance.tariff import Stay
from volunteer.audit.recording import record
from volunteer.kernel.clock import local_date, now
from volunteer.kernel.db import db
from volunteer.kernel.errors import Conflict, Invalid, NotFound
from volunteer.media import queries as media
from volunteer.places.policies import by_hand_at
from volunteer.web import forms
from volunteer.web.acting import Errors, complaints
from volunteer.web.asked import page_asked
from volunteer.web.config import current_settings
from volunteer.web.county import zone
from volunteer.web.errors import explain
from volunteer.web.identity import current_actor, requires
from volunteer.web.unit import transaction

bp = Blueprint("hours_approving", __name__, url_prefix="/hours/waiting")
APPROVE = Permission.HOURS_APPROVE
PAGE = 20


@bp.get("")
@requires(APPROVE)
def show() -> ResponseReturnValue:
    """What waits, and what was decided."""
    tab = "decided" if request.args.get("tab") == "decided" else "waiting"
    page = page_asked()
    unit, actor = db.session(), current_actor()
    rows = queries.asks_for(unit, actor, waiting=tab == "waiting", page=page, size=PAGE)
    return render_template(
        "attendance/waiting.html",
        rows=rows[:PAGE],
        more=len(rows) > PAGE,
        page=page,
        tab=tab,
        waiting=queries.waiting_asks(unit, actor),
        ask_states=ask_states(),
    )


@bp.get("/<int:ask_id>")
@requires(APPROVE)
def one(ask_id: int) -> ResponseReturnValue:
    """One request with what is known around it."""
    return _page(ask_id, {})


@bp.post("/<int:ask_id>/approve")
@requires(APPROVE)
def approve(ask_id: int) -> ResponseReturnValue:
    """Let the hours through."""
    try:
        with transaction() as unit:
            minutes = deciding.credit_by_hand(unit, current_actor(), ask_id, at=now()).minutes
    except Conflict as error:
        return _page(ask_id, {}, explain(error)), 409
    flash(_("%(minutes)s minutes are written in. The volunteer has been told.", minutes=minutes))
    return redirect(url_for(".show"), code=303)


@bp.post("/<int:ask_id>/refuse")
@requires(APPROVE)
def refuse(ask_id: int) -> ResponseReturnValue:
    """Say no, with a reason."""
    try:
        with transaction() as unit:
            deciding.refuse_by_hand(unit, current_actor(), ask_id, request.form.get("reason", "")[:1000], at=now())
    except Invalid as error:
        return _page(ask_id, complaints(error)), 422
    except Conflict as error:
        return _page(ask_id, {}, explain(error)), 409
    flash(_("Refused. The volunteer reads why."))
    return redirect(url_for(".show"), code=303)


@bp.get("/<int:ask_id>/photo")
@requires(APPROVE)
def photo(ask_id: int) -> ResponseReturnValue:
    """The photo that was sent along; the look is written down."""
    with transaction() as unit:
        ask = queries.ask_for(unit, current_actor(), ask_id)
        if ask.photo is None:
            raise NotFound("photo")
        record(unit, current_actor(), "private_seen", ask.about, at=now(), site_path=ask.site_path, fields=["photo"], on="hours")
        path = media.file_of(current_settings().media_folder, ask.photo)
    return send_file(path, mimetype="image/jpeg", max_age=0)


def _page(ask_id: int, errors: Errors, refused: str = "") -> str:
    at, actor = now(), current_actor()
    with transaction() as unit:  # a look at what was said is written down
        ask = queries.ask_for(unit, actor, ask_id)
        record(unit, actor, "private_seen", ask.about, at=at, site_path=ask.site_path, fields=["what", "why"], on="hours")
        month, paid = ask.began_at.astimezone(zone()).date().replace(day=1), local_date(at, zone()).replace(day=1)
        stay = Stay(ask.began_at, ask.ended_at)
        tie = deciding.tie_between(unit, actor, ask)
        return render_template(
            "attendance/waiting_one.html",
            ask=ask,
            tie=_(deciding.TIES[tie]) if tie else "",
            near=sorted(queries.stays_near(unit, ask.volunteer_id, stay, but=ask.id), key=lambda one: one.began),
            terms=by_hand_at(unit, ask.site_path, at),
            used=queries.asked_in_month(unit, ask.volunteer_id, month, zone(), but=ask.id),
            mine=queries.approved_in_month(unit, actor.user_id, paid, zone()),
            ask_states=ask_states(),
            values=forms.typed(request.form),
            errors=errors,
            refused=refused,
        )
