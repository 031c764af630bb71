"""From the first proof to the first page: with a second factor there is one more door between."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from functools import wraps
from typing import Any

from flask import redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from volunteer.access import Actor, Role
from volunteer.accounts import halfway, second_factor, signing_in
from volunteer.accounts.models import Person
from volunteer.kernel.clock import now
from volunteer.kernel.db import db
from volunteer.web import files, throttle
from volunteer.web.identity import View, current_actor, current_person, current_session_id, page_before, safe_path, sign_in
from volunteer.web.models import WebSession
from volunteer.web.unit import transaction

ASKED = "asked"  # in the visitor's cookie: what a code that was asked for here is bound to
STEP = "entry"  # in the visitor's cookie: the token of a log-in half done
PASSWORD, RETURN = "password", "return_to"  # fields of the page that asks for the proof
FRESH = timedelta(minutes=10)  # so long after logging in nobody is asked for the password again

FIRST_PAGES = (
    (Role.DISPATCHER, "/board"),
    (Role.CLERK, "/desk"),
    (Role.DIRECTOR, "/overview"),
    (Role.SITE_ADMIN, "/overview"),
    (Role.AUDITOR, "/audit"),
    (Role.COUNTY_IT, "/system"),
    (Role.TEAM_LEADER, "/inbox"),
    (Role.MERCHANT, "/till"),
    (Role.VOLUNTEER, "/me"),
)


def welcome(person: Person, *, how: str, page: str | None = None) -> ResponseReturnValue:
    """Let somebody in who has shown the first proof, or ask for the second. ``page`` is where to go then."""
    at, target = now(), safe_path(request.form.get("next")) or page
    with transaction() as unit:
        token = None
        if second_factor.is_on(unit, person.id):
            token = halfway.wait_for_second(unit, person, how=how, at=at)
        else:
            signing_in.note_sign_in(unit, person, how=how, at=at)
    if token is not None:
        session[STEP] = token
        return redirect(url_for("factor.second", next=target), code=303)
    return let_in(person, target)


def let_in(person: Person, target: str | None = None) -> ResponseReturnValue:
    """Open a session, in the person's language, at ``target`` or where their work begins."""
    locale = person.locale
    sign_in(person)
    session.setdefault("locale", locale)
    return redirect(safe_path(target) or first_page(current_actor()), code=303)


def first_page(actor: Actor) -> str:
    """Return where this person's work begins."""
    roles = {role for role, _path in actor.grants}
    return next((path for role, path in FIRST_PAGES if role in roles), "/")


def asking() -> str:
    """Return the word by which a code that is asked for in this browser opens here alone; it is made when there is none."""
    if ASKED not in session:
        session[ASKED] = secrets.token_urlsafe(16)
    return str(session[ASKED])


def asked_in() -> str:
    """Return that word; nothing where no code was asked for, or after a log-in."""
    return str(session.get(ASKED, ""))


def is_fresh(at: datetime) -> bool:
    """Return whether this browser's session is so young that its proofs still count."""
    row = db.session.get(WebSession, current_session_id() or 0)
    return row is not None and row.started_at > at - FRESH


def complaint_about_password(typed: str, at: datetime) -> dict[str, list[str]]:
    """Return what is wrong with ``typed`` as the password of whoever is signed in; {} when it is right. Each wrong try counts."""
    person = current_person()
    throttle.spend(throttle.PASSWORD_CHANGE, str(person.id), at)
    if signing_in.check_password(db.session(), person.login_name or "", typed) is not None:
        throttle.forgive(throttle.PASSWORD_CHANGE, str(person.id), at)
        return {}
    with transaction() as unit:
        signing_in.note_sign_in(unit, None, how="password_again", at=at)
    return {"password": [_("This is not your password.")]}


def complaint_about_proof(typed: str, at: datetime) -> dict[str, list[str]]:
    """Return {} in a fresh session or for the right password; who has no password comes in afresh by phone code."""
    if not is_fresh(at):
        if current_person().password_hash is None:
            return {"password": [_("This takes a fresh log-in. Please log out and in again.")]}
        if wrong := complaint_about_password(typed, at):
            return wrong
    files.note_proof()
    return {}


def after_proof(view: View) -> View:
    """Let ``view``, which answers a POST with a file, run in a fresh session or for the right password; else ask for it.

    The page that asks carries the whole form along and sends it to the same address.
    """

    @wraps(view)
    def proven(*args: Any, **kwargs: Any) -> Any:
        at = now()
        if PASSWORD not in request.form and not is_fresh(at):
            return _ask({}), 422
        if wrong := complaint_about_proof(request.form.get(PASSWORD, ""), at):
            return _ask(wrong), 422
        return view(*args, **kwargs)

    proven.asks_proof = True  # type: ignore[attr-defined]
    return proven  # type: ignore[return-value]


def _ask(errors: dict[str, list[str]]) -> str:
    return_to = safe_path(request.form.get(RETURN)) or page_before()
    carried = [(name, value) for name, value in request.form.items(multi=True) if name not in {PASSWORD, RETURN, "csrf_token"}]
    return render_template(
        "accounts/proof.html",
        action=request.full_path.removesuffix("?"),
        carried=carried + ([(RETURN, return_to)] if return_to else []),
        return_to=return_to,
        has_password=current_person().password_hash is not None,
        errors=errors,
    )
