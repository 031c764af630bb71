"""转派 between counties: agreements, proposals, the resident's yes, and what a neighbour asks of us."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from volunteer.access import Actor, Permission, is_county
from volunteer.kernel.clock import local_date, now
from volunteer.kernel.db import db
from volunteer.kernel.errors import Conflict, Invalid, NotFound
from volunteer.kernel.words import N_
from volunteer.orders import queries_board
from volunteer.orders.counties import neighbours
from volunteer.orders.counties.lifecycle import GOING_ON, HandOverState
from volunteer.orders.lifecycle import Action, allows
from volunteer.orders.models import ServiceOrder
from volunteer.orders.pages.story import one_line, wanted
from volunteer.places.models import Site
from volunteer.web import county, errors, filters
from volunteer.web.acting import field_errors
from volunteer.web.asked import whole
from volunteer.web.identity import current_actor, requires
from volunteer.web.unit import transaction

bp = Blueprint("neighbours", __name__)
LOOK_BACK = timedelta(days=60)
SAYS = {
    HandOverState.PROPOSED: N_("The resident is asked whether they agree."),
    HandOverState.AGREED: N_("The resident agreed. The neighbour county is asked."),
    HandOverState.ACCEPTED: N_("The neighbour county has it."),
    HandOverState.DECLINED: N_("The resident did not want it."),
    HandOverState.REFUSED: N_("The neighbour county cannot take it."),
    HandOverState.TAKEN_BACK: N_("The proposal was taken back."),
    HandOverState.RETURNED: N_("The neighbour county gave it back."),
}
Act = Callable[[Session, ServiceOrder, datetime], Any]


@bp.get("/manage/neighbours")
@requires(Permission.PLACES_MANAGE)
def show() -> ResponseReturnValue:
    """The agreements, and a form for another."""
    return _agreements({}, {})


@bp.post("/manage/neighbours")
@requires(Permission.PLACES_MANAGE)
def add() -> ResponseReturnValue:
    """Write an agreement down."""
    typed = request.form
    draft = neighbours.NeighbourDraft(
        neighbour_id=_id(typed.get("neighbour", "")),
        contact=_clean("contact"),
        phone=_clean("phone"),
        agreement=_clean("agreement"),
        since=_day("since"),
        until=_day("until"),
    )
    own = _own_counties(current_actor())
    site_id = _id(typed.get("site", "")) or (own[0][0] if own else 0)
    try:
        with transaction() as unit:
            neighbours.add_neighbour(unit, current_actor(), site_id, draft, at=now())
    except Invalid as error:
        return _agreements(typed, field_errors(error)), 422
    flash(_("Written down. Dispatchers can hand requests over now."))
    return redirect(url_for(".show"), code=303)


@bp.post("/manage/neighbours/<int:neighbour_id>/end")
@requires(Permission.PLACES_MANAGE)
def end(neighbour_id: int) -> ResponseReturnValue:
    """No more hand-overs from today on."""
    with transaction() as unit:
        neighbours.end_neighbour(unit, current_actor(), neighbour_id, at=now())
    flash(_("Ended. What was handed over stays where it is."))
    return redirect(url_for(".show"), code=303)


@bp.get("/board/hand-overs")
@requires(Permission.ORDER_DISPATCH)
def asked() -> ResponseReturnValue:
    """What neighbours ask of us, and what we asked of them."""
    unit, actor, at = db.session(), current_actor(), now()
    coming, going = neighbours.waiting_for(unit, actor), neighbours.sent_by(unit, actor, since=at - LOOK_BACK)
    return render_template(
        "orders/hand_overs.html",
        coming=[(one, _title(one.order), wanted(one.order), _county(unit, one.order)) for one in coming],
        going=[(one, _title(one.order), _(SAYS[one.state]), one_line(one.order)) for one in going],
    )


@bp.post("/board/hand-overs/<int:hand_over_id>/answer")
@requires(Permission.ORDER_DISPATCH)
def answer(hand_over_id: int) -> ResponseReturnValue:
    """Take it, or say why not."""
    accepts = request.form.get("accepts") == "yes"
    try:
        with transaction() as unit:
            going = neighbours.answer(unit, current_actor(), hand_over_id, accepts, request.form.get("words", ""), at=now())
            number = going.order.number
    except (Conflict, Invalid) as refused:
        flash(_refusal(refused), "soon")
        return redirect(url_for(".asked"), code=303)
    flash(_("It is yours now. Choose a team.") if accepts else _("Said. They look for somebody else."))
    return redirect(url_for("board.order", number=number) if accepts else url_for(".asked"), code=303)


@bp.post("/board/orders/<number>/hand-over")
@requires(Permission.ORDER_DISPATCH)
def propose(number: str) -> ResponseReturnValue:
    """Propose a neighbour county; the resident is asked."""
    site_id, reason = _id(request.form.get("county", "")), request.form.get("reason", "")
    return _do(
        number,
        lambda unit, order, at: neighbours.propose(unit, current_actor(), order.id, site_id, reason, at=at),
        _("The resident is asked now. You can also ring them and write down what they say."),
    )


@bp.post("/board/orders/<number>/hand-over/heard")
@requires(Permission.ORDER_VERIFY)
def heard(number: str) -> ResponseReturnValue:
    """The resident said it by phone or in person."""
    agrees = request.form.get("agrees") == "yes"
    return _do(
        number,
        lambda unit, order, at: neighbours.say(unit, current_actor(), order.id, agrees, at=at, heard=True),
        _("Written down, with your name as the one who heard it."),
    )


@bp.post("/board/orders/<number>/hand-over/take-back")
@requires(Permission.ORDER_DISPATCH)
def take_back(number: str) -> ResponseReturnValue:
    """No longer wanted."""
    return _do(
        number,
        lambda unit, order, at: neighbours.take_back(unit, current_actor(), order.id, at=at),
        _("Taken back."),
    )


@bp.post("/board/orders/<number>/hand-over/return")
@requires(Permission.ORDER_DISPATCH)
def give_back(number: str) -> ResponseReturnValue:
    """We cannot do it after all: it goes home."""
    reason = request.form.get("reason", "")
    done = _do(
        number,
        lambda unit, order, at: neighbours.give_back(unit, current_actor(), order.id, reason, at=at),
        _("Given back. The other county has been told."),
    )
    return redirect(url_for(".asked"), code=303) if "order" not in _seen(number) else done


def on_board(session: Session, order: ServiceOrder, actor: Actor, acts: bool, at: datetime) -> dict[str, Any]:
    """Return what the board's panel offers: counties to hand it to, and where a hand-over stands."""
    if not acts or not allows(order.status, Action.HAND_OVER) or order.part_of_id is not None:
        return {"hand_over": None, "counties": []}
    if order.is_away:
        return {"hand_over": None, "counties": [], "came_from": _county(session, order)}
    going = neighbours.latest(session, order)
    open_now = going if going is not None and going.state in GOING_ON else None
    choices = [] if open_now else [(one.neighbour_id, one) for one in neighbours.neighbours_of(session, order, at=at)]
    return {
        "hand_over": open_now,
        "hand_over_says": _(SAYS[open_now.state]) if open_now else "",
        "counties": [(site_id, filters.named(one.neighbour), one.phone) for site_id, one in choices],
    }


