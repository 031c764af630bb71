"""One order in parts, for the dispatcher who splits it and for the resident who follows it; and passing an order down."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from marshmallow import ValidationError
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from volunteer.access import Actor, Permission
from volunteer.attendance.evidence import next_proof_at
from volunteer.catalogue import queries as catalogue
from volunteer.kernel.clock import now
from volunteer.kernel.db import db
from volunteer.kernel.errors import Conflict, Invalid
from volunteer.orders import queries_board
from volunteer.orders.counties import handing_over
from volunteer.orders.lifecycle import Action, allows
from volunteer.orders.models import ServiceOrder
from volunteer.orders.pages.placing import days
from volunteer.orders.pages.story import code_is_shown, one_line, wanted
from volunteer.orders.parts import parting, parting_rules
from volunteer.orders.parts.parting_rules import PartDraft
from volunteer.orders.rating import TAGS, RatingDraft
from volunteer.orders.schemas import BAD_TIME, wish_of
from volunteer.web import county, errors, filters
from volunteer.web.acting import field_errors
from volunteer.web.asked import whole
from volunteer.web.identity import current_actor, requires
from volunteer.web.unit import transaction

bp = Blueprint("parts", __name__)
SHOWN = 3  # lines of the form that are open; the others unfold
FIELDS = ("item", "words", "when")


@dataclass(frozen=True, slots=True)
class PartSeen:
    """A part as the resident's page shows it."""

    number: int
    title: str
    line: str
    status: str
    secret: str
    code: str | None
    step: int | None
    rated: bool
    served: bool


@dataclass(frozen=True, slots=True)
class Sibling:
    """A part, or the whole, as the board links to it."""

    number: str
    title: str
    status: str
    current: bool


@dataclass(frozen=True, slots=True)
class OnBoard:
    """What the board's panel says about an order's parts, and which desks below it could go to."""

    words: str
    whole: str  # number of the whole, when this is a part
    rows: list[Sibling]
    may_split: bool
    may_merge: bool
    below: list[tuple[int, str]]


@bp.get("/board/orders/<number>/split")
@requires(Permission.ORDER_DISPATCH)
def form(number: str) -> ResponseReturnValue:
    """The parts to be: the first is what the order is now."""
    order = queries_board.order_of_number(db.session(), current_actor(), number)
    if not parting.may_split(current_actor(), order):
        return redirect(url_for("board.order", number=number))
    return _form(order, MultiDict({"item-1": str(order.item_id)}), {})


@bp.post("/board/orders/<number>/split")
@requires(Permission.ORDER_DISPATCH)
def split(number: str) -> ResponseReturnValue:
    """拆单."""
    values = _closed_up(request.form)
    try:
        drafts = _drafts(values)
        with transaction() as unit:
            order = queries_board.order_of_number(unit, current_actor(), number)
            parting.split_order(unit, current_actor(), order.id, drafts, at=now())
    except Invalid as error:
        order = queries_board.order_of_number(db.session(), current_actor(), number)
        return _form(order, values, field_errors(error)), 422
    except Conflict as refused:
        flash(errors.explain(refused), "soon")
        return redirect(url_for("board.order", number=number), code=303)
    flash(_("Split. Each part waits for a team of its own; the resident has been told."))
    return redirect(url_for("board.order", number=number), code=303)


@bp.post("/board/orders/<number>/merge")
@requires(Permission.ORDER_DISPATCH)
def merge(number: str) -> ResponseReturnValue:
    """Back together."""
    try:
        with transaction() as unit:
            order = queries_board.order_of_number(unit, current_actor(), number)
            parting.merge_parts(unit, current_actor(), order.id, at=now())
    except Conflict as refused:
        flash(errors.explain(refused), "soon")
    else:
        flash(_("Together again. Now choose a team."))
    return redirect(url_for("board.order", number=number), code=303)


@bp.post("/board/orders/<number>/pass-down")
@requires(Permission.ORDER_DISPATCH)
def pass_down(number: str) -> ResponseReturnValue:
    """层层派单."""
    typed = request.form.get("desk", "")
    site_id = whole(typed)
    try:
        with transaction() as unit:
            order = queries_board.order_of_number(unit, current_actor(), number)
            reason = request.form.get("reason", "")
            passed = handing_over.pass_down(unit, current_actor(), order.id, site_id, reason, at=now())
            desk = filters.named(passed.desk)
    except (Conflict, Invalid) as refused:
        flash(errors.explain(refused), "soon")
    else:
        flash(_("Passed down to %(desk)s. Its dispatchers have been told.", desk=desk))
    return redirect(url_for("board.order", number=number), code=303)


