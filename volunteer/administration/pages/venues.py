"""Venues (点): the list, the form, closing and opening."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from volunteer.access import Permission
from volunteer.administration import listing
from volunteer.administration.pages.saving import saved
from volunteer.administration.pages.site_choice import asked_site, site_options
from volunteer.administration.schemas_places import Edit, VenueForm
from volunteer.kernel.clock import now
from volunteer.kernel.db import db, load
from volunteer.places import editing, founding
from volunteer.places.models import Site, Venue
from volunteer.web.acting import Errors, acted
from volunteer.web.asked import number_asked, turning, words_asked
from volunteer.web.identity import current_actor, requires

bp = Blueprint("manage_venues", __name__, url_prefix="/manage/venues")
P = Permission.PLACES_MANAGE


@bp.get("")
@requires(P)
def show() -> ResponseReturnValue:
    """The venues of my sites, or of one."""
    words, shut, site = words_asked(), number_asked("closed") == 1, asked_site(P)
    found = listing.venues(db.session(), current_actor(), words=words, site=site, closed=shut, page=number_asked("page", 1))
    return render_template(
        "administration/venues.html",
        words=words,
        shut=shut,
        site=site,
        listed=found,
        turn=turning(".show", found.page, found.page < found.pages, q=words, closed=int(shut), site=site.id if site else None),
    )


@bp.get("/new")
@requires(P)
def new() -> ResponseReturnValue:
    """An empty form; at the site that the address names."""
    site = asked_site(P)
    values = {"site": site.id, "point.latitude": site.latitude, "point.longitude": site.longitude} if site else {}
    return _form(None, values, {})


@bp.post("/new")
@requires(P)
def found() -> ResponseReturnValue:
    """Open the venue."""

    def act(session: Session, edit: Edit) -> str:
        site = load(session, Site, edit.site)
        founding.found_venue(session, current_actor(), site, edit.draft, at=now())
        return url_for(".show", site=site.id)

    return saved(VenueForm(), act, lambda values, errors: _form(None, values, errors), _("The venue is there."))


@bp.get("/<int:venue_id>")
@requires(P)
def venue(venue_id: int) -> ResponseReturnValue:
    """One venue's form."""
    found = _mine(venue_id)
    values = {
        "code": found.code, "name": found.name, "name_en": found.name_en, "kind": found.kind, "site": found.site_id,
        "point.latitude": found.latitude, "point.longitude": found.longitude, "seen": found.version,
    }  # fmt: skip
    return _form(found, values, {})


@bp.post("/<int:venue_id>")
@requires(P)
def change(venue_id: int) -> ResponseReturnValue:
    """Write it down."""

    def act(session: Session, edit: Edit) -> str:
        site = load(session, Site, edit.site)
        editing.edit_venue(session, current_actor(), venue_id, edit.draft, site=site, seen=edit.seen, at=now())
        return url_for(".venue", venue_id=venue_id)

    return saved(VenueForm(), act, lambda values, errors: _form(_mine(venue_id), values, errors), _("Changed."))


@bp.post("/<int:venue_id>/close")
@requires(P)
def close(venue_id: int) -> ResponseReturnValue:
    """Take it off lists and maps."""
    there = url_for(".venue", venue_id=venue_id)
    return acted(
        lambda session: editing.close_venue(session, current_actor(), venue_id, at=now()),
        there,
        _("Closed. It can be opened again."),
    )


@bp.post("/<int:venue_id>/open")
@requires(P)
def reopen(venue_id: int) -> ResponseReturnValue:
    """Put it back."""
    there = url_for(".venue", venue_id=venue_id)
    return acted(lambda session: editing.open_venue(session, current_actor(), venue_id, at=now()), there, _("Open again."))


def _mine(venue_id: int) -> Venue:
    found = load(db.session(), Venue, venue_id)
    current_actor().must(P, at=found.site.path)
    return found


def _form(found: Venue | None, values: Mapping[str, Any], errors: Errors) -> str:
    return render_template("administration/venue.html", venue=found, sites=site_options(P), values=values, errors=errors)
