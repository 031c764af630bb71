"""/hours/contests: entries that volunteers say are wrong, and the site's answer. Each look at their words is written down."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from volunteer.access import Permission
from volunteer.accounts.humans import same_person
from volunteer.attendance.contests import contesting
from volunteer.attendance.contests import queries as contests
from volunteer.attendance.pages.fields import local_input
from volunteer.attendance.pages.states import contest_states
from volunteer.attendance.schemas import ReplyForm
from volunteer.audit.recording import record
from volunteer.certificates import queries, tracing
from volunteer.certificates.pages.my_hours import day_words
from volunteer.kernel.clock import now
from volunteer.kernel.db import db
from volunteer.kernel.errors import Conflict, Invalid
from volunteer.orders.models import ServiceOrder
from volunteer.web import forms
from volunteer.web.acting import Errors, complaints
from volunteer.web.asked import page_asked
from volunteer.web.county import zone
from volunteer.web.identity import current_actor, requires
from volunteer.web.unit import transaction

bp = Blueprint("hours_contests", __name__, url_prefix="/hours/contests")
CORRECT = Permission.HOURS_CORRECT
PAGE = 20


@bp.get("")
@requires(CORRECT)
def show() -> ResponseReturnValue:
    """What waits for an answer, and what was answered."""
    tab = "answered" if request.args.get("tab") == "answered" else "open"
    page = page_asked()
    unit, actor = db.session(), current_actor()
    rows = contests.contests_for(unit, actor, waiting=tab == "open", page=page, size=PAGE)
    return render_template(
        "certificates/contests.html",
        rows=rows[:PAGE],
        more=len(rows) > PAGE,
        page=page,
        tab=tab,
        waiting=contests.waiting_contests(unit, actor),
        contest_states=contest_states(),
        day_words=day_words,
    )


@bp.get("/<int:contest_id>")
@requires(CORRECT)
def one(contest_id: int) -> ResponseReturnValue:
    """One objection beside the entry that it is about."""
    return _page(contest_id, {}, {})


@bp.post("/<int:contest_id>/accept")
@requires(CORRECT)
def accept(contest_id: int) -> ResponseReturnValue:
    """The volunteer is right: the entry is taken back, and the right hours are asked for where times are given."""
    done = _("Taken back, and the volunteer has been told. New hours wait for somebody else of the site.")
    return _answer(contest_id, done, accepted=True)


@bp.post("/<int:contest_id>/refuse")
@requires(CORRECT)
def refuse(contest_id: int) -> ResponseReturnValue:
    """The entry stays."""
    return _answer(contest_id, _("It stays as it is. The volunteer reads why."), accepted=False)


def _answer(contest_id: int, done: str, *, accepted: bool) -> ResponseReturnValue:
    try:
        typed = forms.load_form(ReplyForm(zone()), request.form)
        with transaction() as unit:
            row = contests.contest_for(unit, current_actor(), contest_id)
            if accepted:
                order = queries.numbers_of([row.transfer], "order")
                item = unit.get_one(ServiceOrder, order.pop()).item_id if order else None
                contesting.accept_contest(unit, current_actor(), contest_id, at=now(), item_id=item, **typed)
            else:
                contesting.refuse_contest(unit, current_actor(), contest_id, typed["reply"], at=now())
    except (Invalid, Conflict) as error:
        errors = complaints(error)
        return _page(contest_id, forms.typed(request.form), errors), 422 if isinstance(error, Invalid) else 409
    flash(done)
    return redirect(url_for(".show"), code=303)


def _page(contest_id: int, values: Any, errors: Errors) -> str:
    at, actor = now(), current_actor()
    with transaction() as unit:  # a look at what somebody said is written down
        row = contests.contest_for(unit, actor, contest_id)
        record(unit, actor, "private_seen", row.about, at=at, site_path=row.site_path, fields=["words"], on="hours")
        return render_template(
            "certificates/contest.html",
            row=row,
            origin=tracing.origin_of(unit, row.volunteer_id, row.transfer_id),
            own=same_person(unit, row.volunteer_id, actor.user_id),
            contest_states=contest_states(),
            values=values or {"began_at": local_input(row.began_at), "ended_at": local_input(row.ended_at)},
            errors=errors,
            day_words=day_words,
        )
