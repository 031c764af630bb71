"""The first page: what do you need, your orders, and where an order stands."""

from __future__ import annotations

from flask import Blueprint, render_template, session
from flask.typing import ResponseReturnValue

from volunteer.access import Permission
from volunteer.catalogue import queries as catalogue
from volunteer.kernel.db import db
from volunteer.orders import queries
from volunteer.orders.pages.story import one_line
from volunteer.places import queries as places
from volunteer.web.identity import current_actor, current_person, open_to_all

bp = Blueprint("home", __name__)
MINE_SHOWN = 3
BIG_SHOWN = 5  # buttons of the 长辈版; the rest is behind "something else"


@bp.get("/")
@open_to_all
def show() -> ResponseReturnValue:
    """Greeting, search, tiles; in large print a few big buttons."""
    unit, person = db.session(), current_person()
    mine = queries.orders_of(unit, person.id, limit=MINE_SHOWN) if person and current_actor().may(Permission.ORDER_FOLLOW) else []
    return render_template(
        "orders/home_elder.html" if session.get("elder") else "orders/home.html",
        categories=catalogue.categories(unit),
        services=catalogue.count_open(unit),
        mine=[(order, one_line(order)) for order in mine],
        person=person,
        centre=places.centre(unit),
        big=BIG_SHOWN,
    )
