"""派单台: what waits, whom to ask, and why. Every GET works without script; the list is asked for again every five seconds."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime

from flask import Blueprint, Response, flash, jsonify, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from volunteer.access import Permission
from volunteer.audit.recording import record
from volunteer.catalogue import queries as catalogue
from volunteer.kernel.clock import now
from volunteer.kernel.db import db
from volunteer.kernel.errors import Conflict, Invalid
from volunteer.orders import dispatching, holding, placing, queries_board, reach
from volunteer.orders.pages import board_views, guessing, joining, neighbours, parts, pool_words
from volunteer.orders.queries_board import Filter
from volunteer.places.policies import clocks_at
from volunteer.web import errors, filters
from volunteer.web.identity import current_actor, requires, safe_path
from volunteer.web.locale import chosen as language
from volunteer.web.unit import transaction

bp = Blueprint("board", __name__)
PANEL = "X-Panel"  # asked for by the script: only the order's panel


@bp.get("/board")
@requires(Permission.ORDER_DISPATCH)
def show() -> ResponseReturnValue:
    """The list beside the map."""
    return render_template("orders/board.html", **_board(_chosen(), now()), panel=None)


@bp.get("/board/rows")
@requires(Permission.ORDER_DISPATCH)
def rows() -> ResponseReturnValue:
    """The list alone, for the page that is open: answered with 304 as long as nothing has changed."""
    chosen, at, actor = _chosen(), now(), current_actor()
    tally = queries_board.tally(db.session(), actor, chosen, at)
    opened = request.args.get("open")
    tag = _tag(chosen, tally.mark, opened, actor.user_id, at)
    if tag in request.if_none_match:
        return _unchanged(tag)
    found = queries_board.rows(db.session(), actor, chosen, at)
    listed = board_views.listed(found, chosen, actor, at, opened) | {"rules": pool_words.chips(db.session(), found, at)}
    return _tagged(render_template("orders/board_rows.html", tabs=board_views.tabs(tally, chosen), chosen=chosen, **listed), tag)


@bp.get("/board/next")
@requires(Permission.ORDER_DISPATCH)
def following() -> ResponseReturnValue:
    """The next order that needs a hand, in the same list; the list itself when there is none."""
    return redirect(_next(request.args.get("but", "")[:20]) or url_for(".show", **_chosen().address()))


@bp.post("/board/go-on")
@requires(Permission.ORDER_DISPATCH)
def go_on() -> ResponseReturnValue:
    """Whether the next order opens by itself when this one is done: this browser's choice."""
    session["go_on"] = request.form.get("go_on") == "yes"
    return redirect(safe_path(request.form.get("back", "")) or url_for(".show"), code=303)


@bp.get("/board/pins")
@requires(Permission.ORDER_DISPATCH)
def pins() -> ResponseReturnValue:
    """Where the orders of the list are, for the map."""
    chosen, at, actor = _chosen(), now(), current_actor()
    tag = _tag(chosen, queries_board.tally(db.session(), actor, chosen, at).mark, "pins", actor.user_id, at)
    if tag in request.if_none_match:
        return _unchanged(tag)
    found = queries_board.pins(db.session(), actor, chosen, at)
    return _tagged(jsonify(pins=[board_views.pin(order, chosen, at) for order in found]), tag)


@bp.get("/board/orders/<number>")
@requires(Permission.ORDER_DISPATCH)
def order(number: str) -> ResponseReturnValue:
    """One order, opened: who opens it first holds it, and the others see who has it."""
    _open(number)
    return _order_page(number)


@bp.get("/board/orders/<number>/live")
@requires(Permission.ORDER_DISPATCH)
def live(number: str) -> ResponseReturnValue:
    """Whether the opened order has moved on, and who holds it: what the panel's head asks every five seconds."""
    at, actor = now(), current_actor()
    found = queries_board.now_of(db.session(), actor, number)
    seen = request.args.get("v", "")
    tag = _tag(_chosen(), repr(found), seen, actor.user_id, at)
    if tag in request.if_none_match:
        return _unchanged(tag)
    held = found.until is not None and found.until > at and found.person_id != actor.user_id
    words = {"holder": found.holder if held else None, "moved": seen != str(found.version), "number": number}
    return _tagged(render_template("orders/board_live.html", chosen=_chosen(), **words), tag)


