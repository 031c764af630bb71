"""One page for whoever waits: where the order stands, and everything that they may do about it. No account is needed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from volunteer.access import Actor, link_holder
from volunteer.attendance.evidence import next_proof_at
from volunteer.feedback import queries as cases
from volunteer.kernel.clock import now
from volunteer.kernel.db import db
from volunteer.kernel.errors import Conflict, Invalid, NotFound
from volunteer.kernel.serials import tidy_number
from volunteer.kernel.words import N_
from volunteer.orders import changing, queries, rating, rescheduling, serving
from volunteer.orders.afterwards import later, solved
from volunteer.orders.counties import neighbours
from volunteer.orders.days import proposing_times
from volunteer.orders.lifecycle import OPEN, Action, Status, allows
from volunteer.orders.models import ServiceOrder
from volunteer.orders.pages import guessing, pictures
from volunteer.orders.pages.neighbours import asks_resident
from volunteer.orders.pages.parts import parts_of, ratings_of
from volunteer.orders.pages.placing import days, first_choices
from volunteer.orders.pages.speaking import about_order
from volunteer.orders.pages.story import code_is_shown, tell_story, wanted
from volunteer.orders.pages.task_words import answers_of
from volunteer.orders.parts import parting
from volunteer.orders.schemas import CorrectionForm, RatingForm
from volunteer.orders.visits import missing
from volunteer.orders.words import sorting
from volunteer.web import county, forms, throttle
from volunteer.web.acting import field_errors
from volunteer.web.config import current_settings
from volunteer.web.errors import explain
from volunteer.web.identity import current_actor, open_to_all
from volunteer.web.qr import svg
from volunteer.web.unit import transaction

bp = Blueprint("tracking", __name__)
WRONG = N_("Number and code do not belong together. Both are on your slip and in the message that we sent.")
REASONS = (N_("I no longer need it"), N_("Somebody else helped"), N_("The time does not suit"), N_("Ordered by mistake"))
Act = Callable[[Session, Actor, ServiceOrder, datetime], Any]


@bp.get("/track")
@open_to_all
def track() -> ResponseReturnValue:
    """Number and code."""
    return render_template("orders/track.html", values=request.args, errors={})


@bp.post("/track")
@open_to_all
def find() -> ResponseReturnValue:
    """Open the page of the order, or of the case. An unknown number and a wrong code get the same answer."""
    number, code, at = request.form.get("number", ""), request.form.get("code", ""), now()
    throttle.spend_here(throttle.TRACK_ADDRESS, at)
    throttle.spend(throttle.TRACK_NUMBER, tidy_number(number[:40]) or number[:40].strip(), at)
    unit = db.session()
    order = None if cases.is_case_number(number) else queries.order_by_code(unit, number, code)
    case = cases.case_by_code(unit, number, code)
    if order is not None:
        return redirect(url_for(".show", secret=order.secret, by="code"), code=303)
    if case is not None:
        return redirect(url_for("speaking.show", secret=case.secret), code=303)
    return render_template("orders/track.html", values=request.form, errors={"code": [_(WRONG)]}), 422


@bp.get("/o/<secret>")
@open_to_all
def show(secret: str) -> ResponseReturnValue:
    """The page of one order."""
    return _page(secret, {}, MultiDict())


@bp.get("/o/<secret>/now")
@open_to_all
def live(secret: str) -> ResponseReturnValue:
    """Where it stands, as a fragment that the page fetches again and again; unchanged it is a 304."""
    at = now()
    order = _order(secret)
    html = render_template("orders/order_now.html", **_present(order, secret, at), shown=request.args.get("shown", ""))
    response = Response(html)
    response.add_etag()
    response.headers["Cache-Control"] = "private, no-cache"
    return response.make_conditional(request)


@bp.get("/o/<secret>/qr.svg")
@open_to_all
def presence(secret: str) -> ResponseReturnValue:
    """The rotating QR that the team scans at the door: on the day only."""
    at = now()
    order = _order(secret)
    if not code_is_shown(order, at):
        raise NotFound("code")
    path = url_for("visits.scan", number=order.number, proof=serving.presence_proof(order, at))
    return svg(current_settings().public_url.rstrip("/") + path)


@bp.get("/o/<secret>/link.svg")
@open_to_all
def link(secret: str) -> ResponseReturnValue:
    """The address of this page as a QR, for the slip."""
    _order(secret)
    return svg(address_of(secret))


@bp.get("/o/<secret>/slip")
@open_to_all
def slip(secret: str) -> ResponseReturnValue:
    """Number, code and QR on half a sheet of paper."""
    order = _order(secret)
    return render_template("orders/slip.html", order=order, wanted=wanted(order), back=url_for(".show", secret=secret),
                           qr=url_for(".link", secret=secret), home=current_settings().public_url)  # fmt: skip


@bp.get("/o/<secret>/photos/<token>")
@open_to_all
def photo(secret: str, token: str) -> ResponseReturnValue:
    """A photo of this order."""
    return pictures.show_of(_order(secret), token)


@bp.get("/o/<secret>/correct")
@open_to_all
def change(secret: str) -> ResponseReturnValue:
    """The form for another time, address or phone. The phone that we have is never shown."""
    order = _order(secret)
    if order.status not in changing.CORRECTABLE:
        return redirect(url_for(".show", secret=secret))
    values = MultiDict({"address": order.door or "", "words": order.words or ""})
    return _change_form(order, secret, values, {})


@bp.post("/o/<secret>/correct")
@open_to_all
def correct(secret: str) -> ResponseReturnValue:
    """Change it; an order that was not accepted goes to the desk again."""

    def act(unit: Session, actor: Actor, order: ServiceOrder, at: datetime) -> None:
        given = forms.load_form(CorrectionForm(county.zone()), request.form)
        changing.correct_order(unit, actor, order.id, given, at=at)

    try:
        return _do(secret, act, _("Passed on. Everybody concerned has been told."))
    except Invalid as error:
        return _change_form(_order(secret), secret, request.form, field_errors(error)), 422


@bp.post("/o/<secret>/withdraw")
@open_to_all
def withdraw(secret: str) -> ResponseReturnValue:
    """撤单. The reason is one of ours: it is not sealed, so nobody's own words stand there."""
    typed = request.form.get("reason", "")
    reason = typed if typed in {_(words) for words in REASONS} else ""
    return _do(
        secret,
        lambda unit, actor, order, at: changing.withdraw_order(unit, actor, order.id, reason, at=at),
        _("Withdrawn. Thank you for telling us."),
    )


