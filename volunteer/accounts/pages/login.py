"""Logging in and out, and seeing where one is logged in."""

from __future__ import annotations

from typing import NamedTuple

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from volunteer.access import Permission
from volunteer.accounts import rules, signing_in, staff
from volunteer.accounts.models import Person
from volunteer.accounts.pages.door import asked_in, asking, first_page, let_in, welcome
from volunteer.accounts.registering import set_password
from volunteer.kernel.clock import now
from volunteer.kernel.db import db
from volunteer.kernel.errors import Invalid, NotFound
from volunteer.kernel.words import N_
from volunteer.places import queries as places
from volunteer.web import sessions, throttle
from volunteer.web.config import current_settings
from volunteer.web.errors import explain
from volunteer.web.identity import (
    current_actor,
    current_person,
    current_session_id,
    even_when_led,
    limits,
    open_to_all,
    requires,
    safe_path,
    sign_in,
    sign_out,
)
from volunteer.web.unit import transaction

bp = Blueprint("login", __name__)
LOG_INS = 20


class Persona(NamedTuple):
    """One of the people of the demo county that a visitor may be with one click; the key is the log-in name."""

    key: str
    label: str
    does: str
    icon: str


PERSONAS = (
    Persona("resident", N_("Resident"), N_("asks for help and says whether it was good"), "hand"),
    Persona("clerk", N_("Station clerk"), N_("orders for callers and walk-ins"), "store"),
    Persona("dispatcher", N_("Dispatcher"), N_("finds a team for every request"), "layout-list"),
    Persona("leader", N_("Team leader"), N_("accepts requests and serves"), "inbox"),
    Persona("volunteer", N_("Volunteer"), N_("sees hours and takes the certificate home"), "user-round"),
    Persona("merchant", N_("Merchant"), N_("hands over gifts for points"), "scan-qr-code"),
    Persona("director", N_("Centre director"), N_("sees what was asked and what was met"), "chart-column"),
    Persona("admin", N_("Site administrator"), N_("looks after a town's people and teams"), "shield-check"),
    Persona("auditor", N_("Auditor"), N_("sees who looked at what"), "scroll-text"),
    Persona("it", N_("County IT"), N_("sees that everything runs"), "server"),
)


@bp.get("/login")
@open_to_all
def show() -> ResponseReturnValue:
    """The door: name and password, or in the demo one click."""
    if current_person() is not None:
        return redirect(safe_path(request.args.get("next")) or first_page(current_actor()))
    return _door({})


@bp.post("/login")
@open_to_all
def enter() -> ResponseReturnValue:
    """Log in by name and password. The answer is the same for an unknown name and a wrong password."""
    name, password, at = request.form.get("name", "").strip().lower()[:40].strip(), request.form.get("password", ""), now()
    throttle.spend_here(throttle.LOGIN_ADDRESS, at)
    throttle.spend(throttle.LOGIN_ACCOUNT, name, at)
    person = signing_in.check_password(db.session(), name, password)
    if person is None:
        with transaction() as unit:
            signing_in.note_sign_in(unit, None, how="password", at=at)
        return _door({"name": [_("The name or the password is not right.")]}), 422
    throttle.forgive(throttle.LOGIN_ACCOUNT, name, at)
    return welcome(person, how="password")


@bp.get("/login/code")
@open_to_all
def code() -> ResponseReturnValue:
    """Ask for a code by phone."""
    return _code_door({}, sent=False)


@bp.post("/login/code/send")
@open_to_all
def send_code() -> ResponseReturnValue:
    """Send a code. The answer is the same whether or not anybody has that phone."""
    phone, at = request.form.get("phone", ""), now()
    throttle.spend_here(throttle.CODE_ADDRESS, at)
    throttle.spend(throttle.CODE_PHONE, rules.counted_as(phone), at)
    try:
        with transaction() as unit:
            signing_in.request_code(unit, phone, asked_in=asking(), at=at)
    except Invalid as error:
        return _code_door({name: [_(words) for words in said] for name, said in error.fields.items()}, sent=False), 422
    return _code_door({}, sent=True)


@bp.post("/login/code")
@open_to_all
def enter_by_code() -> ResponseReturnValue:
    """Log in with the code that was sent."""
    phone, at = request.form.get("phone", ""), now()
    throttle.spend_here(throttle.LOGIN_ADDRESS, at)
    throttle.spend(throttle.CODE_TRY, rules.counted_as(phone), at)
    with transaction() as unit:
        person = signing_in.sign_in_by_code(unit, phone, request.form.get("code", ""), asked_in=asked_in(), at=at)
        if person is None:
            signing_in.note_sign_in(unit, None, how="code", at=at)
    if person is None:
        return _code_door({"code": [_("This code is not right, or it is too old. Ask for a new one.")]}, sent=True), 422
    return welcome(person, how="code")


