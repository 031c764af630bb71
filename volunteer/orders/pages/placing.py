"""点单 in the browser: choose from the menu or write, then one form of four steps."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from volunteer.access import Permission
from volunteer.accounts import caring
from volunteer.accounts.models import RoleGrant
from volunteer.catalogue import queries as catalogue
from volunteer.catalogue.dangers import danger_in
from volunteer.catalogue.models import ServiceItem
from volunteer.kernel.clock import local_date, now
from volunteer.kernel.db import db
from volunteer.kernel.errors import Forbidden, Invalid
from volunteer.kernel.geo import Point
from volunteer.orders import placing
from volunteer.orders.households import addresses
from volunteer.orders.models import ServiceOrder
from volunteer.orders.pages import joining, pictures
from volunteer.orders.schemas import CHANNELS, DAYS_AHEAD, HALVES, SHORT_NOTICE, OrderForm, half_day
from volunteer.places import gazetteer
from volunteer.places import queries as places
from volunteer.web import county, filters, forms, idempotency, locale, throttle
from volunteer.web.acting import field_errors
from volunteer.web.identity import current_actor, current_person, open_to_all
from volunteer.web.pages import NOTICE_VERSION
from volunteer.web.unit import transaction

bp = Blueprint("placing", __name__, url_prefix="/order")
PURPOSE = "place"
Errors = dict[str, list[str]]


@bp.get("/new")
@open_to_all
def new() -> ResponseReturnValue:
    """The menu with its search; with ``item`` or ``own`` the form."""
    channel = _channel(request.args.get("for", "web"))
    unit = db.session()
    item = catalogue.item_of_code(unit, request.args["item"][:64]) if request.args.get("item") else None
    if item is None and "own" not in request.args:
        return _menu(unit, channel)
    return _form(unit, item, channel, _first_values(unit, channel), {})


@bp.after_request
def _for_the_phone(response: Response) -> Response:
    """A visitor's form may be kept by the phone for a time without a network: it names nobody yet."""
    if request.endpoint == "placing.new" and request.args.get("for", "web") == "web" and current_person() is None:
        response.headers["X-Offline"] = "keep"
    return response


@bp.post("/new")
@open_to_all
def place() -> ResponseReturnValue:
    """Place the order. A double tap leads to the same order; a mistake leads back, with everything kept."""
    at = now()
    typed: MultiDict[str, str] = request.form
    throttle.spend_here(throttle.PLACE_ADDRESS, at)
    channel = _channel(typed.get("channel", "web"))
    body = idempotency.fingerprint(typed, request.files)
    taken = pictures.taken_at(request.files.getlist("photos"))  # before they are written anew, without it
    kept, photo_complaints = pictures.keep(request.files.getlist("photos"), typed.getlist("kept"))
    errors: Errors = {"photos": [_(words) for words in photo_complaints]} if photo_complaints else {}
    item = catalogue.item_of_code(db.session(), typed["item"][:64]) if typed.get("item") else None
    danger = _danger(item, typed, errors)
    if not item and (meant := _taken(typed)) is not None:
        return _form(db.session(), meant, channel, typed, {}, kept=kept)
    if not errors and not danger:
        try:
            typed = _with_saved(db.session(), typed)
            if typed.get("join"):
                return redirect(joining.join(typed, at), code=303)
            if typed.get("another") != "yes" and (found := joining.proposed(typed, at)):
                return joining.ask(found, typed, kept)
            return redirect(_place(typed, body, kept, at), code=303)
        except Invalid as error:
            if not error.fields:
                raise
            errors = field_errors(error)
    db.session.rollback()
    if "site" in errors and taken is not None:
        typed = _offer_place_of_photo(typed, errors, taken)
    return _form(db.session(), item, channel, typed, errors, kept=kept, danger=danger), 422 if errors else 200


def _offer_place_of_photo(typed: MultiDict[str, str], errors: Errors, taken: Point) -> MultiDict[str, str]:
    """Nobody said where, but a photo knows: fill it in and ask. Where the pin can be set by hand this is asked on the phone."""
    try:
        found = gazetteer.locate(db.session(), point=taken)
    except Invalid:
        return typed
    errors["site"] = [
        _("The photo was taken near %(place)s. If that is the place, send it once more.", place=filters.named(found.site))
    ]
    offered = {
        "site": found.site.id,
        "point.latitude": taken.latitude,
        "point.longitude": taken.longitude,
        "point.datum": "wgs84",
    }
    return MultiDict({**typed.to_dict(), **{name: str(value) for name, value in offered.items()}})


@bp.get("/photos/<name>")
@open_to_all
def photo(name: str) -> ResponseReturnValue:
    """A photo that waits for its form to be accepted, under a name that only this form knows."""
    return pictures.show_kept(name)


def _place(typed: MultiDict[str, str], body: str, kept: Sequence[str], at: datetime) -> str:
    """Return where the order, placed now or by the first of two taps, is shown."""
    draft_form = OrderForm(county.zone(), NOTICE_VERSION, locale.chosen())
    draft = forms.load_form(draft_form, typed)
    with transaction() as unit:
        number = idempotency.claim(unit, typed.get("once", ""), body, at, purpose=PURPOSE)
        if number is None:
            draft = placing.with_photos(draft, pictures.kept_photos(unit, kept))
            order = placing.place_order(unit, current_actor(), draft, at=at)
            idempotency.settle(unit, order.number)  # the link is a secret: it is not stored in clear
        else:
            order = unit.scalars(select(ServiceOrder).where(ServiceOrder.number == number)).one()
        if draft.channel.value != "web":
            return url_for("desk.slip", number=order.number)
        return url_for("tracking.show", secret=order.secret, new=1)


