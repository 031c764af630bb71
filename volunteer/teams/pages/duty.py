"""/me/duty: "I am ready now", for some hours, from home or from where I am."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from volunteer.access import Permission
from volunteer.kernel.clock import now
from volunteer.kernel.db import db
from volunteer.kernel.errors import Conflict, Invalid
from volunteer.teams import duty, profiling
from volunteer.teams.schemas import DutyForm
from volunteer.web import forms
from volunteer.web.acting import Errors, complaints
from volunteer.web.errors import HTTP_STATUS
from volunteer.web.identity import current_actor, requires
from volunteer.web.unit import transaction

bp = Blueprint("duty", __name__, url_prefix="/me/duty")
OWN = Permission.VOLUNTEER_OWN


@bp.get("")
@requires(OWN)
def show() -> ResponseReturnValue:
    """Whether I am on duty, and until when."""
    return _page({})


@bp.post("")
@requires(OWN)
def begin() -> ResponseReturnValue:
    """On duty from now on; or longer, or from another place."""
    try:
        data = forms.load_form(DutyForm, request.form)
        with transaction() as unit:
            duty.begin(unit, current_actor(), data["hours"], point=data["position"], at=now())
    except (Invalid, Conflict) as refused:
        db.session.rollback()
        return _page(complaints(refused), request.form), HTTP_STATUS[type(refused)]
    flash(_("You are on duty. Thank you!"))
    return redirect(url_for(".show"), code=303)


@bp.post("/end")
@requires(OWN)
def end() -> ResponseReturnValue:
    """Not on duty any more."""
    with transaction() as unit:
        duty.end(unit, current_actor(), at=now())
    flash(_("You are not on duty any more."))
    return redirect(url_for(".show"), code=303)


def _page(errors: Errors, values: Any = None) -> str:
    at, unit = now(), db.session()
    mine = profiling.own(unit, current_actor())
    return render_template(
        "teams/duty.html",
        duty=duty.duty_of(unit, mine.id, at=at),
        site=mine.site,
        hours=[(str(n), _("%(n)s hours", n=n) if n > 1 else _("one hour")) for n in duty.HOURS],
        values=values or {"hours": "2"},
        errors=errors,
    )
