"""Somebody's hours, for those who answer for the units that booked them: looking is written down, errors are taken back."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from volunteer.access import Permission
from volunteer.certificates import looking
from volunteer.kernel.clock import local_date, now
from volunteer.kernel.errors import NotFound
from volunteer.ledger import correcting
from volunteer.web import wording
from volunteer.web.county import zone
from volunteer.web.identity import current_actor, requires
from volunteer.web.locale import chosen
from volunteer.web.unit import transaction

bp = Blueprint("hours", __name__)


@bp.get("/hours")
@requires(Permission.HOURS_CORRECT)
def show() -> ResponseReturnValue:
    """One field for the volunteer's number; below it the entries that stand, each with the means to take it back."""
    number, at = request.args.get("number", "").strip()[:20], now()
    if not number:
        return render_template("certificates/hours.html", values={}, errors={}, name=None)
    try:
        with transaction() as session:
            volunteer, services = looking.look_at_hours(session, current_actor(), number, at=at)
            name = volunteer.person.name
    except NotFound:
        errors = {"number": [_("No volunteer of your sites has this number.")]}
        return render_template("certificates/hours.html", values={"number": number}, errors=errors, name=None), 404
    today = local_date(at, zone())
    return render_template(
        "certificates/hours.html",
        values={"number": number},
        errors={},
        number=number,
        name=name,
        services=services,
        may_correct=lambda path: current_actor().can(Permission.HOURS_CORRECT, at=path),
        day_words=lambda day: wording.calendar_day(day, today, chosen()),
    )


@bp.post("/hours/<int:transfer_id>/take-back")
@requires(Permission.HOURS_CORRECT)
def take_back(transfer_id: int) -> ResponseReturnValue:
    """冲正."""
    with transaction() as session:
        correcting.take_back(session, current_actor(), transfer_id, request.form.get("note", ""), at=now())
    flash(_("Taken back. The volunteer has been told why."))
    return redirect(url_for(".show", number=request.form.get("number", "")[:20]), code=303)