def _menu(unit: Session, channel: str) -> ResponseReturnValue:
    words = request.args.get("q", "")[:80].strip()
    category = request.args.get("category", "")
    sections = catalogue.menu(unit)
    if category:
        sections = [section for section in sections if section.category.code == category] or sections
    return render_template(
        "orders/menu.html",
        words=words,
        found=catalogue.search(unit, words) if words else [],
        sections=sections,
        category=category,
        channel=channel,
        carried={"for": channel} if channel != "web" else {},
    )


def _form(
    unit: Session,
    item: ServiceItem | None,
    channel: str,
    values: MultiDict[str, str],
    errors: Errors,
    *,
    kept: Sequence[str] = (),
    danger: str = "",
) -> str:
    chosen, person = locale.chosen(), current_person() if channel == "web" else None
    return render_template(
        "orders/new.html",
        item=item,
        channel=channel,
        carried={"for": channel} if channel != "web" else {},
        values=values,
        errors=errors,
        kept=kept,
        danger=danger,
        sites=site_choices(unit),
        saved=addresses.places_of(unit, person.id) if person is not None else [],
        cares=caring.of_helper(unit, person.id) if person is not None else [],
        relations=[(relation.value, _(words)) for relation, words in caring.RELATIONS.items()],
        hows=[(how.value, _(words)) for how, words in caring.HOWS.items()],
        first=first_choices(),
        days=days(now()),
        english=chosen == "en",
        photo_first="photo" in request.args,
    )


def site_choices(unit: Session) -> list[tuple[str, list[tuple[Any, ...]]]]:
    """Return the villages by branch, for the macro ``place_picker``."""
    groups = [
        (
            filters.named(branch),
            [(site.id, filters.named(site), {"data-lat": site.latitude, "data-lng": site.longitude}) for site in stations],
        )
        for branch, stations in places.villages(unit)
    ]
    return [group for group in groups if group[1]]


def _with_saved(unit: Session, typed: MultiDict[str, str]) -> MultiDict[str, str]:
    """What was sent, with the place that was chosen from one's address book in it."""
    chosen = typed.get("saved", "")
    if not (chosen.isascii() and chosen.isdigit() and len(chosen) < 10):
        return typed
    place = addresses.own_place(unit, current_actor(), int(chosen))
    kept = [(name, value) for name, value in typed.items(multi=True) if not name.startswith(("point.", "site", "address"))]
    kept += [("site", str(place.site_id)), ("address", place.door or ""), ("point.datum", "wgs84")]
    kept += [("point.latitude", str(place.latitude)), ("point.longitude", str(place.longitude))]
    return MultiDict(kept)


def first_choices() -> list[tuple[str, str, str]]:
    """Return the choices of time that are no half-day."""
    return [
        ("soon", _("Today, as soon as possible"), _("We ring you as soon as somebody is free.")),
        ("flexible", _("I have time, any day is fine"), _("The team will agree a time with you.")),
    ]


def days(at: datetime) -> list[dict[str, Any]]:
    """Return the next two weeks by half-days, for the macro ``day_window``."""
    names = {"morning": _("Morning"), "afternoon": _("Afternoon"), "evening": _("Evening")}
    zone = county.zone()
    listed = []
    for ahead in range(DAYS_AHEAD):
        day = local_date(at, zone) + timedelta(days=ahead)
        cells = []
        for half in HALVES:
            begins, ends = half_day(day, half, zone)
            cells.append((f"{day.isoformat()}.{half}", names[half], ends - SHORT_NOTICE > at))
        listed.append({"label": filters.day(begins), "cells": cells})
    return listed


def _first_values(unit: Session, channel: str) -> MultiDict[str, str]:
    """What is known before anything is typed: a signed-in resident's own name and phone, a clerk's own village."""
    values: MultiDict[str, str] = MultiDict({"words": request.args.get("words", "")[: placing.MOST_WORDS]})
    person = current_person()
    if person is None:
        return values
    if channel != "web":
        own = select(RoleGrant.site_id).where(RoleGrant.person_id == person.id).order_by(RoleGrant.id).limit(1)
        values["site"] = str(unit.scalar(own) or "")
    elif current_actor().may(Permission.ORDER_PLACE):
        values["name"], values["phone"] = person.name, person.phone or ""
    return values


def _channel(typed: str) -> str:
    """How it comes in: only staff order for others."""
    channel = typed if typed in CHANNELS else "web"
    if channel != "web" and not current_actor().may(Permission.ORDER_PLACE_FOR_OTHERS):
        raise Forbidden(Permission.ORDER_PLACE_FOR_OTHERS.value)
    return channel


def _taken(typed: MultiDict[str, str]) -> ServiceItem | None:
    """Return the service that was suggested for the words typed, when it was taken: the form goes on with it."""
    return catalogue.item_of_code(db.session(), typed["take"][:64]) if typed.get("take") else None


def _danger(item: ServiceItem | None, typed: MultiDict[str, str], errors: Errors) -> str:
    """Return whom to call, when there is danger now and this person was not told yet; going on stays possible."""
    if item is None or not item.stopper:
        heard = danger_in(typed.get("words", "")[: placing.MOST_WORDS])
        return heard.call if heard is not None and typed.get("danger_seen") != "yes" else ""
    if typed.get("danger") not in {"yes", "no"}:
        errors["danger"] = [_("Please answer this first.")]
        return ""
    seen = typed.get("danger_seen") == "yes"
    return item.stopper_call if typed["danger"] == "yes" and not seen else ""