@bp.post("/o/<secret>/nudge")
@open_to_all
def nudge(secret: str) -> ResponseReturnValue:
    """催单."""
    return _do(
        secret,
        lambda unit, actor, order, at: changing.nudge(unit, actor, order.id, at=at),
        _("We have passed it on. Somebody looks at it again now."),
    )


@bp.post("/o/<secret>/nobody-came")
@open_to_all
def nobody_came(secret: str) -> ResponseReturnValue:
    """没人来."""
    return _do(
        secret,
        lambda unit, actor, order, at: missing.nobody_came(unit, actor, order.id, at=at),
        _("We are sorry. The centre knows now and takes care of it at once."),
    )


@bp.post("/o/<secret>/confirm")
@open_to_all
def confirm(secret: str) -> ResponseReturnValue:
    """It took place."""
    return _do(
        secret,
        lambda unit, actor, order, at: changing.confirm_service(unit, actor, order.id, at=at),
        _("Thank you. We have noted that they were there."),
    )


@bp.post("/o/<secret>/rate")
@open_to_all
def rate(secret: str) -> ResponseReturnValue:
    """评单."""

    def act(unit: Session, actor: Actor, order: ServiceOrder, at: datetime) -> None:
        if order.in_parts:
            parting.rate_parts(unit, actor, order.id, ratings_of(order, request.form), at=at)
            return
        rating.rate_order(unit, actor, order.id, forms.load_form(RatingForm, request.form), at=at)

    try:
        return _do(secret, act, _("Thank you for your rating."))
    except Invalid as error:
        return _page(secret, field_errors(error), request.form), 422


@bp.post("/o/<secret>/reopen")
@open_to_all
def reopen(secret: str) -> ResponseReturnValue:
    """还没解决."""
    words = request.form.get("words", "")
    return _do(
        secret,
        lambda unit, actor, order, at: rating.reopen(unit, actor, order.id, words, at=at),
        _("We are sorry. Your request is open again, and we are finding somebody."),
    )


def address_of(secret: str) -> str:
    """Return the whole address of an order's page."""
    return current_settings().public_url.rstrip("/") + url_for("tracking.show", secret=secret)


def _order(secret: str) -> ServiceOrder:
    """The order behind the link: 160 random bits, which nobody guesses."""
    return queries.order_by_secret(db.session(), secret)


@bp.post("/o/<secret>/solved")
@open_to_all
def say_solved(secret: str) -> ResponseReturnValue:
    """真的解决了吗？ "No" opens the same order again."""
    yes, words = request.form.get("solved") == "yes", request.form.get("words", "")
    by_code = request.form.get("by") == "code"
    return _do(
        secret,
        lambda unit, actor, order, at: solved.say_solved(unit, actor, order.id, yes, words, at=at, by_code=by_code),
        _("Thank you. Good to know.") if yes else _("We are sorry. Your request is open again, and we are finding somebody."),
    )