@bp.post("/board/orders/<number>/reveal")
@requires(Permission.ORDER_SEE_PRIVATE)
def reveal(number: str) -> ResponseReturnValue:
    """Name, phone and door: shown once, and the look is written down."""
    at, actor = now(), current_actor()
    with transaction() as unit:
        found = queries_board.order_of_number(unit, actor, number)
        reach.must(actor, Permission.ORDER_SEE_PRIVATE, found)
        record(
            unit, actor, "private_seen", f"order:{found.id}", at=at, site_path=found.site_path,
            fields=["contact", "phone", "door"],
        )  # fmt: skip
    return _order_page(number, revealed=True)


@bp.post("/board/orders/<number>/verify")
@requires(Permission.ORDER_VERIFY)
def verify(number: str) -> ResponseReturnValue:
    def act(session: Session, order_id: int, at: datetime) -> str:
        holding.take_hold(session, current_actor(), order_id, at=at)
        urgent = request.form.get("urgent") == "yes"
        placing.verify_order(session, current_actor(), order_id, item_id=_id(request.form.get("item")), urgent=urgent, at=at)
        return _("Verified. Now choose a team.")

    return _do(number, act)


@bp.post("/board/orders/<number>/reject")
@requires(Permission.ORDER_VERIFY)
def reject(number: str) -> ResponseReturnValue:
    def act(session: Session, order_id: int, at: datetime) -> str:
        holding.take_hold(session, current_actor(), order_id, at=at)
        placing.reject_order(session, current_actor(), order_id, request.form.get("reason", ""), at=at)
        return _("Not accepted. The resident reads your reason and can correct the request.")

    return _do(number, act, done=True)


@bp.post("/board/orders/<number>/offer")
@requires(Permission.ORDER_DISPATCH)
def offer(number: str) -> ResponseReturnValue:
    def act(session: Session, order_id: int, at: datetime) -> str:
        teams = [team for typed in request.form.getlist("team") if (team := _id(typed))]
        made = dispatching.offer_to(session, current_actor(), order_id, teams, at=at)
        names = _(", ").join(filters.named(one.team) for one in made)
        return _("Sent to %(teams)s. Answer by %(until)s.", teams=names, until=filters.moment(made[0].expires_at))

    return _do(number, act, done=True)


@bp.post("/board/orders/<number>/recall")
@requires(Permission.ORDER_DISPATCH)
def recall(number: str) -> ResponseReturnValue:
    def act(session: Session, order_id: int, at: datetime) -> str:
        dispatching.recall(session, current_actor(), order_id, request.form.get("reason", ""), at=at)
        return _("Taken back. The team has been told.")

    return _do(number, act)


@bp.post("/board/orders/<number>/escalate")
@requires(Permission.ORDER_DISPATCH)
def escalate(number: str) -> ResponseReturnValue:
    def act(session: Session, order_id: int, at: datetime) -> str:
        dispatching.escalate(session, current_actor(), order_id, request.form.get("reason", ""), at=at)
        return _("Passed up. The desk above has been told.")

    return _do(number, act, done=True)


@bp.post("/board/orders/<number>/give-up")
@requires(Permission.ORDER_DISPATCH)
def give_up(number: str) -> ResponseReturnValue:
    def act(session: Session, order_id: int, at: datetime) -> str:
        dispatching.give_up(session, current_actor(), order_id, request.form.get("reason", ""), at=at)
        return _("Closed without a team. The resident has been told.")

    return _do(number, act, done=True)


@bp.post("/board/orders/<number>/release")
@requires(Permission.ORDER_DISPATCH)
def release(number: str) -> ResponseReturnValue:
    """Let go: sent by the button, and by the browser when the page is left.

    The browser sends it late, when the next page may have taken the hold anew: it says which hold it means.
    """
    with transaction() as unit:
        found = queries_board.peek(unit, current_actor(), number)
        holding.release_hold(unit, current_actor(), found.order_id, at=now(), until=_moment(request.args.get("until")))
    if request.headers.get("Sec-Fetch-Dest", "document") == "empty":
        return Response(status=204)
    return redirect(url_for(".show", **_chosen().address()), code=303)


def _chosen() -> Filter:
    return board_views.filter_of(request.args)


def _open(number: str) -> None:
    """Take or renew the hold when it is free; the first opening is written down, for the words may name anybody."""
    at, actor = now(), current_actor()
    seen = queries_board.peek(db.session(), actor, number)
    others = seen.person_id not in (None, actor.user_id) and seen.until is not None and seen.until > at
    if others or not seen.open or not actor.can(Permission.ORDER_DISPATCH, at=seen.desk_path):
        return
    with transaction() as unit:
        hold = holding.try_hold(unit, actor, seen.order_id, seen.desk_path, at=at)
        if hold.person_id == actor.user_id and hold.since == at:
            record(unit, actor, "order_opened", f"order:{seen.order_id}", at=at, site_path=seen.site_path)