@bp.post("/demo/<persona>")
@open_to_all
def demo(persona: str) -> ResponseReturnValue:
    """Be one of the people of the demo county; only where the database itself says that it is one."""
    known = {one.key for one in PERSONAS}
    if persona not in known or not places.mark(db.session(), "demo"):
        raise NotFound("page")
    person = db.session.scalar(select(Person).where(Person.login_name == persona, Person.disabled_at.is_(None)))
    if person is None:
        raise NotFound("page")
    with transaction() as unit:
        signing_in.note_sign_in(unit, person, how="demo", at=now())
    return let_in(person, request.form.get("next"))  # one click, no second proof: everybody here is invented


@bp.post("/logout")
@open_to_all
@even_when_led
def leave() -> ResponseReturnValue:
    """Log out here; the session is dead on the server too."""
    sign_out()
    flash(_("You are logged out."))
    return redirect("/", code=303)


@bp.get("/me/sessions")
@requires(Permission.ACCOUNT_OWN)
def own_sessions() -> ResponseReturnValue:
    """Where I am logged in."""
    rows = sessions.living(db.session(), current_person().id, limits(current_settings()), at=now())
    return render_template("accounts/sessions.html", rows=rows, this=current_session_id())


@bp.get("/me/logins")
@requires(Permission.ACCOUNT_OWN)
def log_ins() -> ResponseReturnValue:
    """When and from where I logged in: half a year back."""
    before = request.args.get("before", type=int)
    before = min(max(before, 1), 2**31 - 1) if before is not None else None
    rows = list(staff.log_ins(db.session(), current_person().id, limit=LOG_INS + 1, before=before))
    more = rows[LOG_INS - 1].id if len(rows) > LOG_INS else None
    return render_template("accounts/log_ins.html", rows=rows[:LOG_INS], more=more, first=before is None)


@bp.post("/me/sessions/<int:session_id>/end")
@requires(Permission.ACCOUNT_OWN)
def end_session(session_id: int) -> ResponseReturnValue:
    """Log another device out."""
    person_id = current_person().id
    with transaction() as unit:
        sessions.end_one(unit, person_id, session_id, at=now())
    flash(_("That device is logged out."))
    return redirect(url_for(".own_sessions"), code=303)


@bp.post("/me/sessions/end")
@requires(Permission.ACCOUNT_OWN)
def end_others() -> ResponseReturnValue:
    """Log every other device out."""
    person_id, this = current_person().id, current_session_id()
    with transaction() as unit:
        sessions.end_all(unit, person_id, at=now(), but=this)
    flash(_("All other devices are logged out."))
    return redirect(url_for(".own_sessions"), code=303)


@bp.get("/me/password")
@requires(Permission.ACCOUNT_OWN)
def password() -> ResponseReturnValue:
    """Choose another password."""
    return _password_form({})


@bp.post("/me/password")
@requires(Permission.ACCOUNT_OWN)
def change_password() -> ResponseReturnValue:
    """Whoever knows the old password chooses a new one; every other device is logged out, this one gets a new session."""
    person, at = current_person(), now()
    throttle.spend(throttle.PASSWORD_CHANGE, str(person.id), at)
    old, new, again = (request.form.get(name, "") for name in ("old", "new", "again"))
    if signing_in.check_password(db.session(), person.login_name or "", old) is None:
        with transaction() as unit:
            signing_in.note_sign_in(unit, None, how="password_change", at=at)
        return _password_form({"old": [_("This is not your password.")]}), 422
    if new != again:
        return _password_form({"again": [_("The two are not the same.")]}), 422
    try:
        with transaction() as unit:
            set_password(unit, current_actor(), unit.get_one(Person, person.id), new, at=at)
    except Invalid as error:
        return _password_form({"new": [explain(error)]}), 422
    sign_in(person)
    throttle.forgive(throttle.PASSWORD_CHANGE, str(person.id), at)
    flash(_("Your new password holds from now on. All other devices are logged out."))
    return redirect(url_for(".own_sessions"), code=303)


def _door(errors: dict[str, list[str]]) -> str:
    personas: list[tuple[Persona, str]] = []
    if places.mark(db.session(), "demo"):
        found = select(Person.login_name, Person.name).where(Person.login_name.in_([one.key for one in PERSONAS]))
        names = {row.login_name: row.name for row in db.session.execute(found)}
        personas = [(one, names[one.key]) for one in PERSONAS if one.key in names]
    values = {"name": request.form.get("name", "")}
    return render_template("accounts/login.html", errors=errors, values=values, next=_next(), personas=personas)


def _code_door(errors: dict[str, list[str]], *, sent: bool) -> str:
    values = {"phone": request.form.get("phone", "")}
    return render_template("accounts/code.html", errors=errors, values=values, next=_next(), sent=sent)


def _password_form(errors: dict[str, list[str]]) -> str:
    return render_template("accounts/password.html", errors=errors, has_password=current_person().password_hash is not None)


def _next() -> str:
    return safe_path(request.values.get("next")) or ""
