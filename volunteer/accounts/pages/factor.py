"""The second factor's pages: the second door when logging in, setting it up, recovery codes, turning it off."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from volunteer.access import Permission
from volunteer.accounts import halfway, second_factor, signing_in, totp
from volunteer.accounts.models import Person
from volunteer.accounts.pages import door
from volunteer.kernel.clock import now
from volunteer.kernel.db import db
from volunteer.kernel.errors import Conflict, Invalid, NotFound
from volunteer.places import queries as places
from volunteer.web import throttle
from volunteer.web.errors import explain
from volunteer.web.identity import current_actor, current_person, even_when_led, led_to, open_to_all, requires, safe_path
from volunteer.web.locale import chosen
from volunteer.web.qr import svg
from volunteer.web.unit import transaction

bp = Blueprint("factor", __name__)
PAGE = "/me/second-factor"
Errors = dict[str, list[str]]


@bp.get("/login/second")
@open_to_all
@even_when_led
def second() -> ResponseReturnValue:
    """The second door: shown to a browser whose first proof was right."""
    if halfway.waiting(db.session(), session.get(door.STEP), at=now()) is None:
        return redirect(url_for("login.show", next=safe_path(request.args.get("next"))), code=303)
    return _second_door({})


@bp.post("/login/second")
@open_to_all
@even_when_led
def enter_second() -> ResponseReturnValue:
    """Take the code of the authenticator, or a recovery code."""
    at, token = now(), session.get(door.STEP)
    throttle.spend_here(throttle.LOGIN_ADDRESS, at)
    entry = halfway.waiting(db.session(), token, at=at)
    if entry is None:
        flash(_("That took too long, or too many tries. Please log in again."), "soon")
        return redirect(url_for("login.show", next=_next() or None), code=303)
    key = str(entry.person_id)
    _spend(key)
    with transaction() as unit:
        person, how = halfway.show_second(unit, token, request.form.get("code", ""), at=at)
        signing_in.note_sign_in(unit, person, how=how or "second", at=at)
        left = second_factor.codes_left(unit, person.id) if person is not None and how.endswith("recovery") else None
    if person is None:
        return _second_door({"code": [_(second_factor.WRONG_CODE)]}), 422
    _forgive(key)
    answer = door.let_in(person, _next())
    if left is not None:
        flash(_("That recovery code is used up. You have %(left)s more.", left=left), "soon")
    return answer


@bp.get(PAGE)
@requires(Permission.ACCOUNT_OWN)
@even_when_led
def own() -> ResponseReturnValue:
    """My second factor."""
    return _own_page({})


@bp.get(f"{PAGE}/qr.svg")
@requires(Permission.ACCOUNT_OWN)
@even_when_led
def picture() -> ResponseReturnValue:
    """The secret as a QR, until it is in use."""
    factor = second_factor.of(db.session(), current_person().id)
    if factor is None or factor.confirmed_at is not None or not factor.secret:
        raise NotFound("picture")
    return svg(_address(factor.secret))


@bp.post(f"{PAGE}/begin")
@requires(Permission.ACCOUNT_OWN)
@even_when_led
def begin() -> ResponseReturnValue:
    """Make a secret; asks for the password unless the log-in is fresh."""
    at = now()
    if wrong := door.complaint_about_proof(request.form.get("password", ""), at):
        return _own_page(wrong), 422
    with transaction() as unit:
        second_factor.begin(unit, current_actor(), at=at)
    return redirect(url_for(".own"), code=303)


@bp.post(f"{PAGE}/confirm")
@requires(Permission.ACCOUNT_OWN)
@even_when_led
def confirm() -> ResponseReturnValue:
    """Take it into use, and show the recovery codes this once."""
    at, actor = now(), current_actor()
    _spend(str(actor.user_id))
    try:
        with transaction() as unit:
            codes = second_factor.confirm(unit, actor, request.form.get("code", ""), at=at)
    except Invalid as error:
        return _own_page({name: [_(words) for words in said] for name, said in error.fields.items()}), 422
    except Conflict as error:  # a second tap: it is on, and the codes were in the first answer
        flash(explain(error), "soon")
        return redirect(url_for(".own"), code=303)
    _forgive(str(actor.user_id))
    return _codes_page(codes)


@bp.post(f"{PAGE}/codes")
@requires(Permission.ACCOUNT_OWN)
def renew() -> ResponseReturnValue:
    """Ten new recovery codes for a code of the authenticator."""
    if wrong := _complaint_about_code("code"):
        return _own_page(wrong), 422
    with transaction() as unit:
        codes = second_factor.renew_codes(unit, current_actor(), at=now())
    return _codes_page(codes)


@bp.post(f"{PAGE}/off")
@requires(Permission.ACCOUNT_OWN)
def off() -> ResponseReturnValue:
    """Do without it: for password and code."""
    at = now()
    wrong = {}
    if current_person().password_hash is not None:
        wrong = door.complaint_about_password(request.form.get("password", ""), at)
    if wrong := wrong or _complaint_about_code("last_code"):
        return _own_page(wrong), 422
    with transaction() as unit:
        second_factor.turn_off(unit, current_actor(), at=at)
    flash(_("Your second factor is off."))
    return redirect(url_for(".own"), code=303)


def _complaint_about_code(field: str) -> Errors:
    """Return {} and use the code up when it is right. Each try counts."""
    person_id, at = current_person().id, now()
    _spend(str(person_id))
    with transaction() as unit:
        how = second_factor.accept(unit, person_id, request.form.get(field, ""), at=at)
    if how is None:
        return {field: [_(second_factor.WRONG_CODE)]}
    _forgive(str(person_id))
    return {}


def _spend(key: str) -> None:
    at = now()
    throttle.spend(throttle.SECOND_FACTOR, key, at)
    throttle.spend(throttle.SECOND_FACTOR_DAY, key, at)


def _forgive(key: str) -> None:
    at = now()
    throttle.forgive(throttle.SECOND_FACTOR, key, at)
    throttle.forgive(throttle.SECOND_FACTOR_DAY, key, at)


def _second_door(errors: Errors) -> str:
    return render_template("accounts/second.html", errors=errors, next=_next())


def _own_page(errors: Errors) -> str:
    person, unit, at = db.session.get_one(Person, current_person().id), db.session(), now()
    factor = second_factor.of(unit, person.id)
    secret = factor.secret if factor is not None and factor.confirmed_at is None else None
    return render_template(
        "accounts/second_factor.html",
        errors=errors,
        must=led_to() is not None,
        since=factor.confirmed_at if factor is not None else None,
        secret=totp.grouped(secret) if secret else None,
        address=_address(secret) if secret else None,
        left=second_factor.codes_left(unit, person.id),
        has_password=person.password_hash is not None,
        ask=not door.is_fresh(at),
    )


def _codes_page(codes: list[str]) -> str:
    return render_template("accounts/recovery_codes.html", codes=codes, onward=door.first_page(current_actor()))


def _address(secret: str) -> str:
    person, home = current_person(), places.layout(db.session())
    issuer = (home.name_en or home.name if chosen() == "en" else home.name) or _("Volunteer service")
    return totp.address(secret, person.login_name or person.name, issuer)


def _next() -> str:
    return safe_path(request.values.get("next")) or ""
