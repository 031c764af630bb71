"""The clerk's first page: what waits to be verified, ordering for a caller or walk-in, slips, rating for who calls."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from volunteer.access import Permission
from volunteer.audit.recording import record
from volunteer.catalogue import queries as catalogue
from volunteer.kernel.clock import now
from volunteer.kernel.db import db
from volunteer.kernel.errors import Conflict, Invalid, NotFound
from volunteer.kernel.words import N_
from volunteer.orders import placing, queries, rating
from volunteer.orders.afterwards import later, queries_cases
from volunteer.orders.afterwards.solved import say_solved
from volunteer.orders.lifecycle import Status
from volunteer.orders.models import ServiceOrder
from volunteer.orders.pages import guessing, joining, pictures
from volunteer.orders.pages.parts import parts_of, ratings_of
from volunteer.orders.pages.story import one_line, wanted
from volunteer.orders.pages.task_words import answers_of
from volunteer.orders.pages.tracking import address_of
from volunteer.orders.parts import parting
from volunteer.orders.schemas import RatingForm
from volunteer.web import filters, forms
from volunteer.web.acting import field_errors
from volunteer.web.asked import whole
from volunteer.web.config import current_settings
from volunteer.web.errors import explain
from volunteer.web.identity import current_actor, requires
from volunteer.web.qr import svg
from volunteer.web.unit import transaction

bp = Blueprint("desk", __name__, url_prefix="/desk")
TABS = {"placed": N_("To check"), "served": N_("To rate"), "all": N_("All")}
REASONS = (
    N_("This is not something volunteers can do"),
    N_("This is for the property management or the public service"),
    N_("We could not reach you"),
    N_("It has been ordered already"),
)
Act = Callable[[Session, ServiceOrder, datetime], Any]


@bp.get("")
@requires(Permission.ORDER_VERIFY)
def show() -> ResponseReturnValue:
    """What waits, the most urgent promise first."""
    unit, actor = db.session(), current_actor()
    tab = request.args.get("tab", "placed")
    tab = tab if tab in TABS else "placed"
    words = request.args.get("q", "")[:60].strip()
    typed = request.args.get("after", "0")
    after = whole(typed, 6) or 0
    page = queries.desk_orders(unit, actor, tab, words=words, after=after)
    counts = queries.desk_counts(unit, actor)
    carried: dict[str, Any] = {"q": words} if words else {}
    return render_template(
        "orders/desk.html",
        tab=tab,
        choices=[
            {"label": _(label), "href": url_for(".show", tab=name, **carried), "count": counts.get(name), "current": name == tab}
            for name, label in TABS.items()
        ],
        words=words,
        rows=[_row(order, now()) for order in page.rows],
        next=url_for(".show", tab=tab, after=page.next_key, **carried) if page.next_key else None,
        previous=url_for(".show", tab=tab, after=max(0, after - queries.PAGE), **carried) if after else None,
    )


@bp.get("/orders/<number>")
@requires(Permission.ORDER_VERIFY)
def order(number: str) -> ResponseReturnValue:
    """One order. What the resident wrote is private: opening the page is written down."""
    return _page(number, {}, MultiDict())


@bp.post("/orders/<number>/details")
@requires(Permission.ORDER_SEE_PRIVATE)
def details(number: str) -> ResponseReturnValue:
    """Show name, phone and door for a call; this look is written down by itself."""
    return _page(number, {}, MultiDict(), details=True)


@bp.post("/orders/<number>/verify")
@requires(Permission.ORDER_VERIFY)
def verify(number: str) -> ResponseReturnValue:
    """It is real, and it is this service."""

    def act(unit: Session, found: ServiceOrder, at: datetime) -> None:
        typed = request.form.get("item", "")
        item_id = whole(typed)
        urgent = request.form.get("urgent") == "yes"
        placing.verify_order(unit, current_actor(), found.id, item_id=item_id, urgent=urgent, at=at)

    return _do(number, act, _("Checked. The dispatcher has it now."))


@bp.post("/orders/<number>/reject")
@requires(Permission.ORDER_VERIFY)
def reject(number: str) -> ResponseReturnValue:
    """Not for us, with the reason that the resident reads."""
    reason = request.form.get("reason_words", "").strip() or request.form.get("reason", "")
    return _do(
        number,
        lambda unit, found, at: placing.reject_order(unit, current_actor(), found.id, reason, at=at),
        _("Not accepted. The resident has been told why."),
    )


@bp.post("/orders/<number>/rate")
@requires(Permission.ORDER_RATE_FOR_OTHERS)
def rate(number: str) -> ResponseReturnValue:
    """评单 for a resident who calls."""

    def act(unit: Session, found: ServiceOrder, at: datetime) -> None:
        if found.in_parts:
            parting.rate_parts(unit, current_actor(), found.id, ratings_of(found, request.form), at=at)
        else:
            rating.rate_order(unit, current_actor(), found.id, forms.load_form(RatingForm, request.form), at=at)

    return _do(number, act, _("Written down as the resident said it."))


@bp.post("/orders/<number>/solved")
@requires(Permission.ORDER_RATE_FOR_OTHERS)
def solved(number: str) -> ResponseReturnValue:
    """真的解决了吗？ for a resident who calls; "no" opens the same order again."""

    def act(unit: Session, found: ServiceOrder, at: datetime) -> None:
        if (said := request.form.get("solved")) not in {"yes", "no"}:
            raise Invalid.field("solved", N_("Please choose one of these."))
        words = request.form.get("said", "").replace("\0", "")
        say_solved(unit, current_actor(), found.id, said == "yes", words, at=at)

    return _do(number, act, _("Written down as the resident said it."))


@bp.get("/orders/<number>/slip")
@requires(Permission.ORDER_PLACE_FOR_OTHERS)
def slip(number: str) -> ResponseReturnValue:
    """The slip for a caller or walk-in: only for the clerk who ordered, only that day; written down."""
    found = _slip_of(number)
    with transaction() as unit:
        record(unit, current_actor(), "slip_shown", f"order:{found.id}", at=now(), site_path=found.site_path)
    found = _slip_of(number)
    return render_template("orders/slip.html", order=found, wanted=wanted(found), back=url_for(".show"),
                           qr=url_for(".qr", number=number), home=current_settings().public_url)  # fmt: skip


@bp.get("/orders/<number>/qr.svg")
@requires(Permission.ORDER_PLACE_FOR_OTHERS)
def qr(number: str) -> ResponseReturnValue:
    """The QR of that slip."""
    return svg(address_of(_slip_of(number).secret or ""))


@bp.get("/orders/<number>/photos/<token>")
@requires(Permission.ORDER_VERIFY)
def photo(number: str, token: str) -> ResponseReturnValue:
    """A photo that came with the order."""
    return pictures.show_of(_found(db.session(), number), token)


def _found(unit: Session, number: str) -> ServiceOrder:
    found = queries.order_for(unit, current_actor(), number)
    if not current_actor().can(Permission.ORDER_VERIFY, at=found.site_path):
        raise NotFound("order")
    return found


def _slip_of(number: str) -> ServiceOrder:
    found = _found(db.session(), number)
    if not queries.may_print_slip(found, current_actor(), now()):
        raise NotFound("slip")
    return found


def _do(number: str, act: Act, thanks: str) -> ResponseReturnValue:
    try:
        with transaction() as unit:
            act(unit, _found(unit, number), now())
    except Invalid as error:
        return _page(number, field_errors(error), request.form), 422
    except Conflict as refused:
        flash(explain(refused), "soon")
        return redirect(url_for(".order", number=number), code=303)
    flash(thanks)
    return redirect(url_for(".show"), code=303)


def _page(number: str, errors: dict[str, list[str]], values: MultiDict[str, str], *, details: bool = False) -> str:
    at, actor = now(), current_actor()
    with transaction() as unit:
        found = _found(unit, number)
        fields = ["words", "photos", *(["contact", "phone", "door"] if details else [])]
        record(unit, actor, "private_seen", f"order:{found.id}", at=at, site_path=found.site_path, fields=fields, on="desk")
    unit = db.session()
    found = _found(unit, number)
    words = found.words or ""
    waiting = found.status is Status.PLACED
    hints = guessing.for_staff(unit, found, words) if waiting else {}
    return render_template(
        "orders/desk_order.html",
        order=found,
        words=words,
        details=details,
        answers=answers_of(found),
        line=one_line(found),
        wanted=wanted(found),
        waiting=waiting,
        parts=parts_of(found, "", at),
        **joining.beside(unit, found, actor, at),
        menu=_choices(unit, found, hints.get("suggested")) if waiting else [],
        **hints,
        slip=queries.may_print_slip(found, actor, at),
        dispatches=actor.can(Permission.ORDER_DISPATCH, at=found.site_path),
        may_see_markers=actor.can(Permission.MARKERS_SEE, at=found.site_path),
        asks_solved=found.status is Status.CLOSED and found.served_at is not None and later.answered(unit, found) is None,
        may_reopen=rating.can_reopen(unit, found, at),
        has_cases=queries_cases.has_cases(unit, actor, found),
        reasons=[(_(words), _(words)) for words in REASONS],
        tags=[(tag, _(words)) for tag, words in rating.TAGS.items()],
        errors=errors,
        values=values or MultiDict({"item": _likely(found, hints), "urgent": "yes" if found.urgent else ""}),
    )


def _likely(found: ServiceOrder, hints: dict[str, Any]) -> str:
    """The service that stands chosen to begin with: the order's own, else the suggested one when it is likely."""
    suggested = hints.get("suggested")
    return str(found.item_id or (suggested["item"].id if suggested and suggested["likely"] else ""))


def _choices(unit: Session, found: ServiceOrder, suggested: dict[str, Any] | None) -> list[Any]:
    """The menu for the verifier: what the words suggest first, then everything by category."""
    first = [suggested["item"], *suggested["others"]] if suggested else []
    groups = [(_("Suggested"), [(item.id, filters.named(item)) for item in first])] if first else []
    by_category = catalogue.menu(unit, found.site_path)
    groups += [(filters.named(part.category), [(item.id, filters.named(item)) for item in part.items]) for part in by_category]
    return groups


def _row(found: ServiceOrder, at: datetime) -> dict[str, Any]:
    tone = None
    if found.due_at is not None and found.status is Status.PLACED:
        left = (found.due_at - at).total_seconds()
        tone = "late" if left < 0 else "soon" if left < (found.due_at - found.placed_at).total_seconds() / 3 else None
    return {"order": found, "tone": tone, "line": one_line(found)}
