"""Grids (网格): the list with its map, the form, a file with many of them, closing and opening."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from volunteer.access import Permission
from volunteer.administration import listing, many_grids
from volunteer.administration.pages.saving import saved
from volunteer.administration.pages.site_choice import asked_site, site_options
from volunteer.administration.schemas_places import Edit, GridForm
from volunteer.kernel.clock import now
from volunteer.kernel.db import db, load, under
from volunteer.kernel.errors import Conflict, Invalid
from volunteer.kernel.geo import Datum
from volunteer.places import editing, founding
from volunteer.places.models import Grid, Site
from volunteer.web.acting import Errors, acted, again, run_once
from volunteer.web.asked import number_asked, turning, whole, words_asked
from volunteer.web.identity import current_actor, requires

bp = Blueprint("manage_grids", __name__, url_prefix="/manage/grids")
P = Permission.PLACES_MANAGE
DRAWN = 500  # areas on one map
LARGEST = 5 * 1024 * 1024


@bp.get("")
@requires(P)
def show() -> ResponseReturnValue:
    """The grids of my sites, or of one, with their areas on the map."""
    words, shut, site = words_asked(), number_asked("closed") == 1, asked_site(P)
    found = listing.grids(db.session(), current_actor(), words=words, site=site, closed=shut, page=number_asked("page", 1))
    return render_template(
        "administration/grids.html",
        words=words,
        shut=shut,
        site=site,
        listed=found,
        turn=turning(".show", found.page, found.page < found.pages, q=words, closed=int(shut), site=site.id if site else None),
    )


@bp.get("/areas.geojson")
@requires(P)
def areas() -> ResponseReturnValue:
    """The areas of open grids, and of the site itself, for the map; private like the list."""
    site, number = asked_site(P), number_asked("grid")
    scopes = current_actor().scopes(P)
    wanted = select(Grid).join(Site).where(Grid.closed_at.is_(None), under(scopes, Site.path))
    if site is not None:
        wanted = wanted.where(under([site.path], Site.path))
    if number:
        wanted = select(Grid).join(Site).where(Grid.id == number, under(scopes, Site.path))
    rows = db.session.scalars(wanted.order_by(Grid.id).limit(DRAWN)).all()
    features = [_feature(row.id, row.name, row.name_en, row.area, "grid") for row in rows]
    if site is not None and site.area:
        features.insert(0, _feature(site.id, site.name, site.name_en, site.area, "site"))
    response = Response(json.dumps({"type": "FeatureCollection", "features": features}), mimetype="application/geo+json")
    response.headers["Cache-Control"] = "private, no-store"
    return response


@bp.get("/new")
@requires(P)
def new() -> ResponseReturnValue:
    """An empty form; at the site that the address names."""
    site = asked_site(P)
    return _form(None, {"site": site.id} if site else {}, {})


@bp.post("/new")
@requires(P)
def found() -> ResponseReturnValue:
    """Draw the grid."""

    def act(session: Session, edit: Edit) -> str:
        made = founding.found_grid(session, current_actor(), load(session, Site, edit.site), edit.draft, at=now())
        return url_for(".grid", grid_id=made.id)

    return saved(GridForm(), act, lambda values, errors: _form(None, values, errors), _("The grid is there."))


@bp.get("/upload")
@requires(P)
def upload_form() -> ResponseReturnValue:
    """One file with many grids."""
    site = asked_site(P)
    return _upload({"site": site.id} if site else {}, {})


@bp.post("/upload")
@requires(P)
def upload() -> ResponseReturnValue:
    """Read the file; all of it or nothing, with what is wrong feature by feature."""
    count = 0

    def act(session: Session) -> str:
        nonlocal count
        site = load(session, Site, number_of("site"))
        file = request.files.get("file")
        text = file.stream.read(LARGEST + 1) if file else b""
        datum = request.form.get("datum", "")
        read = Datum(datum) if datum in set(Datum) else Datum.WGS84
        count = len(many_grids.found_many(session, current_actor(), site, text, read, at=now()))
        return url_for(".show", site=site.id)

    try:
        there = run_once(act)
    except many_grids.Refused as refused:
        db.session.rollback()
        return _upload(request.form, {"file": [_("Nothing was taken from this file.")]}, refused.lines), 422
    except (Invalid, Conflict) as error:
        return again(error, _upload)
    flash(_("%(n)s grids are there.", n=count) if count else _("This was sent already."))
    return redirect(there, code=303)


@bp.get("/<int:grid_id>")
@requires(P)
def grid(grid_id: int) -> ResponseReturnValue:
    """One grid's form with its map."""
    found = _mine(grid_id)
    values = {
        "code": found.code, "name": found.name, "name_en": found.name_en, "keeper": found.keeper, "site": found.site_id,
        "area": json.dumps(found.area), "seen": found.version,
    }  # fmt: skip
    return _form(found, values, {})


@bp.post("/<int:grid_id>")
@requires(P)
def change(grid_id: int) -> ResponseReturnValue:
    """Write it down."""

    def act(session: Session, edit: Edit) -> str:
        site = load(session, Site, edit.site)
        editing.edit_grid(session, current_actor(), grid_id, edit.draft, site=site, seen=edit.seen, at=now())
        return url_for(".grid", grid_id=grid_id)

    return saved(GridForm(), act, lambda values, errors: _form(_mine(grid_id), values, errors), _("Changed."))


@bp.post("/<int:grid_id>/close")
@requires(P)
def close(grid_id: int) -> ResponseReturnValue:
    """Take it off lists and maps."""
    there = url_for(".grid", grid_id=grid_id)
    return acted(
        lambda session: editing.close_grid(session, current_actor(), grid_id, at=now()),
        there,
        _("Closed. It can be opened again."),
    )


@bp.post("/<int:grid_id>/open")
@requires(P)
def reopen(grid_id: int) -> ResponseReturnValue:
    """Put it back."""
    there = url_for(".grid", grid_id=grid_id)
    return acted(lambda session: editing.open_grid(session, current_actor(), grid_id, at=now()), there, _("Open again."))


def number_of(name: str) -> int:
    """Return a whole number of the form; 0 when it is none."""
    typed = request.form.get(name, "")
    return whole(typed) or 0


def _mine(grid_id: int) -> Grid:
    found = load(db.session(), Grid, grid_id)
    current_actor().must(P, at=found.site.path)
    return found


def _form(found: Grid | None, values: Mapping[str, Any], errors: Errors) -> str:
    return render_template("administration/grid.html", grid=found, sites=site_options(P), values=values, errors=errors)


def _upload(values: Mapping[str, Any], errors: Errors, lines: list[tuple[int, str, list[str]]] | None = None) -> str:
    return render_template(
        "administration/grids_upload.html", sites=site_options(P), values=values, errors=errors, lines=lines or []
    )


def _feature(number: int, name: str, name_en: str, area: dict[str, Any], kind: str) -> dict[str, Any]:
    properties = {"id": number, "kind": kind, "name": name, "name_en": name_en or name}
    return {"type": "Feature", "properties": properties, "geometry": area}
