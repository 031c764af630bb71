"""Rules of a site: every figure with its one line, its range and its default; versions by date, the past untouched."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from volunteer.access import Permission
from volunteer.accounts.models import Person
from volunteer.administration import listing
from volunteer.administration.pages.grids import number_of
from volunteer.administration.pages.saving import saved
from volunteer.administration.pages.site_choice import asked_site, site_options
from volunteer.kernel.clock import local_date, now
from volunteer.kernel.db import db, load
from volunteer.kernel.errors import Invalid, NotFound
from volunteer.orders.rulebook import replaying
from volunteer.places import adopting, explaining, policies, queries, terms
from volunteer.places.models import PolicyKind, Site
from volunteer.web import forms
from volunteer.web.acting import Errors, acted, again
from volunteer.web.county import zone
from volunteer.web.forms import A_NUMBER
from volunteer.web.identity import current_actor, requires

bp = Blueprint("manage_policies", __name__, url_prefix="/manage/policies")
P = Permission.POLICIES_MANAGE
FRAGMENT = "X-Fragment"  # asked for by the script: only the preview


@bp.get("")
@requires(P)
def show() -> ResponseReturnValue:
    """The kinds of rules, and what holds at a site now."""
    site = asked_site(P) or _first()
    unit, at = db.session(), now()
    kinds = [
        (kind, *explaining.KINDS[kind], _origin(unit, site, kind, at), len(adopting.versions(unit, site, kind)))
        for kind in PolicyKind
    ]
    return render_template("administration/policies.html", site=site, kinds=kinds, sites=site_options(P))


@bp.get("/<kind>")
@requires(P)
def policy(kind: str) -> ResponseReturnValue:
    """One kind: the figures of today, all versions, and a form for the next."""
    return _page(asked_site(P) or _first(), _kind(kind), {}, {})


@bp.post("/<kind>")
@requires(P)
def adopt(kind: str) -> ResponseReturnValue:
    """A new version from a day on."""
    site_id, which = number_of("site"), _kind(kind)
    _mine(site_id)

    def act(session: Session, _nothing: Any) -> str:
        at = now()
        values, begins = _typed(which), forms.first_moment(request.form, "valid_from", at, zone())
        adopting.adopt_policy(session, current_actor(), load(session, Site, site_id), which, values, valid_from=begins, at=at)
        return url_for(".policy", kind=kind, site=site_id)

    return saved(
        None, act, lambda values, errors: _page(_mine(site_id), which, values, errors), _("The new version is written down.")
    )


@bp.post("/matching/preview")
@requires(P)
def preview() -> ResponseReturnValue:
    """What the figures of the form would change on last month's orders; nothing is stored. A script asks for that part alone."""
    site, alone = _mine(number_of("site")), bool(request.headers.get(FRAGMENT))
    try:
        values = _typed(PolicyKind.MATCHING)
        adopting.check_ranges(PolicyKind.MATCHING, values)
        seen = replaying.preview(db.session(), site.path, terms.typed(terms.Matching, values), at=now())
    except Invalid as error:
        if alone:
            return render_template("administration/policy_preview.html", preview=None), 422
        return again(error, lambda values, errors: _page(site, PolicyKind.MATCHING, values, errors))
    if alone:
        return render_template("administration/policy_preview.html", preview=seen)
    return _page(site, PolicyKind.MATCHING, forms.typed(request.form), {}, seen)


@bp.post("/<kind>/<int:row_id>/take-back")
@requires(P)
def take_back(kind: str, row_id: int) -> ResponseReturnValue:
    """Take back a version that has not begun."""
    there = url_for(".policy", kind=_kind(kind).value, site=number_of("site") or None)
    return acted(lambda session: adopting.take_back_policy(session, current_actor(), row_id, at=now()), there, _("Taken back."))


def _kind(kind: str) -> PolicyKind:
    if kind not in set(PolicyKind):
        raise NotFound("page")
    return PolicyKind(kind)


def _mine(site_id: int) -> Site:
    site = load(db.session(), Site, site_id)
    current_actor().must(P, at=site.path)
    return site


def _first() -> Site:
    sites = listing.managed_sites(db.session(), current_actor(), P)
    if not sites:
        raise NotFound("site")
    return sites[0]


def _typed(kind: PolicyKind) -> dict[str, Any]:
    """The figures of the form, each of the kind that its default has. Raises Invalid with every complaint."""
    values: dict[str, Any] = {}
    wrong: dict[str, list[str]] = {}
    for name, default in _figures(terms.KINDS[kind]()).items():
        typed = request.form.get(name, "").strip()[:20]
        try:
            values[name] = type(default)(typed)
        except ValueError:
            wrong[name] = [A_NUMBER]
    if wrong:
        raise Invalid("invalid", A_NUMBER, wrong)
    return values


def _figures(terms: Any) -> dict[str, Any]:
    return {name: value for name, value in asdict(terms).items() if name != "version"}


def _origin(unit: Session, site: Site, kind: PolicyKind, at: datetime) -> Site | None:
    """The site whose version holds at ``site``; None when the defaults do."""
    for above in reversed(queries.line_of(unit, site)):
        if any(row.valid_from <= at for row in adopting.versions(unit, above, kind)):
            return above
    return None


def _page(
    site: Site, kind: PolicyKind, values: Mapping[str, Any], errors: Errors, preview: replaying.Preview | None = None
) -> str:
    unit, at = db.session(), now()
    held = _figures(policies.policy_at(unit, site.path, kind, at))
    rows = adopting.versions(unit, site, kind)
    makers = {row.made_by for row in rows if row.made_by is not None}
    names = {row.id: row.name for row in unit.execute(select(Person.id, Person.name).where(Person.id.in_(makers)))}
    holds = next((row for row in rows if row.valid_from <= at), None)
    return render_template(
        "administration/policy.html",
        site=site,
        kind=kind,
        words=explaining.KINDS[kind],
        figures=explaining.FIGURES[kind],
        choices=explaining.CHOICES,
        defaults=_figures(terms.KINDS[kind]()),
        held=held,
        origin=_origin(unit, site, kind, at),
        versions=[(row, names.get(row.made_by or 0, ""), _changes(rows, place, kind)) for place, row in enumerate(rows)],
        holds=holds,
        today=local_date(at, zone()),
        now=at,
        sites=site_options(P),
        values=values or held | {"valid_from": local_date(at, zone()).isoformat()},
        errors=errors,
        preview=preview,
        previewed=kind is PolicyKind.MATCHING,
    )


def _changes(rows: Any, place: int, kind: PolicyKind) -> list[tuple[str, Any, Any]]:
    """What a version changed against the one before it at this site, else against the defaults: (name, before, after)."""
    defaults = _figures(terms.KINDS[kind]())
    before = defaults | (rows[place + 1].values if place + 1 < len(rows) else {})
    after = defaults | rows[place].values
    return [(name, before[name], after[name]) for name in defaults if before[name] != after[name]]
