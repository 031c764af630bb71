"""/till: a code typed or scanned, what it is for, and one button that hands it over. Works on an old phone, without script."""

from __future__ import annotations

from datetime import datetime

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from volunteer.access import Permission
from volunteer.kernel.clock import now
from volunteer.kernel.db import db
from volunteer.kernel.errors import Conflict, Invalid
from volunteer.kernel.text import masked_name
from volunteer.rewards.merchants import collecting, queries
from volunteer.rewards.merchants.belonging import merchants_of
from volunteer.rewards.merchants.collecting import Shown
from volunteer.rewards.merchants.rules import LONGEST
from volunteer.rewards.pages import shop_words
from volunteer.web import throttle
from volunteer.web.acting import run_once
from volunteer.web.errors import explain
from volunteer.web.identity import current_actor, requires

bp = Blueprint("till", __name__, url_prefix="/till")


@bp.get("")
@requires(Permission.TILL_USE)
def show() -> ResponseReturnValue:
    """The field for the code, and what was handed over today. The phone's own camera opens it with the code (``qr``)."""
    scanned = request.args.get("qr", "")[:LONGEST]
    return _look(scanned) if scanned else _page("", "")


@bp.post("")
@requires(Permission.TILL_USE)
def look() -> ResponseReturnValue:
    """What the code is for. Nothing changes yet."""
    return _look(request.form.get("code", "")[:LONGEST])


@bp.post("/collect")
@requires(Permission.TILL_USE)
def collect() -> ResponseReturnValue:
    """Hand it over. Sent twice by the same form, it is done once."""
    typed, at = request.form.get("code", "")[:LONGEST], now()
    actor = current_actor()

    def act(session: Session) -> str:
        return url_for(".show", done=collecting.collect(session, actor, _shown(typed), at=at).id)

    _spend(at)
    try:
        there = run_once(act)
    except (Invalid, Conflict) as error:
        if error.code.startswith("once") or error.code == "still_at_work":
            raise
        return _refused(error, typed)
    _was_right(at)
    return redirect(there, code=303)


def _look(typed: str) -> ResponseReturnValue:
    at = now()
    _spend(at)
    try:
        found = collecting.look(db.session(), current_actor(), _shown(typed), at=at)
    except (Invalid, Conflict) as error:
        return _refused(error, typed)
    _was_right(at)
    who, shut = masked_name(found.person.name), not shop_words.is_open(found.merchant)
    return render_template("rewards/till_found.html", one=found, who=who, code=typed, shut=shut, opening=shop_words.opening)


def _refused(error: Invalid | Conflict, typed: str) -> ResponseReturnValue:
    db.session.rollback()
    if isinstance(error, Conflict):
        return _page("", explain(error)), 409
    return _page(typed, explain(error)), 422


def _page(typed: str, refused: str) -> str:
    unit, at = db.session(), now()
    shops = merchants_of(unit, current_actor(), Permission.TILL_USE)
    today = [(one, masked_name(one.person.name)) for one in queries.at_till(unit, [one.id for one in shops], at)]
    return render_template(
        "rewards/till.html",
        shops=shops,
        today=today,
        typed=typed if len(typed) < 20 else "",
        refused=refused,
        done=next((one for one in today if str(one[0].id) == request.args.get("done")), None),  # not a colleague's
        states=shop_words.REDEMPTIONS,
    )


def _shown(typed: str) -> Shown:
    return Shown(qr=typed) if "VG1" in typed or "://" in typed else Shown(code=typed)


def _spend(at: datetime) -> None:
    for limit in (throttle.TILL_TRY, throttle.TILL_DAY):
        throttle.spend(limit, str(current_actor().user_id), at)


def _was_right(at: datetime) -> None:
    for limit in (throttle.TILL_TRY, throttle.TILL_DAY):
        throttle.give_back(limit, str(current_actor().user_id), at)
