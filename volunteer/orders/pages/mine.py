"""我的点单: one's requests, places, the people one looks after, and what is noted about oneself."""

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
from volunteer.accounts import caring
from volunteer.accounts.caring import HOWS, RELATIONS
from volunteer.feedback.queries import spoken_by
from volunteer.kernel.clock import now
from volunteer.kernel.db import db
from volunteer.kernel.errors import Conflict, Invalid
from volunteer.kernel.words import N_
from volunteer.orders.afterwards import later
from volunteer.orders.households import addresses, marking
from volunteer.orders.households.caring import end_care
from volunteer.orders.households.models_household import SavedPlace
from volunteer.orders.households.queries_household import cares_around, my_orders, my_standing
from volunteer.orders.households.schemas_household import CareForm, PlaceForm
from volunteer.orders.lifecycle import Status
from volunteer.orders.models import ServiceOrder
from volunteer.orders.pages.placing import site_choices
from volunteer.orders.pages.speaking import kind_words, state_words
from volunteer.orders.pages.story import code_is_shown, one_line
from volunteer.web import forms
from volunteer.web.acting import field_errors
from volunteer.web.asked import whole
from volunteer.web.errors import explain
from volunteer.web.identity import current_actor, current_person, requires
from volunteer.web.pages import NOTICE_VERSION
from volunteer.web.unit import transaction

bp = Blueprint("mine", __name__, url_prefix="/my")
TODO = {  # the one thing to do, by where the order stands
    Status.REJECTED: N_("Correct it and send it again"),
    Status.SERVED: N_("Say how it was"),
    Status.UNMET: N_("Ask us to look again"),
}
Act = Callable[[Session, datetime], Any]


@bp.get("")
@requires(Permission.ORDER_FOLLOW)
def show() -> ResponseReturnValue:
    """Open requests first, then what was; each with where it stands and what there is to do."""
    unit, person = db.session(), current_person()
    typed = request.args.get("after", "0")
    after = whole(typed, 6) or 0
    page, at = my_orders(unit, person, after=after), now()
    asked = later.asked_of(unit, page.rows)
    return render_template(
        "orders/my.html",
        rows=[_row(order, person.id, at, order.id in asked) for order in page.rows],
        spoken=[(case, kind_words(case), state_words(case)) for case in spoken_by(unit, person.id)] if not after else [],
        next=url_for(".show", after=page.next_key) if page.next_key else None,
        previous=url_for(".show", after=max(0, after - 10)) if after else None,
        regular=len([one for one in my_standing(unit, person.id) if one.goes_on]),
        noted=bool(marking.own_markers(unit, current_actor(), at=at)),
    )


@bp.get("/places")
@requires(Permission.ORDER_FOLLOW)
def places() -> ResponseReturnValue:
    """The address book."""
    return _book({}, MultiDict())


@bp.post("/places")
@requires(Permission.ORDER_FOLLOW)
def add_place() -> ResponseReturnValue:
    """Keep another place."""
    return _keep(None)


@bp.get("/places/<int:place_id>")
@requires(Permission.ORDER_FOLLOW)
def place(place_id: int) -> ResponseReturnValue:
    """Change a place."""
    kept = addresses.own_place(db.session(), current_actor(), place_id)
    values = MultiDict({
        "label": kept.label or "", "address": kept.door or "", "site": str(kept.site_id),
        "point.latitude": str(kept.latitude), "point.longitude": str(kept.longitude), "point.datum": "wgs84",
    })  # fmt: skip
    return _place_form(kept, {}, values)


@bp.post("/places/<int:place_id>")
@requires(Permission.ORDER_FOLLOW)
def change_place(place_id: int) -> ResponseReturnValue:
    """Save the change."""
    return _keep(place_id)


@bp.post("/places/<int:place_id>/remove")
@requires(Permission.ORDER_FOLLOW)
def remove_place(place_id: int) -> ResponseReturnValue:
    """Remove it for good."""
    return _do(lambda unit, at: addresses.remove_place(unit, current_actor(), place_id), _("Removed."), ".places")


@bp.get("/people")
@requires(Permission.ORDER_FOLLOW)
def people() -> ResponseReturnValue:
    """Whom one asks for help for, and who may ask for oneself."""
    return _people({}, MultiDict())


