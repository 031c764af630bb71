"""Doors that open once: an invitation, an administrator's link for a new password, a forgotten password by phone code."""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from volunteer.access import Permission
from volunteer.accounts import inviting, resetting, rules, signing_in
from volunteer.accounts.pages import door
from volunteer.accounts.schemas import NewcomerForm, NewPasswordForm
from volunteer.accounts.wording import role_word
from volunteer.kernel.clock import now
from volunteer.kernel.db import db
from volunteer.kernel.errors import Conflict, Invalid, NotFound
from volunteer.kernel.words import N_
from volunteer.web import forms, throttle
from volunteer.web.errors import explain
from volunteer.web.identity import current_actor, current_person, even_when_led, open_to_all, requires, sign_out
from volunteer.web.locale import chosen
from volunteer.web.pages import NOTICE_VERSION
from volunteer.web.unit import transaction

bp = Blueprint("links", __name__)
Errors = dict[str, list[str]]
TOO_OLD = N_("This link was used already, or it is too old. Please ask for a new one.")


@bp.get("/invited/<token>")
@open_to_all
@even_when_led
def invited(token: str) -> ResponseReturnValue:
    """What somebody is invited to, and the form that makes them a colleague."""
    return _invitation(token, {})


@bp.post("/invited/<token>")
@open_to_all
def take_up(token: str) -> ResponseReturnValue:
    """Become a member of staff."""
    at = now()
    throttle.spend_here(throttle.LINK_ADDRESS, at)
    try:
        draft = forms.load_form(NewcomerForm, request.form)
        with transaction() as unit:
            draft = replace(draft, locale=chosen())
            person = inviting.accept(unit, token, draft, notice=NOTICE_VERSION, at=at)
            signing_in.note_sign_in(unit, person, how="invitation", at=at)
    except NotFound:
        return _too_old()
    except Invalid as error:
        return _invitation(token, _said(error), 422)
    except Conflict as error:
        if error.code != "login_name_taken":
            raise
        return _invitation(token, {"login_name": [explain(error)]}, 422)
    flash(_("Welcome. This is where your work begins."))
    return door.let_in(person)


@bp.post("/invited/<token>/join")
@requires(Permission.ACCOUNT_OWN)
def join(token: str) -> ResponseReturnValue:
    """Take the role on with the account that one has; then log in again, with it."""
    at = now()
    throttle.spend_here(throttle.LINK_ADDRESS, at)
    try:
        with transaction() as unit:
            inviting.accept_as(unit, current_actor(), token, at=at)
    except NotFound:
        return _too_old()
    sign_out()
    flash(_("The role is yours. Please log in again."))
    return redirect(url_for("login.show"), code=303)


@bp.get("/reset/<token>")
@open_to_all
@even_when_led
def reset(token: str) -> ResponseReturnValue:
    """Choose a new password with an administrator's link."""
    return _reset(token, {})


@bp.post("/reset/<token>")
@open_to_all
@even_when_led
def choose(token: str) -> ResponseReturnValue:
    """Set it; the link is used up."""
    at = now()
    throttle.spend_here(throttle.LINK_ADDRESS, at)
    try:
        password = forms.load_form(NewPasswordForm, request.form)
        with transaction() as unit:
            resetting.use_link(unit, token, password, at=at)
    except NotFound:
        return _too_old()
    except Invalid as error:
        return _reset(token, {"new" if name == "password" else name: words for name, words in _said(error).items()}, 422)
    return _changed()


@bp.get("/login/forgot")
@open_to_all
def forgot() -> ResponseReturnValue:
    """The way back in for who forgot the password."""
    return _forgot({})


@bp.post("/login/forgot")
@open_to_all
def send_code() -> ResponseReturnValue:
    """Send a code; the answer is the same whether or not name and phone are known."""
    at = now()
    throttle.spend_here(throttle.CODE_ADDRESS, at)
    throttle.spend(throttle.CODE_PHONE, rules.counted_as(request.form.get("phone", "")), at)
    try:
        with transaction() as unit:
            resetting.request_code(
                unit, request.form.get("name", ""), request.form.get("phone", ""), asked_in=door.asking(), at=at
            )
    except Invalid as error:
        return _forgot(_said(error)), 422
    return _forgot({}, sent=True)


@bp.post("/login/forgot/new")
@open_to_all
def choose_by_code() -> ResponseReturnValue:
    """Set a new password for the code that was sent."""
    at, typed = now(), request.form
    name = typed.get("name", "").strip().lower()[:40].strip()
    throttle.spend_here(throttle.LOGIN_ADDRESS, at)
    throttle.spend(throttle.RESET_TRY, name, at)
    throttle.spend(throttle.RESET_DAY, name, at)
    try:
        password = forms.load_form(NewPasswordForm, typed)
        with transaction() as unit:
            person = resetting.by_code(
                unit,
                name,
                typed.get("phone", ""),
                typed.get("code", ""),
                password,
                typed.get("second", ""),
                asked_in=door.asked_in(),
                at=at,
            )
            if person is None:
                signing_in.note_sign_in(unit, None, how="reset", at=at)
    except Invalid as error:
        return _forgot(_said(error), sent=True), 422
    if person is None:
        return _forgot({"code": [_(resetting.WRONG)]}, sent=True), 422
    return _changed()


def _invitation(token: str, errors: Errors, status: int = 200) -> ResponseReturnValue:
    try:
        invitation = inviting.behind(db.session(), token, at=now())
    except NotFound:
        return _too_old()
    person = current_person()
    html = render_template(
        "accounts/invited.html",
        invitation=invitation,
        role=_(role_word(invitation.role)),
        token=token,
        errors=errors,
        values=forms.typed(request.form) if request.method == "POST" else {"name": invitation.name},
        own=person.name if person is not None else None,
        may_join=person is not None and person.password_hash is not None and person.id != invitation.made_by,
    )
    return html, status


def _reset(token: str, errors: Errors, status: int = 200) -> ResponseReturnValue:
    try:
        person = resetting.behind(db.session(), token, at=now())
    except NotFound:
        return _too_old()
    return render_template("accounts/reset.html", login_name=person.login_name, token=token, errors=errors), status


def _forgot(errors: Errors, *, sent: bool = False) -> str:
    return render_template("accounts/forgot.html", errors=errors, values=forms.typed(request.form), sent=sent)


def _changed() -> ResponseReturnValue:
    flash(_("Your new password holds from now on. Please log in with it."))
    return redirect(url_for("login.show"), code=303)


def _too_old() -> ResponseReturnValue:
    page = render_template(
        "errors/page.html", title=_("This link opens nothing any more"), message=_(TOO_OLD), advice="", back_url="/"
    )
    return page, 404


def _said(error: Invalid) -> Errors:
    """Complaints of schemas are in the reader's language already; those of verbs are msgids."""
    if len(error.fields) == 1 and error.context:
        return {name: [explain(error)] for name in error.fields}
    return {name: [_(words) for words in listed] for name, listed in error.fields.items()}
