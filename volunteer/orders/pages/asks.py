"""What a team is asked about a case: its leader reads the edited text and tells the team's side, once."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from volunteer.access import Permission
from volunteer.feedback import handling, queries
from volunteer.kernel.clock import now
from volunteer.kernel.db import db
from volunteer.kernel.errors import Conflict, Invalid
from volunteer.orders.pages.case_words import KINDS
from volunteer.web import forms
from volunteer.web.acting import field_errors
from volunteer.web.errors import explain
from volunteer.web.identity import current_actor, requires
from volunteer.web.unit import transaction

bp = Blueprint("asks", __name__, url_prefix="/inbox/asks")


@bp.get("/<int:ask_id>")
@requires(Permission.CASES_ANSWER)
def show(ask_id: int) -> ResponseReturnValue:
    """What the team is asked, and its answer."""
    return _page(ask_id)


@bp.post("/<int:ask_id>")
@requires(Permission.CASES_ANSWER)
def answer(ask_id: int) -> ResponseReturnValue:
    """The team's side. The same words twice change nothing."""
    try:
        with transaction() as unit:
            words = request.form.get("words", "").replace("\0", "").replace("\r\n", "\n")
            handling.team_answer(unit, current_actor(), ask_id, words, at=now())
    except Invalid as error:
        return _page(ask_id, error), 422
    except Conflict as error:
        return _page(ask_id, refused=explain(error)), 409
    flash(_("Thank you. Your words stand with the case now."))
    return redirect(url_for(".show", ask_id=ask_id), code=303)


def _page(ask_id: int, error: Invalid | None = None, refused: str = "") -> str:
    ask = queries.ask_for(db.session(), current_actor(), ask_id)
    return render_template(
        "orders/team_ask.html",
        ask=ask,
        case=ask.case,
        kinds=KINDS,
        values=forms.typed(request.form),
        errors=field_errors(error),
        refused=refused,
        at=now(),
    )
