"""/manage/benefits: the catalogue, and each line of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from volunteer.access import Permission
from volunteer.kernel.clock import local_date, now
from volunteer.kernel.db import db, load
from volunteer.kernel.errors import Invalid
from volunteer.places.models import Site
from volunteer.recognition import keeping_benefits as keeping
from volunteer.recognition.benefit_rules import CLASSES, PERIODS
from volunteer.recognition.models_benefits import Benefit
from volunteer.recognition.pages.fields import day_words, number_sent
from volunteer.recognition.schemas import FIELDS, BenefitForm
from volunteer.web import forms
from volunteer.web.acting import Errors, acted_once, saved_once
from volunteer.web.county import zone
from volunteer.web.identity import current_actor, requires

bp = Blueprint("benefits", __name__, url_prefix="/manage/benefits")
P = Permission.BENEFITS_MANAGE


@bp.get("")
@requires(P)
def show() -> ResponseReturnValue:
    """The catalogue by class; what is no longer given on its own tab."""
    closed = request.args.get("tab") == "closed"
    rows = keeping.catalogue_of(db.session(), current_actor(), closed=closed)
    groups = [(words, icon, [row for row in rows if row.kind is kind]) for kind, (words, icon) in CLASSES.items()]
    return render_template(
        "recognition/benefits.html",
        groups=[group for group in groups if group[2]],
        count=len(rows),
        closed=closed,
        periods=PERIODS,
        today=local_date(now(), zone()),
        day_words=day_words,
    )


@bp.get("/new")
@requires(P)
def new() -> ResponseReturnValue:
    """The form for a new line."""
    return _form(None, {}, {})


@bp.post("/new")
@requires(P)
def write() -> ResponseReturnValue:
    """A new line of the catalogue."""

    def act(session: Session) -> str:
        draft = forms.load_form(BenefitForm, request.form)
        site = load(session, Site, number_sent("site"))
        keeping.write_benefit(session, current_actor(), site, draft, at=now())
        return url_for(".show")

    return saved_once(
        "benefit-new", _renamed(act), lambda values, errors: _form(None, values, errors), _("The benefit is written down.")
    )


@bp.get("/<int:benefit_id>")
@requires(P)
def one(benefit_id: int) -> ResponseReturnValue:
    """One line, to be changed."""
    return _form(keeping.benefit_called(db.session(), current_actor(), benefit_id), {}, {})


@bp.post("/<int:benefit_id>")
@requires(P)
def edit(benefit_id: int) -> ResponseReturnValue:
    """Change a line."""
    keeping.benefit_called(db.session(), current_actor(), benefit_id)

    def act(session: Session) -> str:
        draft = forms.load_form(BenefitForm, request.form)
        seen = request.form.get("seen", type=int)
        draft = replace(draft, code=keeping.benefit_called(session, current_actor(), benefit_id).code)
        keeping.edit_benefit(session, current_actor(), benefit_id, draft, seen=seen, at=now())
        return url_for(".show")

    def page(values: Mapping[str, Any], errors: Errors) -> str:
        return _form(keeping.benefit_called(db.session(), current_actor(), benefit_id), values, errors)

    return saved_once(f"benefit-{benefit_id}", _renamed(act), page, _("Saved."))


@bp.post("/<int:benefit_id>/close")
@requires(P)
def close(benefit_id: int) -> ResponseReturnValue:
    """Stop giving it."""
    return acted_once(
        f"benefit-close-{benefit_id}",
        lambda session: keeping.close_benefit(session, current_actor(), benefit_id, at=now()),
        url_for(".show"),
        _("It is no longer given. What was handed out stays as it was."),
    )


@bp.post("/<int:benefit_id>/open")
@requires(P)
def open_again(benefit_id: int) -> ResponseReturnValue:
    """Give it again."""
    return acted_once(
        f"benefit-open-{benefit_id}",
        lambda session: keeping.open_benefit(session, current_actor(), benefit_id, at=now()),
        url_for(".show"),
        _("It is given again."),
    )


def _renamed(act: Any) -> Any:
    """Complaints of the verb stand beside the fields of the form, which has names of its own."""

    def run(session: Session) -> str:
        try:
            return str(act(session))
        except Invalid as error:
            error.fields = {FIELDS.get(name, name): said for name, said in error.fields.items()}
            raise

    return run


def _form(line: Benefit | None, values: Mapping[str, Any], errors: Errors) -> str:
    unit, actor = db.session(), current_actor()
    paths = actor.scopes(P)
    sites = unit.scalars(select(Site).where(Site.path.in_(paths), Site.closed_at.is_(None)).order_by(Site.path)).all()
    return render_template(
        "recognition/benefit.html",
        line=line,
        sites=sites,
        values=values or (_values(line) if line else {"first_day": local_date(now(), zone()).isoformat(), "period": "year"}),
        errors=errors,
        classes=[(kind.value, _(words), None, icon) for kind, (words, icon) in CLASSES.items()],
        periods=[(period.value, _(words)) for period, words in PERIODS.items()],
    )


def _values(line: Benefit) -> dict[str, Any]:
    shown = {
        "code": line.code, "kind": line.kind.value, "name": line.name, "name_en": line.name_en, "about": line.words,
        "about_en": line.words_en, "giver": line.giver, "level": line.stars_least, "hours": line.minutes_least // 60,
        "age_least": line.age_least, "age_most": line.age_most, "first_day": line.begins.isoformat(),
        "last_day": line.ends.isoformat() if line.ends else "", "limit_each": line.limit_each, "period": line.period.value,
        "limit_all": line.limit_all,
    }  # fmt: skip
    return {name: "" if value is None else str(value) for name, value in shown.items()}
