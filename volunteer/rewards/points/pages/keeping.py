"""/manage/wishes: wishes are posted, helped by a pool, fulfilled and taken back by the staff of a site."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from marshmallow import Schema, fields
from marshmallow.validate import Length, Range
from sqlalchemy import select
from sqlalchemy.orm import Session

from volunteer.access import Permission
from volunteer.accounts.humans import accounts_of, same_person
from volunteer.kernel.clock import local_date, now
from volunteer.kernel.db import db, load
from volunteer.ledger import queries
from volunteer.ledger.models import Unit
from volunteer.ledger.rules import pool_of
from volunteer.places.models import Site
from volunteer.rewards.merchants.belonging import shops_of
from volunteer.rewards.points import requesting, wishing
from volunteer.rewards.points.lifecycle import WishState
from volunteer.rewards.points.models import SmallWish
from volunteer.rewards.points.pages import places
from volunteer.rewards.points.pages.wishes import house
from volunteer.rewards.points.wishing import WishDraft
from volunteer.web.acting import Errors, saved
from volunteer.web.asked import page_asked, turning
from volunteer.web.county import zone
from volunteer.web.identity import current_actor, requires

bp = Blueprint("manage_wishes", __name__, url_prefix="/manage/wishes")
KEEP, MANAGE = Permission.WISHES_KEEP, Permission.POINTS_MANAGE
OVER = (WishState.FULFILLED, WishState.CANCELLED)


class WishForm(Schema):
    """A wish as it is typed."""

    site = fields.Integer(required=True)
    title = fields.String(required=True, validate=Length(max=200))
    title_en = fields.String(load_default="", validate=Length(max=200))
    words = fields.String(load_default="", validate=Length(max=600))
    points = fields.Integer(required=True, validate=Range(min=1, max=1_000_000))
    until = fields.Date(required=True)


class EndForm(Schema):
    """How it came true, or why it is taken back."""

    note = fields.String(load_default="", validate=Length(max=400))
    merchant = fields.Integer(load_default=None)


class PoolForm(Schema):
    """How many points of whose pool."""

    pool = fields.Integer(required=True)
    points = fields.Integer(required=True, validate=Range(min=1, max=1_000_000))
    reason = fields.String(load_default="", validate=Length(max=300))


@bp.get("")
@requires(KEEP)
def show() -> ResponseReturnValue:
    """Those that need somebody first."""
    unit, paths = db.session(), current_actor().scopes(KEEP)
    over = request.args.get("show") == "over"
    wanted = OVER if over else (WishState.FULL, WishState.OPEN)
    page = page_asked()
    wishes, more = wishing.wishes_at(unit, paths, wanted, page, full_first=True)
    return render_template(
        "points/manage_wishes.html",
        wishes=wishes,
        there=wishing.gathered(unit, wishes),
        over=over,
        turn=turning(".show", page, more, show="over" if over else ""),
        **house(),
    )


@bp.get("/new")
@requires(KEEP)
def new() -> ResponseReturnValue:
    """An empty form."""
    until = local_date(now(), zone()) + timedelta(days=30)
    return _form({"until": until.isoformat()}, {})


@bp.post("/new")
@requires(KEEP)
def post() -> ResponseReturnValue:
    """Post it."""

    def act(session: Session, form: dict[str, Any]) -> str:
        site = load(session, Site, form.pop("site"))
        made = wishing.post(session, current_actor(), site, WishDraft(**form), at=now())
        return url_for(".wish", wish_id=made.id)

    return saved(WishForm, act, lambda _v, errors: _form(request.form.to_dict(), errors), _("Posted. Everybody can see it now."))


@bp.get("/<int:wish_id>")
@requires(KEEP)
def wish(wish_id: int) -> ResponseReturnValue:
    """One wish and what can be done about it."""
    return _wish(wish_id, {}, {})


@bp.post("/<int:wish_id>/fulfil")
@requires(KEEP)
def fulfil(wish_id: int) -> ResponseReturnValue:
    """It came true."""

    def act(session: Session, form: dict[str, Any]) -> str:
        wishing.fulfil(session, current_actor(), wish_id, form["merchant"] or None, form["note"], at=now())
        return url_for(".wish", wish_id=wish_id)

    return saved(EndForm, act, lambda _v, errors: _wish(wish_id, request.form.to_dict(), errors), _("It came true. Thank you!"))


@bp.post("/<int:wish_id>/cancel")
@requires(KEEP)
def cancel(wish_id: int) -> ResponseReturnValue:
    """It is taken back."""

    def act(session: Session, form: dict[str, Any]) -> str:
        wishing.cancel(session, current_actor(), wish_id, form["note"], at=now())
        return url_for(".wish", wish_id=wish_id)

    done = _("Taken back. Everybody has theirs again.")
    return saved(EndForm, act, lambda _v, errors: _wish(wish_id, request.form.to_dict(), errors), done)


@bp.post("/<int:wish_id>/pool")
@requires(MANAGE)
def pool(wish_id: int) -> ResponseReturnValue:
    """Help with the pool."""

    def act(session: Session, form: dict[str, Any]) -> str:
        requesting.ask_pool(session, current_actor(), form["pool"], wish_id, form["points"], form["reason"], at=now())
        return url_for(".wish", wish_id=wish_id)

    done = _("Written down: given at once, or as soon as a second person agrees.")
    return saved(PoolForm, act, lambda _v, errors: _wish(wish_id, request.form.to_dict(), errors), done)


def _form(values: dict[str, Any], errors: Errors) -> str:
    return render_template("points/wish_new.html", values=values, errors=errors, sites=places.options(KEEP, stations=True))


def _wish(wish_id: int, values: dict[str, Any], errors: Errors) -> str:
    unit, actor = db.session(), current_actor()
    found: SmallWish = wishing.wish_of(unit, actor, wish_id)
    shops = shops_of(unit, accounts_of(unit, actor.user_id))
    above = [int(part) for part in found.site_path.strip("/").split("/")]
    sites = [
        site
        for site in unit.scalars(select(Site).where(Site.id.in_(above)).order_by(Site.path))
        if actor.can(MANAGE, at=site.path)
    ]
    return render_template(
        "points/manage_wish.html",
        wish=found,
        there=wishing.gathered(unit, [found])[found.id],
        givers=wishing.givers_of(unit, found),
        merchants=[(shop.id, shop) for shop in wishing.merchants_for(unit, found) if shop.id not in shops],
        pools=[(site, queries.balance(unit, pool_of(site.id), Unit.POINTS)) for site in sites],
        own=same_person(unit, actor.user_id, found.posted_by),
        values=values,
        errors=errors,
        **house(),
    )
