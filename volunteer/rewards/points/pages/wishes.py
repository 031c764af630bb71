"""/wishes: small wishes of the own county that points are gathered for, and the pools of its sites."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from marshmallow import Schema, fields
from marshmallow.validate import Length, Range
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from volunteer.access import Permission, county_of
from volunteer.kernel.clock import local_date, now
from volunteer.kernel.db import db
from volunteer.kernel.errors import NotFound
from volunteer.ledger import queries
from volunteer.ledger.models import Unit
from volunteer.ledger.rules import person, pool_of
from volunteer.places.models import Site
from volunteer.rewards.points import giving, wishing
from volunteer.rewards.points.homes import home_of
from volunteer.rewards.points.lifecycle import WishState
from volunteer.rewards.points.models import SmallWish
from volunteer.rewards.points.pages import words
from volunteer.web import wording
from volunteer.web.acting import Errors, saved
from volunteer.web.asked import page_asked, turning
from volunteer.web.county import zone
from volunteer.web.identity import current_actor, current_person, requires
from volunteer.web.locale import chosen

bp = Blueprint("wishes", __name__, url_prefix="/wishes")
LATELY = 6


class GiveForm(Schema):
    """How many points, and for a pool, of which site."""

    points = fields.Integer(required=True, validate=Range(min=1, max=1_000_000))
    once = fields.String(required=True, validate=Length(min=1, max=128))
    site = fields.Integer(load_default=0)


@bp.get("")
@requires(Permission.POINTS_OWN)
def show() -> ResponseReturnValue:
    """What somebody nearby could use, and what came true lately."""
    return _page({}, {})


@bp.post("/pool")
@requires(Permission.POINTS_OWN)
def pool() -> ResponseReturnValue:
    """Give to a pool."""

    def act(session: Session, form: dict[str, Any]) -> str:
        giving.give_to_pool(session, current_actor(), form["site"], form["points"], form["once"], at=now())
        return url_for(".show")

    return saved(GiveForm, act, lambda _v, errors: _page(request.form.to_dict(), errors), _("Given to the pool. Thank you!"))


@bp.get("/<int:wish_id>")
@requires(Permission.POINTS_OWN)
def wish(wish_id: int) -> ResponseReturnValue:
    """One wish."""
    return _wish(wish_id, {}, {})


@bp.post("/<int:wish_id>/give")
@requires(Permission.POINTS_OWN)
def give(wish_id: int) -> ResponseReturnValue:
    """Give some of mine."""

    def act(session: Session, form: dict[str, Any]) -> str:
        giving.give_to_wish(session, current_actor(), wish_id, form["points"], form["once"], at=now())
        return url_for(".wish", wish_id=wish_id)

    return saved(GiveForm, act, lambda _v, errors: _wish(wish_id, request.form.to_dict(), errors), _("Given. Thank you!"))


def _page(values: dict[str, Any], errors: Errors) -> str:
    unit, county = db.session(), [county_of(home_of(current_actor()))]
    if county == ["/"]:
        raise NotFound("wishes")
    page = page_asked()
    gathering, more = wishing.wishes_at(unit, county, [WishState.OPEN, WishState.FULL], page)
    lately = wishing.wishes_at(unit, county, [WishState.FULFILLED])[0][:LATELY]
    home = home_of(current_actor())
    above = [int(part) for part in home.strip("/").split("/")]
    sites = unit.scalars(select(Site).where(Site.id.in_(above), Site.closed_at.is_(None)).order_by(func.length(Site.path))).all()
    return render_template(
        "points/wishes.html",
        gathering=gathering,
        lately=lately,
        turn=turning(".show", page, more),
        there=wishing.gathered(unit, [*gathering, *lately]),
        pools=[(site, queries.balance(unit, pool_of(site.id), Unit.POINTS)) for site in sites],
        values=values,
        errors=errors,
        mine=queries.balance(unit, person(current_person().id), Unit.POINTS),
        **house(),
    )


def _wish(wish_id: int, values: dict[str, Any], errors: Errors) -> str:
    unit = db.session()
    found = unit.get(SmallWish, wish_id)
    if found is None or county_of(found.site_path) != county_of(home_of(current_actor())):
        raise NotFound("wish")
    there = wishing.gathered(unit, [found])[found.id]
    mine = queries.balance(unit, person(current_person().id), Unit.POINTS)
    left = giving.may_still_give(unit, current_actor(), now())
    most = min(amount for amount in (found.points - there, mine, left) if amount is not None)
    return render_template(
        "points/wish.html",
        wish=found,
        there=there,
        givers=wishing.givers_of(unit, found),
        mine=mine,
        most=max(most, 0),
        open=found.state is WishState.OPEN and found.until >= local_date(now(), zone()),
        values=values,
        errors=errors,
        **house(),
    )


def house() -> dict[str, Any]:
    """Return what every page of wishes needs."""
    today = local_date(now(), zone())
    return {"states": words.WISHES, "day_words": lambda day: wording.calendar_day(day, today, chosen())}
