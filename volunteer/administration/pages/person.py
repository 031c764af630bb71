"""One colleague: roles with their days, the account's state, and what an administrator may do about it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from volunteer.access import Actor, Permission
from volunteer.accounts import granting, queries, registering, resetting, second_factor, staff
from volunteer.accounts.models import Person, RoleGrant
from volunteer.administration.pages.people import role_options, site_options
from volunteer.administration.schemas_people import GrantForm, UntilForm
from volunteer.audit.recording import record
from volunteer.kernel.clock import now
from volunteer.kernel.db import db, load
from volunteer.kernel.errors import DomainError, Invalid, NotFound
from volunteer.places.models import Site
from volunteer.web import forms, throttle
from volunteer.web.acting import field_errors
from volunteer.web.county import zone
from volunteer.web.identity import current_actor, requires
from volunteer.web.unit import transaction

bp = Blueprint("person", __name__)
Errors = dict[str, list[str]]


@bp.get("/manage/people/<int:person_id>")
@requires(Permission.PEOPLE_MANAGE)
def show(person_id: int) -> ResponseReturnValue:
    """One colleague."""
    return _page(person_id, {})


@bp.post("/manage/people/<int:person_id>/grants")
@requires(Permission.PEOPLE_MANAGE)
def grant(person_id: int) -> ResponseReturnValue:
    """Give one more role."""
    staff.person_for(db.session(), current_actor(), person_id)
    try:
        terms = forms.load_form(GrantForm(zone()), request.form)
        with transaction() as unit:
            site = load(unit, Site, terms.pop("site_id"))
            granting.grant_role(unit, current_actor(), person_id, site=site, at=now(), **terms)
    except Invalid as error:
        return _page(person_id, field_errors(error)), 422
    except NotFound:
        return _page(person_id, {"site": [_("Please choose one of these.")]}), 422
    flash(_("The role holds. The person logs in again and has it."))
    return _back(person_id)


@bp.post("/manage/people/<int:person_id>/grants/<int:grant_id>/until")
@requires(Permission.PEOPLE_MANAGE)
def lengthen(person_id: int, grant_id: int) -> ResponseReturnValue:
    """Change until when a role holds."""
    _its_own(person_id, grant_id)
    try:
        until = forms.load_form(UntilForm(zone()), request.form)
        with transaction() as unit:
            granting.lengthen_role(unit, current_actor(), grant_id, until, at=now())
    except Invalid as error:
        said = field_errors(error)
        return _page(person_id, {f"until-{grant_id}": said.get("until", [])}), 422
    flash(_("The day is changed."))
    return _back(person_id)


@bp.post("/manage/people/<int:person_id>/grants/<int:grant_id>/end")
@requires(Permission.PEOPLE_MANAGE)
def end(person_id: int, grant_id: int) -> ResponseReturnValue:
    """End a role now."""
    _its_own(person_id, grant_id)
    with transaction() as unit:
        granting.revoke_role(unit, current_actor(), grant_id, at=now())
    flash(_("The role has ended, on every device at once."))
    return _back(person_id)


@bp.post("/manage/people/<int:person_id>/password-link")
@requires(Permission.PEOPLE_MANAGE)
def password_link(person_id: int) -> ResponseReturnValue:
    """Make a link for a new password, and show it this once."""
    staff.person_for(db.session(), current_actor(), person_id)
    with transaction() as unit:
        link = resetting.make_link(unit, current_actor(), person_id, at=now())
    return _page(person_id, {}, link=link)


@bp.post("/manage/people/<int:person_id>/second-factor/reset")
@requires(Permission.PEOPLE_MANAGE)
def reset_factor(person_id: int) -> ResponseReturnValue:
    """Take the second factor away from who lost phone and codes."""
    return _act(
        person_id,
        lambda unit, actor, at: second_factor.reset(unit, actor, person_id, at=at),
        _("The second factor is gone, and the person has been told."),
    )


@bp.post("/manage/people/<int:person_id>/disable")
@requires(Permission.PEOPLE_MANAGE)
def disable(person_id: int) -> ResponseReturnValue:
    """Close the account."""
    return _act(
        person_id,
        lambda unit, actor, at: registering.disable(unit, actor, person_id, at=at),
        _("The account is closed, on every device at once."),
    )


@bp.post("/manage/people/<int:person_id>/enable")
@requires(Permission.PEOPLE_MANAGE)
def enable(person_id: int) -> ResponseReturnValue:
    """Open it again."""
    return _act(
        person_id, lambda unit, actor, at: registering.enable(unit, actor, person_id, at=at), _("The account is open again.")
    )


@bp.post("/manage/people/<int:person_id>/unlock")
@requires(Permission.PEOPLE_MANAGE)
def unlock(person_id: int) -> ResponseReturnValue:
    """Let somebody try again who tried too often."""

    def act(unit: Session, actor: Actor, at: datetime) -> None:
        person = load(unit, Person, person_id)
        granting.must_manage(unit, actor, person, at=at)
        record(unit, actor, "tries_forgiven", f"person:{person_id}", at=at)

    answer = _act(person_id, act, _("They may try again."))
    at, person = now(), db.session.get_one(Person, person_id)
    for limit, key in _limits(person):
        throttle.forgive(limit, key, at)
    return answer


def _act(person_id: int, act: Callable[[Session, Actor, datetime], Any], done: str) -> ResponseReturnValue:
    staff.person_for(db.session(), current_actor(), person_id)
    with transaction() as unit:
        act(unit, current_actor(), now())
    flash(done)
    return _back(person_id)


def _its_own(person_id: int, grant_id: int) -> None:
    """The address names both: a role of somebody else is not there."""
    staff.person_for(db.session(), current_actor(), person_id)
    if load(db.session(), RoleGrant, grant_id).person_id != person_id:
        raise NotFound("grant")


def _page(person_id: int, errors: Errors, *, link: str | None = None) -> str:
    unit, actor, at = db.session(), current_actor(), now()
    person = staff.person_for(unit, actor, person_id)
    grants = [row for row in queries.grants_of(unit, person_id) if actor.can(Permission.PEOPLE_MANAGE, at=row.site.path)]
    current = [row for row in grants if row.until is None or row.until > at]
    factor = second_factor.of(unit, person_id)
    return render_template(
        "administration/person.html",
        person=person,
        phone=person.phone,
        current=current,
        past=[row for row in grants if row not in current],
        may_change={row.id for row in current if person_id != actor.user_id and actor.may_give(row.role, at=row.site.path)},
        at=at,
        seen=staff.last_seen(unit, person_id),
        factor_since=factor.confirmed_at if factor is not None else None,
        locked=any(throttle.is_used_up(unit, limit, key, at) for limit, key in _limits(person)),
        may_manage=_may_manage(unit, actor, person, at),
        own=person_id == actor.user_id,
        givers=_names(unit, grants),
        errors=errors,
        values=forms.typed(request.form) if request.method == "POST" else {},
        roles=[option[:2] for option in role_options(actor)],
        sites=site_options(unit, actor),
        link=link,
    )


def _may_manage(unit: Session, actor: Actor, person: Person, at: datetime) -> bool:
    if person.id == actor.user_id:
        return False
    try:
        granting.must_manage(unit, actor, person, at=at)
    except DomainError:
        return False
    return True


def _names(unit: Session, grants: list[RoleGrant]) -> dict[int, str]:
    ids = {row.granted_by for row in grants if row.granted_by is not None}
    return queries.names_of(unit, ids)


def _limits(person: Person) -> list[tuple[throttle.Limit, str]]:
    key = str(person.id)
    mine = [(throttle.SECOND_FACTOR, key), (throttle.SECOND_FACTOR_DAY, key)]
    return [(throttle.LOGIN_ACCOUNT, person.login_name), *mine] if person.login_name else mine


def _back(person_id: int) -> ResponseReturnValue:
    return redirect(url_for(".show", person_id=person_id), code=303)
