"""我的服务: a volunteer's coming visits, 「我来不了」, the call to step in, the waitlist, and what they say about an absence."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from volunteer.access import Permission
from volunteer.kernel.clock import now
from volunteer.kernel.db import db
from volunteer.kernel.errors import Conflict, Invalid
from volunteer.orders import serving
from volunteer.orders.accepting import Unfit
from volunteer.orders.models import ServiceOrder
from volunteer.orders.pages.fit_words import reasons_words
from volunteer.orders.pages.task_words import answers_of, bring
from volunteer.orders.queries import guests_of
from volunteer.orders.schemas_visits import HindranceForm
from volunteer.orders.visits import absences, turnout
from volunteer.orders.visits.lifecycle import VisitorState
from volunteer.orders.visits.queries_mine import my_visit, visits_of_mine
from volunteer.orders.visits.turnout import BEFORE_SERVICE, HINDRANCE_WORDS
from volunteer.web import forms
from volunteer.web.acting import field_errors
from volunteer.web.errors import explain
from volunteer.web.identity import current_actor, current_person, requires
from volunteer.web.unit import transaction

bp = Blueprint("my_visits", __name__, url_prefix="/me/visits")
Act = Callable[[Session, ServiceOrder, datetime], Any]


@bp.get("")
@requires(Permission.VOLUNTEER_OWN)
def show() -> ResponseReturnValue:
    """Where I am expected, asked, or could come along."""
    return _list()


@bp.get("/<number>")
@requires(Permission.VOLUNTEER_OWN)
def visit(number: str) -> ResponseReturnValue:
    """One visit. Name, phone and door only for who goes, after the team has accepted; each look is written down."""
    return _visit(number)


@bp.post("/<number>/cannot")
@requires(Permission.VOLUNTEER_OWN)
def cannot(number: str) -> ResponseReturnValue:
    """我来不了."""

    def act(session: Session, order: ServiceOrder, at: datetime) -> None:
        why = forms.load_form(HindranceForm, request.form)["why"]
        turnout.cannot_come(session, current_actor(), order.id, why, at=at)

    return _do(number, act, _("Thank you for saying so. Your leader knows, and we look for somebody else."))


@bp.post("/<number>/answer")
@requires(Permission.VOLUNTEER_OWN)
def answer(number: str) -> ResponseReturnValue:
    """Yes or no to stepping in."""
    yes = request.form.get("answer") == "yes"
    thanks = (
        _("Thank you! You are expected now. The resident has been told.")
        if yes
        else _("That is all right. We ask somebody else.")
    )
    return _do(number, lambda s, order, at: turnout.answer_call(s, current_actor(), order.id, yes, at=at), thanks)


@bp.post("/<number>/wait")
@requires(Permission.VOLUNTEER_OWN)
def wait(number: str) -> ResponseReturnValue:
    """候补."""
    done = _("You are on the waitlist. We ask you when somebody cannot come.")
    return _do(number, lambda s, order, at: turnout.wait_for(s, current_actor(), order.id, at=at), done)


@bp.post("/<number>/step-back")
@requires(Permission.VOLUNTEER_OWN)
def step_back(number: str) -> ResponseReturnValue:
    """No longer on the waitlist, no longer a stand-in."""
    done = _("All right, we shall not count on you for this one.")
    return _do(number, lambda s, order, at: turnout.step_back(s, current_actor(), order.id, at=at), done)


@bp.post("/absences/<int:absence_id>/say")
@requires(Permission.VOLUNTEER_OWN)
def say(absence_id: int) -> ResponseReturnValue:
    """The other side."""
    try:
        with transaction() as session:
            absences.say(session, current_actor(), absence_id, request.form.get("words", ""), at=now())
    except Invalid as error:
        return _list(absence_id, error), 422
    flash(_("Thank you. Your site reads it before anything is decided."))
    return redirect(url_for(".show"), code=303)


def _do(number: str, act: Act, done: str) -> ResponseReturnValue:
    try:
        with transaction() as session:
            order, _mine = my_visit(session, current_actor(), number, at=now())
            act(session, order, now())
    except Unfit as error:
        reasons = next(iter(error.refusals.values()), [])
        with db.session.no_autoflush:
            order, _mine = my_visit(db.session(), current_actor(), number, at=now())
        return _visit(number, refused=reasons_words(reasons, order.item)), 422
    except Conflict as error:
        flash(explain(error), "soon")
        return redirect(url_for(".show"), code=303)
    flash(done)
    return redirect(url_for(".show"), code=303)


def _list(wrong: int = 0, error: Invalid | None = None) -> str:
    at, me = now(), current_person().id
    return render_template(
        "orders/my_visits.html",
        mine=visits_of_mine(db.session(), me, at=at),
        counted=absences.count(db.session(), me),
        bring=bring,
        at=at,
        wrong=wrong,
        values=forms.typed(request.form) if error else {},
        errors=field_errors(error),
    )


def _visit(number: str, refused: str = "") -> str:
    at = now()
    with transaction() as session:  # a look at what is private is written down
        order, mine = my_visit(session, current_actor(), number, at=at)
        return render_template(
            "orders/my_visit.html",
            order=order,
            mine=mine.state.value if mine is not None and mine.state is not VisitorState.OFF else "",
            until=mine.until if mine is not None else None,
            private=serving.private_part(session, current_actor(), order, at=at, on="my_visit"),
            guests=guests_of(session, order),
            before=order.status in BEFORE_SERVICE,
            full=len(order.visitors) >= (order.item.people if order.item else 1),
            hindrances=[(choice.value, _(words)) for choice, words in HINDRANCE_WORDS.items()],
            answers=answers_of(order),
            bring=bring,
            refused=refused,
            at=at,
        )