@bp.post("/people")
@requires(Permission.ORDER_FOLLOW)
def add_person() -> ResponseReturnValue:
    """Write down that somebody agreed."""

    def act(unit: Session, at: datetime) -> None:
        draft = forms.load_form(CareForm(NOTICE_VERSION), request.form)
        caring.begin(unit, current_actor(), unit.merge(current_person()), draft, at=at)

    try:
        return _do(act, _("Written down. You can choose this person when you ask for help."), ".people")
    except Invalid as error:
        return _people(field_errors(error), request.form), 422


@bp.post("/people/<int:care_id>/end")
@requires(Permission.ORDER_FOLLOW)
def end(care_id: int) -> ResponseReturnValue:
    """The consent ends, at either one's word."""
    return _do(lambda unit, at: end_care(unit, current_actor(), care_id, at=at), _("Ended. Old links no longer work."), ".people")


@bp.get("/notes")
@requires(Permission.ORDER_FOLLOW)
def notes() -> ResponseReturnValue:
    """What the station has noted about oneself, with consent."""
    return render_template("orders/my_notes.html", markers=marking.own_markers(db.session(), current_actor(), at=now()))


@bp.post("/notes/<int:marker_id>/remove")
@requires(Permission.ORDER_FOLLOW)
def remove_note(marker_id: int) -> ResponseReturnValue:
    """Take the consent back."""
    return _do(lambda unit, at: marking.remove_own(unit, current_actor(), marker_id, at=at), _("Removed."), ".notes")


def _do(act: Act, thanks: str, then: str) -> ResponseReturnValue:
    try:
        with transaction() as unit:
            act(unit, now())
    except Conflict as refused:
        flash(explain(refused), "soon")
    else:
        flash(thanks)
    return redirect(url_for(then), code=303)


def _keep(place_id: int | None) -> ResponseReturnValue:
    def act(unit: Session, at: datetime) -> None:
        if place_id is not None:
            addresses.own_place(unit, current_actor(), place_id)
        addresses.keep_place(unit, current_actor(), forms.load_form(PlaceForm, request.form), place_id=place_id, at=at)

    try:
        return _do(act, _("Kept. You can choose it with one tap when you ask for help."), ".places")
    except Invalid as error:
        errors = field_errors(error)
    if place_id is None:
        return _book(errors, request.form), 422
    return _place_form(addresses.own_place(db.session(), current_actor(), place_id), errors, request.form), 422


def _book(errors: dict[str, list[str]], values: MultiDict[str, str]) -> str:
    unit = db.session()
    kept = addresses.places_of(unit, current_person().id)
    return render_template("orders/my_places.html", kept=kept, sites=site_choices(unit), errors=errors, values=values)


def _place_form(kept: SavedPlace, errors: dict[str, list[str]], values: MultiDict[str, str]) -> str:
    return render_template("orders/my_place.html", place=kept, sites=site_choices(db.session()), errors=errors, values=values)


def _people(errors: dict[str, list[str]], values: MultiDict[str, str]) -> str:
    mine, helpers = cares_around(db.session(), current_person())
    return render_template(
        "orders/my_people.html",
        mine=mine,
        helpers=helpers,
        relations=[(relation.value, _(words)) for relation, words in RELATIONS.items()],
        hows=[(how.value, _(words)) for how, words in HOWS.items()],
        how_words={how.value: _(words) for how, words in HOWS.items()},
        errors=errors,
        values=values,
    )


def _row(order: ServiceOrder, person_id: int, at: datetime, asked: bool) -> dict[str, Any]:
    return {"order": order, "line": one_line(order), "todo": _todo(order, at, asked), "whose": _whose(order, person_id)}


def _todo(order: ServiceOrder, at: datetime, asked: bool) -> str:
    if asked:
        return str(_("Say whether it is really solved"))
    if code_is_shown(order, at):
        return str(_("Have the start code ready"))
    return str(_(TODO[order.status])) if order.status in TODO else ""


def _whose(order: ServiceOrder, person_id: int) -> str:
    """The name of whom it is for, when that is not the reader."""
    return order.resident.name if order.resident_id != person_id else ""
