"""What the pages of places and menu share: a form is loaded, one verb is run once, and a refusal leads back to the form."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from marshmallow import Schema
from sqlalchemy.orm import Session

from volunteer.access import Permission
from volunteer.administration.listing import managed_sites
from volunteer.kernel.clock import now
from volunteer.kernel.db import db
from volunteer.kernel.errors import Conflict, Invalid, NotFound
from volunteer.kernel.words import named
from volunteer.orders.pages.inbox import field_errors
from volunteer.places.models import Site, SiteLevel
from volunteer.web import forms, idempotency, locale
from volunteer.web.errors import explain
from volunteer.web.identity import current_actor
from volunteer.web.unit import transaction

Errors = Mapping[str, Sequence[str]]
Act = Callable[[Session, Any], str]  # the verb; returns the address to go on to
Page = Callable[[Mapping[str, Any], Errors], str]
MISSING = {"category": "category", "skill": "skills", "site": "site"}  # what a verb did not find, by the field that named it


def saved(schema: Schema | type[Schema] | None, act: Act, page: Page, done: str) -> ResponseReturnValue:
    """Load the form, run ``act`` once and go on; or show ``page`` again with what was typed and what is wrong with it."""
    try:
        draft = forms.load_form(schema, request.form) if schema is not None else None
        there = run_once(lambda session: act(session, draft))
    except (Invalid, Conflict) as error:
        if isinstance(error, Invalid) and error.code.startswith("once"):
            raise
        return again(error, page)
    except NotFound as error:
        what = str(error.context.get("what", ""))
        if what not in MISSING:
            raise
        return again(Invalid.field(MISSING[what], "Please choose one of these."), page)
    flash(done)
    return redirect(there, code=303)


def run_once(act: Callable[[Session], str]) -> str:
    """Run ``act`` in a transaction of its own, once for each rendered form; return where it leads."""
    at, body = now(), idempotency.fingerprint(request.form, request.files)
    with transaction() as session:
        there = idempotency.claim(session, request.form.get("once", ""), body, at, purpose=request.path)
        if there is None:
            there = act(session)
            idempotency.settle(session, there)
    return there


def again(error: Invalid | Conflict, page: Page) -> ResponseReturnValue:
    """Show the form again: complaints stand beside their fields, anything else at the top."""
    db.session.rollback()
    errors = field_errors(error) if isinstance(error, Invalid) else {}
    errors = errors or {"": [explain(error)]}
    answer = page(forms.typed(request.form), errors)
    return answer, 409 if isinstance(error, Conflict) else 422


def acted(act: Callable[[Session], Any], there: str, done: str) -> ResponseReturnValue:
    """Run a verb that needs no form and go on. A refusal is told where one came from."""
    try:
        with transaction() as session:
            act(session)
    except (Invalid, Conflict) as error:
        db.session.rollback()
        flash(explain(error), "late")
        return redirect(there, code=303)
    flash(done)
    return redirect(there, code=303)


def words_asked() -> str:
    """Return what was typed into the search field."""
    return request.args.get("q", "").replace("\0", "").strip()[:60]


def number_asked(name: str, default: int = 0, most: int = 2**31 - 1) -> int:
    """Return a whole number of the address; ``default`` when it is none."""
    typed = request.args.get(name, "")
    return min(int(typed), most) if typed.isascii() and typed.isdigit() and len(typed) < 11 else default


def turning(endpoint: str, page: int, pages: int, **carried: Any) -> dict[str, str | None]:
    """Return the addresses of the pages before and after."""
    here = {name: value for name, value in carried.items() if value}
    return {
        "previous": url_for(endpoint, page=page - 1, **here) if page > 1 else None,
        "next": url_for(endpoint, page=page + 1, **here) if page < pages else None,
    }


def site_options(permission: Permission, *, but: int = 0) -> list[Any]:
    """Return the open sites that the reader looks after, grouped by branch, for a select."""
    return grouped(managed_sites(db.session(), current_actor(), permission), but=but)


def grouped(sites: Sequence[Site], *, but: int = 0) -> list[Any]:
    """Return sites as options of a select: each branch is a group with its stations."""
    chosen = locale.chosen()
    names = {site.id: named(site, chosen) for site in sites}
    groups: dict[int | None, list[tuple[int, str]]] = {}
    titles: dict[int | None, str] = {}
    for site in sorted(sites, key=lambda one: (one.level is SiteLevel.STATION, one.path.count("/"), one.code)):
        if site.id == but:
            continue
        own = site.level is not SiteLevel.STATION
        key = site.id if site.level is SiteLevel.BRANCH else (None if own else site.parent_id)
        titles.setdefault(key, names.get(key or 0) or (_("Centre") if own else _("Stations")))
        groups.setdefault(key, []).append((site.id, names[site.id]))
    return [(titles[key], rows) for key, rows in groups.items()]


def asked_site(permission: Permission, name: str = "site") -> Site | None:
    """Return the site that the address names. Raises NotFound when it is not the reader's."""
    number = number_asked(name)
    if not number:
        return None
    site = db.session.get(Site, number)
    if site is None:
        raise NotFound("site")
    current_actor().must(permission, at=site.path)
    return site
