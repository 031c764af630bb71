"""/me/profile/leave: leaving the register, with what is still promised in sight."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from volunteer.access import Permission
from volunteer.kernel.clock import now
from volunteer.kernel.db import db
from volunteer.kernel.errors import Conflict
from volunteer.orders.visits import letting_go
from volunteer.teams import profiling
from volunteer.web.errors import explain
from volunteer.web.identity import current_actor, requires
from volunteer.web.unit import transaction

bp = Blueprint("leaving", __name__, url_prefix="/me/profile/leave")


@bp.get("")
@requires(Permission.VOLUNTEER_OWN)
def show() -> ResponseReturnValue:
    """What stays, what ends, what has to be settled first."""
    return _page()


@bp.post("")
@requires(Permission.VOLUNTEER_OWN)
def leave() -> ResponseReturnValue:
    """Leave for good."""
    if request.form.get("sure") != "yes":
        return _page({"sure": [_("Please tick that you are sure.")]}), 422
    try:
        with transaction() as unit:
            letting_go.leave_register(unit, current_actor(), at=now())
    except Conflict as error:
        db.session.rollback()
        return _page({"form": [explain(error)]}), 409
    flash(_("You have left the volunteer register. Your hours and certificates stay valid. Thank you."))
    return redirect("/", code=303)


def _page(errors: dict[str, list[str]] | None = None) -> str:
    mine = profiling.own(db.session(), current_actor())
    work = letting_go.work_of_volunteer(db.session(), mine.id, at=now())
    return render_template("teams/leave.html", mine=mine, work=work, errors=errors or {}, values=request.form)