def asks_resident(session: Session, order: ServiceOrder) -> str:
    """Return the county whose help the resident is asked about now; nothing when nobody asks."""
    going = neighbours.latest(session, order) if allows(order.status, Action.HAND_OVER) and not order.is_away else None
    return filters.named(going.target) if going is not None and going.state is HandOverState.PROPOSED else ""


def _do(number: str, act: Act, thanks: str) -> ResponseReturnValue:
    try:
        with transaction() as unit:
            act(unit, queries_board.order_of_number(unit, current_actor(), number), now())
    except (Conflict, Invalid) as refused:
        flash(_refusal(refused), "soon")
    else:
        flash(thanks)
    return redirect(url_for("board.order", number=number), code=303)


def _seen(number: str) -> set[str]:
    """Whether the order is still on this dispatcher's board."""
    try:
        queries_board.peek(db.session(), current_actor(), number)
    except NotFound:
        return set()
    return {"order"}


def _refusal(refused: Conflict | Invalid) -> str:
    if isinstance(refused, Invalid):
        return " ".join(words for listed in field_errors(refused).values() for words in listed)
    return errors.explain(refused)


def _agreements(values: Mapping[str, str], wrong: dict[str, list[str]]) -> str:
    unit, actor = db.session(), current_actor()
    own = _own_counties(actor)
    mine = {site_id for site_id, _name in own}
    today = local_date(now(), county.zone())
    return render_template(
        "orders/neighbours.html",
        rows=[(one, one.holds_on(today), one.since > today) for one in neighbours.neighbours_here(unit, actor)],
        own=own,
        others=[(site.id, filters.named(site)) for site in neighbours.counties(unit) if site.id not in mine or len(mine) > 1],
        values=values or {"since": today.isoformat()},
        errors=wrong,
    )


def _own_counties(actor: Actor) -> list[tuple[int, str]]:
    own = {path for path in actor.scopes(Permission.PLACES_MANAGE) if is_county(path) or path == "/"}
    return [(site.id, filters.named(site)) for site in neighbours.counties(db.session()) if site.path in own or "/" in own]


def _title(order: ServiceOrder) -> str:
    return filters.named(order.item) if order.item else _("In own words")


def _county(session: Session, order: ServiceOrder) -> str:
    """The name of the county that the order is from."""
    return filters.named(session.get_one(Site, int(order.site_path.split("/")[1])))


def _id(typed: str) -> int:
    return whole(typed) or 0


def _clean(name: str) -> str:
    return " ".join(request.form.get(name, "").replace("\0", "").split())


def _day(name: str) -> date | None:
    try:
        return date.fromisoformat(request.form.get(name, "").strip()[:10])
    except ValueError:
        return None
