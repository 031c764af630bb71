"""/points/give: points for a neighbour. The number alone finds nobody, and the answer never says whether it is known."""

from __future__ import annotations

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from itsdangerous import BadSignature, URLSafeTimedSerializer

from volunteer.access import Permission
from volunteer.kernel.clock import now
from volunteer.kernel.db import db
from volunteer.kernel.errors import Conflict, Invalid, NotFound
from volunteer.kernel.text import masked_name
from volunteer.ledger import queries
from volunteer.ledger.models import Unit
from volunteer.ledger.rules import person
from volunteer.rewards.points import giving
from volunteer.rewards.points.homes import found_by
from volunteer.web.acting import Errors, field_errors
from volunteer.web.asked import whole
from volunteer.web.errors import explain
from volunteer.web.identity import current_actor, current_person, requires
from volunteer.web.throttle import Limit, spend
from volunteer.web.unit import transaction

bp = Blueprint("points_give", __name__, url_prefix="/points/give")
LOOK = Limit("points-give", 10, 60)
LOOK_DAY = Limit("points-give-day", 30, 1440)
GOOD_FOR = 15 * 60  # seconds between finding somebody and giving


@bp.get("")
@requires(Permission.POINTS_OWN)
def form() -> ResponseReturnValue:
    """To whom, and how many."""
    return _form({}, {})


@bp.post("")
@requires(Permission.POINTS_OWN)
def look() -> ResponseReturnValue:
    """Ask whether it is the right one: only the name's beginning and end are shown."""
    at, unit, actor = now(), db.session(), current_actor()
    spend(LOOK, str(actor.user_id), at)
    spend(LOOK_DAY, str(actor.user_id), at)
    typed = request.form.get("points", "").strip()
    amount = whole(typed, 7) or 0
    receiver = found_by(unit, actor, request.form.get("number", "")[:40], request.form.get("first", "")[:10], at=at)
    errors: dict[str, list[str]] = {}
    if receiver is None:
        errors["number"] = [_(giving.NOT_THERE)]
    elif receiver.id == actor.user_id:
        errors["number"] = [_(giving.NOT_ONESELF)]
    left = giving.may_still_give(unit, actor, at)
    if amount < 1:
        errors["points"] = [_("The amount must be a whole number above zero.")]
    elif amount > queries.balance(unit, person(current_person().id), Unit.POINTS):
        errors["points"] = [_(giving.TOO_LITTLE)]
    elif left is not None and amount > left:
        errors["points"] = [_("You may give away %(left)s more today.", left=left)]
    if errors or receiver is None:
        return _form(request.form.to_dict(), errors), 422
    token = _signer().dumps([actor.user_id, receiver.id, amount])
    return render_template("points/give_confirm.html", name=masked_name(receiver.name), amount=amount, token=token)


@bp.post("/confirm")
@requires(Permission.POINTS_OWN)
def confirm() -> ResponseReturnValue:
    """Give them."""
    at, actor = now(), current_actor()
    try:
        giver, receiver, amount = _signer().loads(request.form.get("token", "")[:400], max_age=GOOD_FOR)
    except BadSignature:
        raise Conflict("gift_stale", _("That took too long. Please write it down again.")) from None
    if giver != actor.user_id:
        raise NotFound("gift")
    try:
        with transaction() as session:
            giving.give(session, actor, receiver, amount, request.form.get("once", "")[:128], at=at)
    except (Invalid, Conflict) as error:
        if error.code.startswith("once"):
            raise
        db.session.rollback()
        errors: Errors = field_errors(error) if isinstance(error, Invalid) else {}
        return _form({"points": str(amount)}, errors or {"": [explain(error)]}), 409 if isinstance(error, Conflict) else 422
    flash(_("Given. Your neighbour has been told; your name was not."))
    return redirect(url_for("points.show"), code=303)


def _form(values: dict[str, str], errors: Errors) -> str:
    unit, actor = db.session(), current_actor()
    return render_template(
        "points/give.html",
        values=values,
        errors=errors,
        mine=queries.balance(unit, person(current_person().id), Unit.POINTS),
        left=giving.may_still_give(unit, actor, now()),
    )


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.secret_key or "", salt="points-gift")