@bp.post("/o/<secret>/meant")
@open_to_all
def mean(secret: str) -> ResponseReturnValue:
    """Which service one's own words mean: the suggested one, or none of them."""
    code = request.form.get("item", "")[:64]

    def act(unit: Session, actor: Actor, order: ServiceOrder, at: datetime) -> None:
        sorting.settle_by_resident(unit, actor, changing.own_order(unit, actor, order.id), code, at=at)

    return _do(secret, act, _("Noted. Thank you.") if code else _("Noted. Somebody of the centre reads what you wrote."))


@bp.post("/o/<secret>/time")
@open_to_all
def answer_time(secret: str) -> ResponseReturnValue:
    """Yes or no to the other time that the team asked for."""
    yes, typed = request.form.get("answer") == "yes", request.form.get("move", "")

    def act(unit: Session, actor: Actor, order: ServiceOrder, at: datetime) -> None:
        if not (typed.isascii() and typed.isdigit() and len(typed) < 10) or request.form.get("answer") not in {"yes", "no"}:
            raise NotFound("move")
        proposing_times.answer_time(unit, actor, order.id, int(typed), yes, at=at)

    return _do(secret, act, _("Thank you. The team knows: this is the time now.") if yes else _("Noted. The old time stays."))


@bp.post("/o/<secret>/hand-over")
@open_to_all
def hand_over(secret: str) -> ResponseReturnValue:
    """Whether a neighbour county may help."""
    agrees = request.form.get("agrees") == "yes"
    return _do(
        secret,
        lambda unit, actor, order, at: neighbours.say(unit, actor, order.id, agrees, at=at),
        _("Thank you. We ask the neighbour county now.") if agrees else _("All right. We go on looking here."),
    )


def _actor(order: ServiceOrder) -> Actor:
    """Whoever owns the order by account acts as themselves, anybody else as the holder of the link."""
    actor = current_actor()
    own = actor.user_id is not None and actor.user_id == order.resident_id
    return actor if own else link_holder(order.id, order.site_path)


def _do(secret: str, act: Act, thanks: str) -> ResponseReturnValue:
    at = now()
    try:
        with transaction() as unit:
            order = queries.order_by_secret(unit, secret)
            act(unit, _actor(order), order, at)
    except Conflict as refused:
        flash(explain(refused), "soon")
    else:
        flash(thanks)
    by: dict[str, Any] = {"by": "code"} if request.form.get("by") == "code" else {}
    return redirect(url_for(".show", secret=secret, **by), code=303)


def _present(order: ServiceOrder, secret: str, at: datetime) -> dict[str, Any]:
    """What the fragment shows: the steps, and on the day the start code with its QR."""
    shown = code_is_shown(order, at)
    return {
        "order": order,
        "secret": secret,
        "story": tell_story(order, queries.guests_of(db.session(), order), at),
        "code": order.start_code if shown else None,
        "step": int(next_proof_at(at).timestamp()) if shown else None,
        "wanted": wanted(order),
        "parts": parts_of(order, secret, at),
        "moving": order.status in OPEN,
    }


def _page(secret: str, errors: dict[str, list[str]], values: MultiDict[str, str]) -> str:
    at, unit = now(), db.session()
    order = _order(secret)
    rateable = order.status is Status.SERVED and order.part_of_id is None
    withdrawable = allows(order.status, Action.WITHDRAW)
    return render_template(
        "orders/order.html",
        **_present(order, secret, at),
        new=request.args.get("new") == "1" and order.status is Status.PLACED,
        by="code" if (request.values.get("by") == "code") else "",
        address=address_of(secret),
        whole=secret.partition(".")[0] if order.part_of is not None else "",
        about=about_order(order),
        meant=guessing.for_resident(unit, order),
        proposed=proposing_times.proposed(order.moves) if order.status is Status.ACCEPTED else None,
        answers=answers_of(order),
        rateable=rateable,
        may_hand_over=asks_resident(unit, order),
        asked=later.open_question(unit, order) is not None,
        reopenable=rating.can_reopen(unit, order, at) and order.status in {Status.SERVED, Status.CLOSED, Status.UNMET},
        withdrawable=withdrawable,
        correctable=order.status in changing.CORRECTABLE,
        nudgeable=order.status in changing.NUDGEABLE,
        missable=missing.may_say(unit, order, at),
        move=rescheduling.open_of(order.moves) if order.status is Status.ACCEPTED else None,
        nudge_wait=changing.nudge_wait(unit, order, at) if order.status in changing.NUDGEABLE else None,
        reasons=[(said, said) for said in map(_, REASONS)] if withdrawable else [],
        tags=[(tag, _(words)) for tag, words in rating.TAGS.items()] if rateable else [],
        errors=errors,
        values=values,
    )


def _change_form(order: ServiceOrder, secret: str, values: MultiDict[str, str], errors: dict[str, list[str]]) -> str:
    return render_template(
        "orders/correct.html", order=order, secret=secret, values=values, errors=errors, wanted=wanted(order),
        first=first_choices(), days=days(now()), rejected=order.status is Status.REJECTED,
    )  # fmt: skip