def on_board(session: Session, order: ServiceOrder, actor: Actor, acts: bool, at: datetime) -> OnBoard:
    """Return the parts beside an order that is opened on the board. ``acts``: this dispatcher may act on it now."""
    whole = order if order.in_parts else order.part_of if order.part_number is not None else None
    parts = whole.parts if whole is not None else ()
    done, total = parting_rules.tally([part.status for part in parts])
    rows = [
        Sibling(part.number, filters.named(part.item) if part.item else part.number, part.status.value, part is order)
        for part in parts
    ]
    return OnBoard(
        words=_("%(done)s of %(total)s parts are done", done=done, total=total) if parts else "",
        whole=whole.number if whole is not None and whole is not order else "",
        rows=rows,
        may_split=acts and parting.may_split(actor, order),
        may_merge=acts and bool(order.in_parts) and parting.may_merge(order),
        below=[(site.id, filters.named(site)) for site in handing_over.desks_below(session, order, at=at)]
        if acts and allows(order.status, Action.HAND_OVER)
        else [],
    )


def parts_of(order: ServiceOrder, secret: str, at: datetime) -> list[PartSeen]:
    """Return the parts of an order for its resident, each with its own start code on the day."""
    seen = []
    for part in order.parts if order.in_parts else ():
        shown = code_is_shown(part, at)
        seen.append(
            PartSeen(
                number=part.part_number or 0,
                title=filters.named(part.item) if part.item else "",
                line=one_line(part),
                status=part.status.value,
                secret=f"{secret}.{part.part_number}",
                code=part.start_code if shown else None,
                step=int(next_proof_at(at).timestamp()) if shown else None,
                rated=part.rating is not None,
                served=part.served_at is not None,
            )
        )
    return seen


def ratings_of(order: ServiceOrder, given: MultiDict[str, str]) -> dict[int, RatingDraft]:
    """Read what was said of each part; a part without stars is left out, which the verb refuses."""
    drafts = {}
    for part in order.parts:
        number = part.part_number or 0
        stars = given.get(f"stars-{number}", "")
        tags = tuple(tag for tag in given.getlist(f"tags-{number}") if tag in TAGS)
        words = given.get(f"words-{number}", "").replace("\0", "")
        if stars in {"1", "2", "3", "4", "5"}:
            drafts[number] = RatingDraft(stars=int(stars), tags=tags, words=words, by_code=given.get("by") == "code")
    return drafts


def _form(order: ServiceOrder, values: Mapping[str, str], wrong: dict[str, list[str]]) -> str:
    menu = catalogue.menu(db.session(), order.site_path)
    times = []
    for day in days(now()):
        free = [(value, f"{day['label']} · {label}") for value, label, is_free in day["cells"] if is_free]
        times += [(day["label"], free)] if free else []
    return render_template(
        "orders/split.html",
        order=order,
        lines=range(1, parting_rules.MOST + 1),
        shown=SHOWN,
        menu=[(filters.named(part.category), [(item.id, filters.named(item)) for item in part.items]) for part in menu],
        times=times,
        wanted=wanted(order),
        values=values,
        errors=wrong,
    )


def _closed_up(given: MultiDict[str, str]) -> MultiDict[str, str]:
    """Leave out the lines that were not used, so that the parts are numbered as they will be."""
    lines = []
    for number in range(1, parting_rules.MOST + 1):
        line = {name: given.get(f"{name}-{number}", "").replace("\0", "").strip() for name in FIELDS}
        if any(line.values()):
            lines.append(line)
    return MultiDict({f"{name}-{number}": line[name] for number, line in enumerate(lines, 1) for name in FIELDS})


def _drafts(values: MultiDict[str, str]) -> list[PartDraft]:
    drafts, wrong = [], {}
    for number in range(1, parting_rules.MOST + 1):
        if f"item-{number}" not in values:
            break
        typed, when = values[f"item-{number}"], values[f"when-{number}"]
        item_id = whole(typed)
        wish: Any = None
        try:
            wish = wish_of(when, county.zone()) if when else None
        except ValidationError:
            wrong[f"when-{number}"] = [BAD_TIME]
        begins, ends = (wish.begins, wish.ends) if wish is not None else (None, None)
        drafts.append(PartDraft(item_id, values[f"words-{number}"], begins, ends))
    if wrong:
        raise Invalid("parts_invalid", _("Please check the fields that are marked."), wrong)
    return drafts