def _next(but: str) -> str | None:
    chosen = _chosen()
    number = queries_board.next_number(db.session(), current_actor(), chosen, now(), but=but)
    return url_for(".order", number=number, **chosen.address()) if number else None


def _do(number: str, act: Callable[[Session, int, datetime], str], *, done: bool = False) -> ResponseReturnValue:
    """Do one thing to an order in one transaction; refused, the order is shown again with the reason, nothing lost.

    ``done``: nothing more is to be done to it here, so the next one opens where that was chosen.
    """
    try:
        with transaction() as unit:
            words = act(unit, queries_board.peek(unit, current_actor(), number).order_id, now())
    except (Conflict, Invalid) as refused:
        return _order_page(number, refused=errors.explain(refused)), errors.HTTP_STATUS[type(refused)]
    except StaleDataError:
        return _order_page(number, refused=errors.explain(errors.overtaken())), errors.HTTP_STATUS[Conflict]
    flash(words)
    chosen = _chosen()
    if done and session.get("go_on") and (following_one := _next(number)):
        return redirect(following_one, code=303)
    return redirect(url_for(".order", number=number, **chosen.address(page=chosen.page)), code=303)


def _moment(typed: str | None) -> datetime | None:
    try:
        return datetime.fromisoformat(typed).astimezone(UTC) if typed else None
    except (ValueError, OverflowError):
        return datetime.min.replace(tzinfo=UTC)  # no hold of that name


def _id(typed: str | None) -> int | None:
    return int(typed) if typed and typed.isascii() and typed.isdigit() and len(typed) < 10 else None


def _board(chosen: Filter, at: datetime, opened: str | None = None) -> dict[str, object]:
    """The list with its tabs and filters: four queries."""
    unit, actor = db.session(), current_actor()
    tally = queries_board.tally(unit, actor, chosen, at)
    found = queries_board.rows(unit, actor, chosen, at)
    return {
        "chosen": chosen,
        "opened": opened,
        "tabs": board_views.tabs(tally, chosen),
        "branches": queries_board.branches(unit, actor),
        "categories": catalogue.categories(unit),
        **board_views.listed(found, chosen, actor, at, opened),
        "rules": pool_words.chips(unit, found, at),
    }


def _order_page(number: str, *, revealed: bool = False, refused: str = "") -> str:
    unit, actor, at = db.session(), current_actor(), now()
    found = queries_board.order_of_number(unit, actor, number)
    chosen = _chosen() if request.args else Filter(tab=board_views.tab_of(found.status))
    clocks = clocks_at(unit, found.desk_path, at)
    panel = board_views.panel(
        unit,
        found,
        actor,
        at,
        wave=request.args.get("wave") == "1",
        why=request.args.get("why", "").strip()[: board_views.LONGEST_SEARCH],
        minutes=clocks.urgent_offer_minutes if found.urgent else clocks.offer_minutes,
        revealed=revealed,
    )
    words = {
        "panel": panel,
        "refused": refused,
        "chosen": chosen,
        "menu": catalogue.menu(unit, found.site_path) if panel.may_verify else [],
        **(guessing.for_staff(unit, found, panel.words) if panel.may_verify else {}),
        "go_on": bool(session.get("go_on")),
        "parts": parts.on_board(unit, found, actor, panel.acts, at),
        "pool": pool_words.on_board(unit, found, at),
        **joining.beside(unit, found, actor, at, clocks),
        **neighbours.on_board(unit, found, actor, panel.acts, at),
    }
    if request.headers.get(PANEL):
        return render_template("orders/board_panel.html", **words)
    return render_template("orders/board.html", **(_board(chosen, at, number) | words))


def _tag(chosen: Filter, mark: str, extra: object, person_id: int | None, at: datetime) -> str:
    """What the answer depends on: the data, the filter, the reader, and the minute that times are worded in."""
    seen = (chosen, mark, extra, person_id, language(), at.replace(second=0, microsecond=0))
    return hashlib.sha256(repr(seen).encode()).hexdigest()[:32]


def _tagged(body: str | Response, tag: str) -> Response:
    response = body if isinstance(body, Response) else Response(body, mimetype="text/html")
    response.set_etag(tag)
    response.headers["Cache-Control"] = "private, no-cache"
    return response


def _unchanged(tag: str) -> Response:
    return _tagged(Response(status=304), tag)
