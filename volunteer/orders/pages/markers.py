"""标记 of vulnerable households at the desk: shown on request only, set, corrected, removed; and the end of a helper's right."""

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
from volunteer.kernel.clock import now
from volunteer.kernel.db import db
from volunteer.kernel.errors import Invalid, NotFound
from volunteer.orders import queries
from volunteer.orders.households import marking
from volunteer.orders.households.caring import end_care
from volunteer.orders.households.schemas_household import MarkerForm
from volunteer.orders.models import ServiceOrder
from volunteer.web import forms, locale
from volunteer.web.acting import field_errors
from volunteer.web.asked import whole
from volunteer.web.identity import current_actor, requires
from volunteer.web.unit import transaction

bp = Blueprint("markers", __name__, url_prefix="/desk/orders/<number>")
Act = Callable[[Session, ServiceOrder, datetime], Any]


@bp.post("/markers")
@requires(Permission.MARKERS_SEE)
def show(number: str) -> ResponseReturnValue:
    """What is noted about the household. Asked for by a button, and written down."""
    return _page(number, {}, MultiDict())


@bp.post("/markers/set")
@requires(Permission.MARKERS_KEEP)
def keep(number: str) -> ResponseReturnValue:
    """Set one, or correct one."""
    typed = request.form.get("marker", "")
    marker_id = whole(typed)

    def act(unit: Session, order: ServiceOrder, at: datetime) -> None:
        draft = forms.load_form(MarkerForm, request.form)
        marking.set_marker(unit, current_actor(), order.id, draft, marker_id=marker_id, at=at)

    try:
        return _do(number, act, _("Noted. Only those who serve there will see it."))
    except Invalid as error:
        return _page(number, field_errors(error), request.form), 422


@bp.post("/markers/<int:marker_id>/remove")
@requires(Permission.MARKERS_KEEP)
def remove(number: str, marker_id: int) -> ResponseReturnValue:
    """It is wrong, over, or the household asked for it."""
    return _do(
        number,
        lambda unit, order, at: marking.remove_marker(unit, current_actor(), order.id, marker_id, at=at),
        _("Removed for good."),
    )


@bp.post("/care/end")
@requires(Permission.ORDER_PLACE_FOR_OTHERS)
def end_helper(number: str) -> ResponseReturnValue:
    """The resident told the station that somebody else shall no longer ask for them."""

    def act(unit: Session, order: ServiceOrder, at: datetime) -> None:
        if order.care_id is None:
            raise NotFound("care")
        end_care(unit, current_actor(), order.care_id, order_id=order.id, at=at)

    return _do(number, act, _("Ended. Old links no longer work."))


def _order(unit: Session, number: str, permission: Permission = Permission.MARKERS_SEE) -> ServiceOrder:
    order = queries.order_for(unit, current_actor(), number)
    if not current_actor().can(permission, at=order.site_path):
        raise NotFound("order")
    return order


def _do(number: str, act: Act, thanks: str) -> ResponseReturnValue:
    with transaction() as unit:
        act(unit, _order(unit, number), now())
    flash(thanks)
    return redirect(url_for("desk.order", number=number), code=303)


def _page(number: str, errors: dict[str, list[str]], values: MultiDict[str, str]) -> str:
    at = now()
    with transaction() as unit:
        order = _order(unit, number)
        shown = marking.look(unit, current_actor(), order, at=at)
    unit = db.session()
    english = locale.chosen() == "en"
    kinds = [(code, (name_en or name) if english else name) for code, (name, name_en) in marking.kinds(unit).items()]
    return render_template(
        "orders/markers.html", order=_order(unit, number), markers=shown, kinds=kinds, errors=errors, values=values
    )
