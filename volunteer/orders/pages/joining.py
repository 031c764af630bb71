"""重复: "this looks like a request that waits already"; the page of a household that joined; two requests made one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from volunteer.access import Actor, Permission
from volunteer.kernel.clock import now
from volunteer.kernel.db import db
from volunteer.kernel.errors import Conflict, Invalid
from volunteer.orders import queries
from volunteer.orders.lifecycle import OPEN, Status
from volunteer.orders.models import OrderChannel, ServiceOrder
from volunteer.orders.pages.story import REACHED, one_line, tell_story
from volunteer.orders.parts import duplicates, joining
from volunteer.orders.placing import OrderDraft, where_and_what
from volunteer.orders.schemas import OrderForm
from volunteer.places.terms import Clocks
from volunteer.web import county, errors, filters, forms, locale
from volunteer.web.acting import field_errors
from volunteer.web.identity import current_actor, open_to_all, requires
from volunteer.web.pages import NOTICE_VERSION
from volunteer.web.unit import transaction

bp = Blueprint("joining", __name__)
ASIDE = frozenset({"csrf_token", "join", "another", "kept", "photos"})


@dataclass(frozen=True, slots=True)
class Alike:
    """A waiting request that another may repeat: nothing in it names anybody, nor tells a stranger when who is at home."""

    number: str
    title: str
    village: str
    day: str
    line: str
    own: bool
    households: int


def proposed(typed: MultiDict[str, str], at: datetime) -> list[Alike]:
    """Return the waiting requests that a form would repeat; none for a form that is not complete: placing says what is wrong."""
    draft = _draft(typed)
    wrong: dict[str, list[str]] = {}
    located, _item = where_and_what(db.session(), draft, wrong)
    if wrong or located is None:
        return []
    actor = current_actor()
    found = duplicates.alike(db.session(), actor, draft, located, at=at)
    staff = draft.channel is not OrderChannel.WEB
    return [_alike(order, own=not staff and order.resident_id == actor.user_id, staff=staff) for order in found]


def ask(found: Sequence[Alike], typed: MultiDict[str, str], kept: Sequence[str]) -> str:
    """The question, with everything that was typed carried along: it works without a script."""
    carried = [(name, value) for name, value in typed.items(multi=True) if name not in ASIDE]
    return render_template(
        "orders/alike.html",
        found=found,
        carried=carried + [("kept", name) for name in kept],
        action=url_for("placing.new", item=typed.get("item") or None),
    )


def join(typed: MultiDict[str, str], at: datetime) -> str:
    """Join the request that was chosen; return where one goes on. Raises Invalid as placing does."""
    draft = _draft(typed)
    number = typed.get("join", "")[:20]
    with transaction() as unit:
        joined = joining.join_order(unit, current_actor(), number, draft, at=at)
        if draft.channel is not OrderChannel.WEB:
            flash(_("Written down: they hear how request %(number)s goes.", number=number))
            return url_for("desk.order", number=number)
        if joined is None:
            flash(_("This one is being looked after already: request %(number)s. Its page shows how it goes.", number=number))
            order = queries.orders_of(unit, current_actor().user_id or 0, limit=100)
            secret = next((one.secret for one in order if one.number == number), None)
            return url_for("tracking.show", secret=secret) if secret else url_for("tracking.track", number=number)
        return url_for("joining.show", secret=joined.secret, new=1)


@bp.get("/j/<secret>")
@open_to_all
def show(secret: str) -> ResponseReturnValue:
    """How a request goes that one has joined: the steps, and nothing that is the other household's."""
    unit, at = db.session(), now()
    joined = joining.joined_by_secret(unit, secret)
    order = joined.order
    return render_template(
        "orders/joined.html",
        order=order,
        steps=_steps(order, at),
        gone=joined.left_at is not None,
        moving=order.status in OPEN,
        new=request.args.get("new") == "1",
        secret=secret,
        title=filters.named(order.item) if order.item else _("In your own words"),
    )


@bp.post("/j/<secret>/leave")
@open_to_all
def leave(secret: str) -> ResponseReturnValue:
    """No more news."""
    with transaction() as unit:
        joining.leave(unit, secret, at=now())
    flash(_("You hear no more of it. The request itself goes on."))
    return redirect(url_for(".show", secret=secret), code=303)


@bp.post("/orders/<number>/same-as")
@requires(Permission.ORDER_VERIFY)
def merge(number: str) -> ResponseReturnValue:
    """Two requests are one: from the board or from the clerk's page."""
    back = "board.order" if request.form.get("from") == "board" else "desk.order"
    try:
        with transaction() as unit:
            actor = current_actor()
            order = queries.order_for(unit, actor, number)
            into, reason = request.form.get("into", "")[:20], request.form.get("reason", "")
            target = joining.merge_duplicate(unit, actor, order.id, into, reason, at=now())
            joined_to = target.number
    except (Conflict, Invalid) as refused:
        flash(
            "".join(field_errors(refused).get("reason", [])) if isinstance(refused, Invalid) else errors.explain(refused), "soon"
        )
        return redirect(url_for(back, number=number), code=303)
    flash(_("They are one request now. The household hears how %(number)s goes.", number=joined_to))
    return redirect(url_for(back, number=joined_to), code=303)


def beside(session: Session, order: ServiceOrder, actor: Actor, at: datetime, clocks: Clocks | None = None) -> dict[str, Any]:
    """Return what staff see of an order: requests that it may repeat, and how many households wait for it."""
    may = actor.can(Permission.ORDER_VERIFY, at=order.site_path)
    found = duplicates.alike_to(session, order, at=at, clocks=clocks) if may else []
    return {
        "alike": [_alike(one, staff=True) for one in found if actor.can(Permission.ORDER_VERIFY, at=one.site_path)],
        "households": _households(order),
    }


def _alike(order: ServiceOrder, *, own: bool = False, staff: bool = False) -> Alike:
    known = own or staff
    return Alike(
        number=order.number,
        title=filters.named(order.item) if order.item else _("In own words"),
        village=filters.named(order.site),
        day=filters.day(order.placed_at),
        line=one_line(order) if known or order.team is None else _("%(team)s will come", team=filters.named(order.team)),
        own=own,
        households=_households(order),
    )


def _steps(order: ServiceOrder, at: datetime) -> list[dict[str, str]]:
    """The steps for another household: taking it back, correcting and rating it are for the one who asked first."""
    story = tell_story(order, [], at)
    steps = [{"title": step.title, "note": step.note, "at": step.at, "state": step.state} for step in story.steps]
    steps[-1] |= {"title": _("Withdrawn") if order.status is Status.WITHDRAWN else _("Finished"), "note": ""}
    if order.status is Status.REJECTED:
        steps[REACHED[Status.REJECTED]]["note"] = ""
    return steps


def _households(order: ServiceOrder) -> int:
    """How many households wait for it; only an order that others joined says so."""
    return 1 + sum(one.left_at is None for one in (order.part_of or order).joined)


def _draft(typed: MultiDict[str, str]) -> OrderDraft:
    draft: OrderDraft = forms.load_form(OrderForm(county.zone(), NOTICE_VERSION, locale.chosen()), typed)
    return draft
