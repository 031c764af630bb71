"""未到: the hearings that a site decides. What the volunteer said is read on one page, and each look is written down."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from volunteer.access import Permission
from volunteer.audit.recording import record
from volunteer.kernel.clock import now
from volunteer.kernel.db import db
from volunteer.kernel.errors import Conflict, Invalid
from volunteer.orders.visits import absences
from volunteer.orders.visits.lifecycle import AbsenceState
from volunteer.orders.visits.queries_mine import absence_for, absences_for
from volunteer.web import forms
from volunteer.web.acting import field_errors
from volunteer.web.asked import page_asked
from volunteer.web.errors import explain
from volunteer.web.identity import current_actor, requires
from volunteer.web.unit import transaction

bp = Blueprint("absences", __name__, url_prefix="/manage/absences")
PAGE = 30


@bp.get("")
@requires(Permission.TEAMS_MANAGE)
def show() -> ResponseReturnValue:
    """What waits for a decision, and what was decided."""
    tab = "decided" if request.args.get("tab") == "decided" else "open"
    page = page_asked()
    rows, counts = absences_for(db.session(), current_actor(), tab, page, PAGE)
    return render_template(
        "orders/absences.html", rows=rows[:PAGE], more=len(rows) > PAGE, counts=counts, tab=tab, page=page, at=now()
    )


@bp.get("/<int:absence_id>")
@requires(Permission.TEAMS_MANAGE)
def one(absence_id: int) -> ResponseReturnValue:
    """Both sides of one absence, and the decision."""
    return _page(absence_id)


@bp.post("/<int:absence_id>/decide")
@requires(Permission.TEAMS_MANAGE)
def decide(absence_id: int) -> ResponseReturnValue:
    """It stands, it is excused, or it is taken back."""
    typed = request.form.get("outcome", "")
    try:
        if typed not in set(AbsenceState):
            raise Invalid.field("outcome", absences.CHOOSE)
        with transaction() as session:
            outcome, note = AbsenceState(typed), request.form.get("note", "")
            absences.decide(session, current_actor(), absence_id, outcome, note, at=now())
    except Invalid as error:
        return _page(absence_id, error), 422
    except Conflict as error:
        return _page(absence_id, refused=explain(error)), 409
    flash(_("Decided. The volunteer and the team have been told."))
    return redirect(url_for(".show"), code=303)


def _page(absence_id: int, error: Invalid | None = None, refused: str = "") -> str:
    with transaction() as session:  # a look at what somebody said is written down
        absence = absence_for(session, current_actor(), absence_id)
        subject, path = absences.about(absence), absence.site_path
        record(session, current_actor(), "private_seen", subject, at=now(), site_path=path, fields=["said"], on="absence")
        return render_template(
            "orders/absence.html",
            absence=absence,
            before=absences.count(session, absence.volunteer_id),
            outcomes=[(state.value, _(words)) for state, words in absences.OUTCOMES.items()],
            values=forms.typed(request.form) if error or refused else {},
            errors=field_errors(error),
            refused=refused,
            at=now(),
        )
