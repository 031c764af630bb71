"""抢单池: what a leader's teams could take by themselves, the nearest first; one tap takes it. And the dispatcher's choice."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm.exc import StaleDataError

from volunteer.access import Permission
from volunteer.kernel.clock import now
from volunteer.kernel.db import db
from volunteer.kernel.errors import Conflict, Invalid, NotFound
from volunteer.orders import queries_board
from volunteer.orders.pages.task_words import bring
from volunteer.orders.rulebook import braking, claiming, queries_pool
from volunteer.orders.rulebook.models_rules import Handled
from volunteer.web import errors
from volunteer.web.acting import field_errors
from volunteer.web.identity import current_actor, requires
from volunteer.web.unit import transaction

bp = Blueprint("pool", __name__)


@bp.get("/pool")
@requires(Permission.OFFER_ANSWER)
def show() -> ResponseReturnValue:
    """What waits in the pool for the teams of this leader."""
    return _page()


@bp.post("/pool/<number>/claim")
@requires(Permission.OFFER_ANSWER)
def claim(number: str) -> ResponseReturnValue:
    """抢单: take it."""
    try:
        with transaction() as session:
            order_id = queries_pool.pooled_order(session, current_actor(), number)
            claiming.claim(session, current_actor(), order_id, _team(), at=now())
    except Conflict as slow:
        return _page(refused=errors.explain(slow)), 409
    except StaleDataError:
        return _page(refused=_(claiming.FASTER)), 409
    flash(_("It is yours. Now say who goes and when."))
    return redirect(url_for("visits.show", number=number), code=303)


@bp.post("/pool/<number>/apply")
@requires(Permission.OFFER_ANSWER)
def apply(number: str) -> ResponseReturnValue:
    """Say that the team would like to take it, with a few words."""
    try:
        with transaction() as session:
            order_id = queries_pool.pooled_order(session, current_actor(), number)
            claiming.apply_for(session, current_actor(), order_id, _team(), request.form.get("words", ""), at=now())
    except Conflict as refused:
        return _page(refused=errors.explain(refused)), 409
    except Invalid as wrong:
        return _page(wrong=wrong, about=number), 422
    flash(_("Thank you. The dispatcher sees that your team would like to go, and you will hear."))
    return redirect(url_for("pool.show"), code=303)


@bp.post("/pool/<number>/withdraw")
@requires(Permission.OFFER_ANSWER)
def withdraw(number: str) -> ResponseReturnValue:
    """Take the application back."""
    with transaction() as session:
        order_id = queries_pool.pooled_order(session, current_actor(), number)
        claiming.withdraw_application(session, current_actor(), order_id, _team(), at=now())
    flash(_("Taken back. No harm done."))
    return redirect(url_for("pool.show"), code=303)


@bp.post("/board/orders/<number>/choose")
@requires(Permission.ORDER_DISPATCH)
def choose(number: str) -> ResponseReturnValue:
    """The dispatcher gives the order to one of the teams that applied."""
    try:
        with transaction() as session:
            order_id = queries_board.peek(session, current_actor(), number).order_id
            order = claiming.choose_applicant(session, current_actor(), order_id, _team(), at=now())
            team = order.team.name if order.team else ""
        flash(_("%(team)s has it and knows. Those who applied too have been told.", team=team))
    except Conflict as refused:
        flash(errors.explain(refused), "late")
    return redirect(url_for("board.order", number=number), code=303)


def _team() -> int:
    typed = request.form.get("team", "")
    if not (typed.isascii() and typed.isdigit() and len(typed) < 10):
        raise NotFound("team")
    return int(typed)


def _page(refused: str = "", wrong: Invalid | None = None, about: str = "") -> str:
    at = now()
    pool = queries_pool.pool_of(db.session(), current_actor(), at=at)
    names = {card.id: card for card in pool.teams}
    return render_template(
        "orders/pool.html",
        pool=pool,
        stops=[
            (names[team_id], [_(braking.WHAT_TO_DO[one.what], have=one.have, most=one.most) for one in found])
            for team_id, found in pool.braked.items()
        ],
        refused=refused,
        errors=field_errors(wrong),
        about=about,
        typed=request.form.get("words", ""),
        choose=Handled.CHOOSE,
        bring=bring,
        at=at,
    )
