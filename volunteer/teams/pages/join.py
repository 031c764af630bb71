"""/join: a phone, its code, one form; a volunteer number at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from itsdangerous import BadSignature, URLSafeTimedSerializer

from volunteer.accounts import rules
from volunteer.accounts.models import Person
from volunteer.accounts.pages import door
from volunteer.kernel.clock import local_date, now
from volunteer.kernel.db import db
from volunteer.kernel.errors import Conflict, Invalid
from volunteer.places.queries import centre
from volunteer.teams import joining
from volunteer.teams.fit import ADULT
from volunteer.teams.models import Volunteer
from volunteer.teams.pages.fields import site_called, site_options, week_grid
from volunteer.teams.queries_people import open_skills
from volunteer.teams.schemas import JoinForm
from volunteer.web import county, filters, forms, locale, throttle
from volunteer.web.acting import Errors, complaints
from volunteer.web.identity import current_person, open_to_all, sign_in
from volunteer.web.unit import transaction

bp = Blueprint("join", __name__, url_prefix="/join")
PROOF_LIVES = 2 * 3600  # seconds in which the form may be filled in


@bp.get("")
@open_to_all
def show() -> ResponseReturnValue:
    """Where one begins: the phone; whoever is logged in goes on to the form, and a volunteer to their profile."""
    person = current_person()
    if person is None:
        return _phone({})
    if db.session.get(Volunteer, person.id) is not None:
        return redirect("/me/profile", code=303)
    return _form({"name": person.name, "locale": locale.chosen()}, {}, phone=person.phone or "")


@bp.post("/code")
@open_to_all
def code() -> ResponseReturnValue:
    """Send six digits to a phone: the same answer for every phone."""
    at, typed = now(), request.form.get("phone", "")[:40]
    throttle.spend_here(throttle.CODE_ADDRESS, at)
    throttle.spend(throttle.CODE_PHONE, f"join:{rules.counted_as(typed)}", at)
    try:
        with transaction() as unit:
            phone = joining.send_code(unit, typed, asked_in=door.asking(), at=at)
    except Invalid as error:
        return _phone(complaints(error)), 422
    return render_template("teams/join_code.html", values={"phone": phone}, errors={})


@bp.post("/phone")
@open_to_all
def prove() -> ResponseReturnValue:
    """The six digits lead to the form."""
    at, phone = now(), request.form.get("phone", "")[:40]
    throttle.spend_here(throttle.LOGIN_ADDRESS, at)
    throttle.spend(throttle.CODE_TRY, f"join:{rules.counted_as(phone)}", at)
    with transaction() as unit:
        right = joining.prove_phone(unit, phone, request.form.get("code", "")[:12], asked_in=door.asked_in(), at=at)
    if not right:
        errors = {"code": [_("This code is not right, or it is too old. Ask for a new one.")]}
        return render_template("teams/join_code.html", values={"phone": phone}, errors=errors), 422
    return _form({}, {}, phone=phone)


@bp.post("")
@open_to_all
def register() -> ResponseReturnValue:
    """Register; whoever has proved the phone is logged in with it."""
    at, person = now(), current_person()
    throttle.spend_here(throttle.PLACE_ADDRESS, at)
    if person is not None and db.session.get(Volunteer, person.id) is not None:
        return redirect("/me/profile", code=303)  # the second of two taps
    phone = (person.phone or "") if person is not None else _proved(request.form.get("proof", ""))
    if phone is None:
        return _phone({"phone": [_("Please prove your phone once more: it took too long.")]}), 422
    person_id = person.id if person is not None else None
    try:
        data = forms.load_form(JoinForm, request.form)
        with transaction() as unit:
            site = site_called(unit, data.pop("site"))
            draft = joining.JoinDraft(**data, site=site, phone=phone, locale=locale.chosen())
            made = joining.join(unit, draft, at=at, person_id=person_id)
            number, who, comes_in = made.number, made.id, joining.may_come_in(unit, made.person, at)
    except Invalid as error:
        db.session.rollback()
        return _form(request.form, complaints(error), phone=phone), 422
    except Conflict as error:
        db.session.rollback()
        return render_template("teams/join_known.html", message=complaints(error)["form"][0]), 409
    flash(_("Welcome! Your volunteer number is %(number)s.", number=number))
    if person is None and comes_in:
        sign_in(db.session.get_one(Person, who))
        session.setdefault("locale", locale.chosen())
    return redirect("/me/profile" if person is not None or comes_in else url_for("login.show"), code=303)


def _phone(errors: Errors) -> str:
    values = {"phone": request.form.get("phone", "")[:40]}
    first = centre(db.session())
    return render_template("teams/join_phone.html", values=values, errors=errors, site=first)


def _form(values: Mapping[str, Any], errors: Errors, *, phone: str) -> str:
    today = local_date(now(), county.zone())
    return render_template(
        "teams/join.html",
        values=values,
        errors=errors,
        proof=_signer().dumps(phone),
        phone=phone,
        sites=site_options(db.session()),
        skills=[(one.code, filters.named(one)) for one in open_skills(db.session(), licensed=False)],
        week=week_grid(),
        ticked=_ticked(values),
        adult=today.replace(year=today.year - ADULT, day=min(today.day, 28)),
    )


def _ticked(values: Mapping[str, Any]) -> set[str]:
    return set(values.getlist("week")) if hasattr(values, "getlist") else set()


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.secret_key or b"", salt="join-phone")


def _proved(proof: str) -> str | None:
    try:
        return str(_signer().loads(proof[:300], max_age=PROOF_LIVES))
    except BadSignature:
        return None
