"""中心, 所 and 站: the tree, one site with what lives there, and the forms that found, change, move, close and open."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from volunteer.access import Permission
from volunteer.administration import closing, depending, listing, moving
from volunteer.administration.pages.saving import saved
from volunteer.administration.pages.site_choice import asked_site, grouped
from volunteer.administration.schemas_places import CloseForm, Edit, MoveForm, SiteForm
from volunteer.kernel.clock import now
from volunteer.kernel.db import db, load
from volunteer.places import editing, founding, queries
from volunteer.places.models import Site, SiteLevel
from volunteer.web.acting import Errors, acted
from volunteer.web.asked import number_asked, turning, whole, words_asked
from volunteer.web.identity import current_actor, requires

bp = Blueprint("manage_sites", __name__, url_prefix="/manage/sites")
P = Permission.PLACES_MANAGE


@bp.get("")
@requires(P)
def show() -> ResponseReturnValue:
    """The tree with its branches folded; a search, one branch or the closed sites as a list."""
    words, closed, below = words_asked(), "closed" in request.args, asked_site(P, "under")
    unit, actor = db.session(), current_actor()
    listed = None
    tops: list[Site] = []
    twigs: list[listing.Twig] = []
    if words or closed or below is not None:
        listed = listing.sites(unit, actor, words=words, below=below, closed=closed, page=number_asked("page", 1))
    else:
        tops, twigs = listing.tree(unit, actor)
    carried = {"q": words, "closed": "1" if closed else None, "under": below.id if below else None}
    return render_template(
        "administration/sites.html",
        words=words,
        closed=closed,
        below=below,
        listed=listed,
        tops=tops,
        twigs=twigs,
        turn=turning(".show", listed.page, listed.page < listed.pages, **carried) if listed else {},
        all_in_all=sum(twig.count + 1 for twig in twigs) + len(tops),
    )


@bp.get("/<int:site_id>")
@requires(P)
def site(site_id: int) -> ResponseReturnValue:
    """One site: what it is, what lives there, what can be done with it."""
    found = _mine(site_id)
    unit = db.session()
    return render_template(
        "administration/site.html",
        site=found,
        line=queries.line_of(unit, found)[:-1],
        depends=depending.dependents(unit, found, at=now()),
        may_turn=_may_turn(found),
        below=founding.BELOW.get(found.level),
    )


@bp.get("/new")
@requires(P)
def new() -> ResponseReturnValue:
    """The form for a site below the one that the address names."""
    parent = asked_site(P, "under")
    if parent is None or founding.BELOW.get(parent.level) is None:
        options = [one for one in listing.managed_sites(db.session(), current_actor()) if one.level is not SiteLevel.STATION]
        return render_template("administration/site_where.html", options=grouped(options))
    return _form(None, parent, _suggested(parent), {})


@bp.post("/new")
@requires(P)
def found() -> ResponseReturnValue:
    """Found it."""
    parent = _mine(_under())

    def act(session: Session, edit: Edit) -> str:
        made = founding.found_site(session, current_actor(), edit.draft, load(session, Site, parent.id), at=now())
        return url_for(".site", site_id=made.id)

    return saved(SiteForm(), act, lambda values, errors: _form(None, _mine(_under()), values, errors), _("The site is there."))


@bp.get("/<int:site_id>/edit")
@requires(P)
def edit(site_id: int) -> ResponseReturnValue:
    """Its words and its place."""
    found = _mine(site_id)
    return _form(found, None, _values(found), {})


@bp.post("/<int:site_id>/edit")
@requires(P)
def change(site_id: int) -> ResponseReturnValue:
    """Write them down."""

    def act(session: Session, edit: Edit) -> str:
        editing.edit_site(session, current_actor(), site_id, edit.draft, seen=edit.seen, at=now())
        return url_for(".site", site_id=site_id)

    return saved(SiteForm(), act, lambda values, errors: _form(_mine(site_id), None, values, errors), _("Changed."))


@bp.get("/<int:site_id>/move")
@requires(P)
def where_to(site_id: int) -> ResponseReturnValue:
    """Under which other site, and what goes along."""
    return _move(_mine(site_id), {}, {})


@bp.post("/<int:site_id>/move")
@requires(P)
def move(site_id: int) -> ResponseReturnValue:
    """Move it with everything below."""

    def act(session: Session, form: dict[str, Any]) -> str:
        moving.move_site(session, current_actor(), site_id, form["parent"], seen=form["seen"], at=now())
        return url_for(".site", site_id=site_id)

    return saved(MoveForm(), act, lambda values, errors: _move(_mine(site_id), values, errors), _("Moved."))


@bp.get("/<int:site_id>/close")
@requires(P)
def before_closing(site_id: int) -> ResponseReturnValue:
    """What depends on it, and who would take over."""
    return _close(_mine(site_id), {}, {})


@bp.post("/<int:site_id>/close")
@requires(P)
def close(site_id: int) -> ResponseReturnValue:
    """Close it."""

    def act(session: Session, form: dict[str, Any]) -> str:
        closing.close_site(session, current_actor(), site_id, heir_id=form["heir"], seen=form["seen"], at=now())
        return url_for(".site", site_id=site_id)

    return saved(
        CloseForm(), act, lambda values, errors: _close(_mine(site_id), values, errors), _("Closed. It can be opened again.")
    )


@bp.post("/<int:site_id>/open")
@requires(P)
def reopen(site_id: int) -> ResponseReturnValue:
    """Open it again."""
    there = url_for(".site", site_id=site_id)
    return acted(lambda session: closing.open_site(session, current_actor(), site_id, at=now()), there, _("Open again."))


def _mine(site_id: int) -> Site:
    found = load(db.session(), Site, site_id)
    current_actor().must(P, at=found.path)
    return found


def _under() -> int:
    typed = request.form.get("under", "")
    return whole(typed) or 0


def _may_turn(found: Site) -> bool:
    """Whether the reader looks after the site above, and so may move and close this one."""
    above = found.path.removesuffix(f"{found.id}/")
    return found.parent_id is not None and current_actor().can(P, at=above)


def _form(found: Site | None, parent: Site | None, values: Mapping[str, Any], errors: Errors) -> str:
    return render_template(
        "administration/site_form.html",
        site=found,
        parent=parent,
        level=found.level if found else founding.BELOW.get(parent.level) if parent else None,
        values=values,
        errors=errors,
    )


def _move(found: Site, values: Mapping[str, Any], errors: Errors) -> str:
    unit, actor = db.session(), current_actor()
    moving.over(actor, found)
    targets = moving.targets(unit, actor, found)
    return render_template(
        "administration/site_move.html",
        site=found,
        options=[(one.id, one) for one in targets],
        depends=depending.dependents(unit, found, at=now()),
        values=values,
        errors=errors,
    )


def _close(found: Site, values: Mapping[str, Any], errors: Errors) -> str:
    unit, actor = db.session(), current_actor()
    moving.over(actor, found)
    return render_template(
        "administration/site_close.html",
        site=found,
        depends=depending.dependents(unit, found, at=now()),
        heirs=depending.heirs(unit, actor, found),
        values=values,
        errors=errors,
    )


def _values(found: Site) -> dict[str, Any]:
    """A site as its form shows it."""
    return {
        "code": found.code, "name": found.name, "name_en": found.name_en, "phone": found.phone, "head": found.head,
        "point.latitude": found.latitude, "point.longitude": found.longitude, "seen": found.version,
        "area": json.dumps(found.area, ensure_ascii=False) if found.area else "",
    }  # fmt: skip


def _suggested(parent: Site) -> dict[str, Any]:
    """A code that is free and says where it belongs; the place of the site above, to start from."""
    number, sign = 1, "S" if parent.level is SiteLevel.BRANCH else "-"
    below = {one.code for one in db.session().query(Site.code).where(Site.parent_id == parent.id)}
    while f"{parent.code}{sign}{number:02d}" in below:
        number += 1
    code = f"{parent.code}{sign}{number:02d}"
    return {"code": code if len(code) <= 20 else "", "point.latitude": parent.latitude, "point.longitude": parent.longitude}
