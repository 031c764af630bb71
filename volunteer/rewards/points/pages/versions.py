"""/manage/points: the version that holds, drafts, the simulator, and the second person who publishes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from flask import Blueprint, Response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from marshmallow import Schema, fields
from marshmallow.validate import Length
from sqlalchemy import select
from sqlalchemy.orm import Session

from volunteer.access import Permission
from volunteer.accounts.humans import same_person
from volunteer.accounts.models import Person
from volunteer.catalogue.models import ServiceCategory
from volunteer.kernel.clock import local_date, now
from volunteer.kernel.db import db, load
from volunteer.kernel.errors import NotFound
from volunteer.kernel.words import N_
from volunteer.ledger.lifecycle import RuleState
from volunteer.ledger.models import Grade
from volunteer.ledger.models_points import PointRule
from volunteer.ledger.point_labels import DEFAULT, DEFAULT_EN, LabelDraft, label_at, name_points
from volunteer.ledger.point_rules import STARS, Terms
from volunteer.ledger.queries_rules import rule_now
from volunteer.places.models import Site
from volunteer.rewards.points import ruling, trying
from volunteer.rewards.points.models import PointTrial
from volunteer.rewards.points.pages import places, rule_form, words
from volunteer.rewards.points.trial_rules import BANDS
from volunteer.rewards.settling.preparing import worth_at
from volunteer.web import wording
from volunteer.web.acting import Errors, acted, saved
from volunteer.web.asked import whole
from volunteer.web.county import zone
from volunteer.web.identity import current_actor, requires
from volunteer.web.locale import chosen

bp = Blueprint("manage_points", __name__, url_prefix="/manage/points")
SEE, MANAGE, APPROVE = Permission.POINTS_SEE, Permission.POINTS_MANAGE, Permission.POINTS_APPROVE
STATES = {
    RuleState.DRAFT: (N_("draft"), "soon", "pencil"),
    RuleState.PUBLISHED: (N_("published"), "ok", "circle-check"),
    RuleState.DROPPED: (N_("dropped"), "grey", "archive"),
}
BAND_WORDS = {
    "new": N_("have some, who had none"),
    "half_more": N_("have half as much again, or more"),
    "more": N_("have more"),
    "same": N_("have about the same"),
    "less": N_("have less"),
    "half_less": N_("have half, or less"),
    "lost": N_("have none any more"),
    "nothing": N_("have none, then as now"),
}
GRADES = {
    Grade.A: N_("A: code and position"),
    Grade.B: N_("B: code, position or rotating QR"),
    Grade.C: N_("C: roll-call"),
    Grade.D: N_("D: written in afterwards"),
}


class WordForm(Schema):
    """What points are called."""

    name = fields.String(required=True, validate=Length(max=40))
    name_en = fields.String(load_default="", validate=Length(max=60))
    site = fields.Integer(required=True)


@bp.get("")
@requires(SEE)
def show() -> ResponseReturnValue:
    """The version that holds at a site, and every other one."""
    return _list(places.asked(SEE), {}, {})


@bp.post("/word")
@requires(MANAGE)
def word() -> ResponseReturnValue:
    """Call the points something."""

    def act(session: Session, form: dict[str, Any]) -> str:
        site = load(session, Site, form.pop("site"))
        name_points(session, current_actor(), site, LabelDraft(**form), at=now())
        return url_for(".show", site=site.id)

    return saved(
        WordForm,
        act,
        lambda _v, errors: _list(places.asked(MANAGE, request.form.get("site", "")), request.form.to_dict(), errors),
        _("Saved."),
    )


@bp.get("/new")
@requires(MANAGE)
def new() -> ResponseReturnValue:
    """A form that begins with what holds now."""
    site, at = places.asked(MANAGE), now()
    rule = rule_now(db.session(), site.path, at)
    tomorrow = local_date(at, zone()) + timedelta(days=1)
    values = rule_form.values_of(rule.terms if rule else Terms(), tomorrow, "", _categories())
    return _form(None, site, values, {})


@bp.post("/new")
@requires(MANAGE)
def write() -> ResponseReturnValue:
    """Write a draft."""
    site = places.asked(MANAGE, request.form.get("site", ""))

    def act(session: Session, _none: None) -> str:
        draft = rule_form.read(request.form, _categories())
        rule = ruling.write_draft(session, current_actor(), load(session, Site, site.id), draft, at=now())
        return url_for(".rule", rule_id=rule.id)

    return saved(None, act, lambda _v, errors: _form(None, site, request.form.to_dict(), errors), _("The draft is written down."))


@bp.get("/<int:rule_id>")
@requires(SEE)
def rule(rule_id: int) -> ResponseReturnValue:
    """One version: a draft with its form and its trial, or what was published."""
    found = ruling.readable(db.session(), current_actor(), rule_id)
    return _form(found, found.site, rule_form.values_of(found.terms, found.valid_from, found.note, _categories()), {})


@bp.post("/<int:rule_id>")
@requires(MANAGE)
def change(rule_id: int) -> ResponseReturnValue:
    """Write a draft anew."""
    found = ruling.rule_of(db.session(), current_actor(), rule_id, MANAGE)

    def act(session: Session, _none: None) -> str:
        draft = rule_form.read(request.form, _categories())
        ruling.change_draft(session, current_actor(), rule_id, _seen(), draft, at=now())
        return url_for(".rule", rule_id=rule_id)

    def again(_values: Mapping[str, Any], errors: Errors) -> str:
        return _form(ruling.rule_of(db.session(), current_actor(), rule_id, MANAGE), found.site, request.form.to_dict(), errors)

    return saved(None, act, again, _("The draft is written down."))


@bp.post("/<int:rule_id>/try")
@requires(MANAGE)
def try_out(rule_id: int) -> ResponseReturnValue:
    """Try it on the hours of the last year."""
    there = url_for(".rule", rule_id=rule_id, _anchor="trial")
    return acted(
        lambda session: trying.begin(session, current_actor(), rule_id, at=now()), there, _("Tried. Nothing was changed.")
    )


@bp.get("/<int:rule_id>/trial")
@requires(MANAGE)
def trial(rule_id: int) -> ResponseReturnValue:
    """How far the trial is: a fragment that the page fetches until it is done; unchanged it is a 304."""
    found = ruling.rule_of(db.session(), current_actor(), rule_id, MANAGE)
    going = trying.latest(db.session(), found)
    if going is None:
        raise NotFound("trial")
    context = {
        "is_current": going.values == found.values,
        "bands": _bands(going),
        "worth": worth_at(db.session(), found.site.path, _tomorrow()),
    }
    response = Response(render_template("points/trial_now.html", trial=going, rule=found, **context))
    response.add_etag()
    response.headers["Cache-Control"] = "private, no-cache"
    return response.make_conditional(request)


@bp.post("/<int:rule_id>/publish")
@requires(APPROVE)
def publish(rule_id: int) -> ResponseReturnValue:
    """The second person says yes."""
    there = url_for(".rule", rule_id=rule_id)
    return acted(lambda session: ruling.publish(session, current_actor(), rule_id, _seen(), at=now()), there, _("Published."))


@bp.post("/<int:rule_id>/drop")
@requires(MANAGE)
def drop(rule_id: int) -> ResponseReturnValue:
    """Put a draft away."""
    found = ruling.rule_of(db.session(), current_actor(), rule_id, MANAGE)
    there = url_for(".show", site=found.site_id)
    return acted(lambda session: ruling.drop_draft(session, current_actor(), rule_id, at=now()), there, _("Put away."))


def _list(site: Site, values: dict[str, Any], errors: Errors) -> str:
    unit, at, actor = db.session(), now(), current_actor()
    label = label_at(unit, site.path)
    shown = {"name": label.name, "name_en": label.name_en} if label else {"name": DEFAULT, "name_en": DEFAULT_EN}
    return render_template(
        "points/rules.html",
        site=site,
        holds=rule_now(unit, site.path, at),
        versions=ruling.versions_at(unit, site),
        categories=_categories(),
        sites=places.options(SEE),
        values=values or shown,
        errors=errors,
        may_manage=actor.can(MANAGE, at=site.path),
        **_house(),
    )


def _form(found: PointRule | None, site: Site, values: dict[str, Any], errors: Errors) -> str:
    unit, actor, at = db.session(), current_actor(), now()
    trial = trying.latest(unit, found) if found else None
    return render_template(
        "points/rule.html",
        rule=found,
        site=site,
        values=values,
        errors=errors,
        categories=_categories(),
        may_write=actor.can(MANAGE, at=site.path) and (found is None or found.state is RuleState.DRAFT),
        may_publish=found is not None and found.state is RuleState.DRAFT and actor.can(APPROVE, at=site.path),
        is_author=found is not None and same_person(unit, actor.user_id, found.made_by),
        author=unit.get(Person, found.made_by) if found and found.made_by else None,
        publisher=unit.get(Person, found.published_by) if found and found.published_by else None,
        sites=places.options(MANAGE) if found is None and actor.may(MANAGE) else [],
        trial=trial,
        is_current=trial is not None and found is not None and trial.values == found.values,
        bands=_bands(trial),
        worth=worth_at(unit, site.path, _tomorrow()),
        begins_late=found is not None and found.valid_from <= local_date(at, zone()),
        **_house(),
    )


def _bands(trial: PointTrial | None) -> list[tuple[str, int]]:
    if trial is None:
        return []
    found = [(band, trial.sums.get(f"band_{band}", 0)) for band in BANDS]
    return [(_(BAND_WORDS[band]), people) for band, people in found if people]


def _house() -> dict[str, Any]:
    today = local_date(now(), zone())
    return {
        "states": STATES,
        "grades": [(grade.value, _(said)) for grade, said in GRADES.items()],
        "stars": STARS,
        "weight": words.weight,
        "today": today,
        "day_words": lambda day: wording.calendar_day(day, today, chosen()),
    }


def _categories() -> Sequence[ServiceCategory]:
    found = select(ServiceCategory).where(ServiceCategory.closed_at.is_(None))
    return db.session.scalars(found.order_by(ServiceCategory.position, ServiceCategory.id)).all()


def _tomorrow() -> date:
    return local_date(now(), zone()) + timedelta(days=1)


def _seen() -> int | None:
    typed = request.form.get("seen", "")
    return whole(typed)
