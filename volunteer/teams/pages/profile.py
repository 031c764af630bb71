"""/me/profile: who I am as a volunteer, when I can, what I want."""

from __future__ import annotations

from datetime import time
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from volunteer.access import Permission
from volunteer.accounts.documents import masked
from volunteer.kernel.clock import local_date, now
from volunteer.kernel.db import db
from volunteer.kernel.errors import DomainError, Invalid
from volunteer.kernel.words import N_
from volunteer.teams import ages, joining, profiling
from volunteer.teams.belonging import teams_of
from volunteer.teams.models import Availability, Volunteer
from volunteer.teams.models_volunteers import DayOff, Wish
from volunteer.teams.pages.fields import codes, site_called, site_options, week_grid
from volunteer.teams.papers import papers_of
from volunteer.teams.queries_people import guardian_of, open_categories, open_skills
from volunteer.teams.rules import cells, spans_of
from volunteer.teams.schemas import DaysForm, GuardianForm, ProfileForm, UntilForm, WeekForm, WishesForm
from volunteer.web import county, filters, forms
from volunteer.web.acting import Errors, complaints, done_once
from volunteer.web.identity import current_actor, requires
from volunteer.web.unit import transaction

bp = Blueprint("profile", __name__, url_prefix="/me/profile")
OWN = Permission.VOLUNTEER_OWN
LANGUAGES = (("zh_Hans", N_("Chinese")), ("en", N_("English")))
SAVED = N_("Saved.")


@bp.get("")
@requires(OWN)
def show() -> ResponseReturnValue:
    """Everything at a glance, and what to do next."""
    return _page({})


@bp.post("")
@requires(OWN)
def save() -> ResponseReturnValue:
    """Language, home site, skills."""
    try:
        data = forms.load_form(ProfileForm, request.form)
        with transaction() as unit:
            site = site_called(unit, data.pop("site"))
            profiling.save_profile(unit, current_actor(), **data, site=site, at=now())
    except Invalid as error:
        db.session.rollback()
        return _page(complaints(error), request.form), 422
    session["locale"] = data["locale"]
    flash(_(SAVED))
    return redirect(url_for(".show"), code=303)


@bp.post("/guardian")
@requires(OWN)
def guardian() -> ResponseReturnValue:
    """Another guardian, or another phone of theirs."""
    try:
        data = forms.load_form(GuardianForm, request.form)
        with transaction() as unit:
            mine = profiling.own(unit, current_actor())
            joining.set_guardian(unit, current_actor(), mine, data["guardian_name"], data["guardian_phone"], at=now())
    except Invalid as error:
        db.session.rollback()
        return _page(complaints(error), request.form), 422
    flash(_(SAVED))
    return redirect(url_for(".show"), code=303)


@bp.get("/times")
@requires(OWN)
def times() -> ResponseReturnValue:
    """The week as a grid, the exceptions, the break."""
    return _times({})


@bp.post("/times")
@requires(OWN)
def save_times() -> ResponseReturnValue:
    """The ticked squares of the week."""
    try:
        data = forms.load_form(WeekForm, request.form)
        with transaction() as unit:
            profiling.save_week(unit, current_actor(), spans_of(data["week"]), at=now())
    except Invalid as error:
        db.session.rollback()
        return _times(complaints(error)), 422
    flash(_(SAVED))
    return redirect(url_for(".times"), code=303)


@bp.post("/days")
@requires(OWN)
def add_day() -> ResponseReturnValue:
    """Days away, or an extra one."""
    try:
        data = forms.load_form(DaysForm, request.form)
        free = data["kind"] == "extra"
        begins, ends = _minutes(data["begins"] or time(8)), _minutes(data["ends"] or time(21))
        last = data["first"] if free or data["last"] is None else data["last"]
        with transaction() as unit:
            profiling.add_days(unit, current_actor(), data["first"], last, free=free, begins=begins, ends=ends, at=now())
    except DomainError as error:
        db.session.rollback()
        return _times(complaints(error), request.form), 422
    flash(_(SAVED))
    return redirect(url_for(".times"), code=303)


@bp.post("/days/<int:row_id>/remove")
@requires(OWN)
def remove_day(row_id: int) -> ResponseReturnValue:
    """Take an exception back."""

    def act(unit: Session) -> str:
        profiling.remove_days(unit, current_actor(), row_id, at=now())
        return url_for(".times")

    where = done_once("day-off", act)
    flash(_(SAVED))
    return redirect(where, code=303)


@bp.post("/pause")
@requires(OWN)
def pause() -> ResponseReturnValue:
    """A break until a day, or its end."""
    try:
        until = forms.load_form(UntilForm, request.form)["until"] if "end" not in request.form else None
        if until is None and "end" not in request.form:
            raise Invalid.field("until", N_("Please write until when."))
        with transaction() as unit:
            profiling.pause(unit, current_actor(), until, at=now())
    except Invalid as error:
        db.session.rollback()
        return _times(complaints(error), request.form), 422
    flash(_("Enjoy your break. You will not be put on visits until then.") if until else _("Good to have you back."))
    return redirect(url_for(".times"), code=303)


@bp.get("/wishes")
@requires(OWN)
def wishes() -> ResponseReturnValue:
    """How far, when not, what gladly, what not."""
    mine = _mine()
    rows = db.session.scalars(select(Wish).where(Wish.volunteer_id == mine.id)).all()
    values = MultiDict[str, Any](
        {"reach_km": f"{mine.reach_km:g}" if mine.reach_km else "", "by_day": "yes" if mine.by_day else ""}
    )
    values.setlist("likes", [row.category.code for row in rows if row.likes])
    values.setlist("dislikes", [row.category.code for row in rows if not row.likes])
    return _wishes(values, {})


@bp.post("/wishes")
@requires(OWN)
def save_wishes() -> ResponseReturnValue:
    """Keep them."""
    try:
        data = forms.load_form(WishesForm, request.form)
        with transaction() as unit:
            profiling.save_wishes(unit, current_actor(), **data, at=now())
    except Invalid as error:
        db.session.rollback()
        return _wishes(request.form, complaints(error)), 422
    flash(_(SAVED))
    return redirect(url_for(".wishes"), code=303)


def _mine() -> Volunteer:
    return profiling.own(db.session(), current_actor())


def _page(errors: Errors, typed: Any = None) -> str:
    mine, today = _mine(), local_date(now(), county.zone())
    document = mine.person.document
    values = MultiDict[str, Any]({"locale": mine.person.locale, "speaks": mine.speaks, "site": str(mine.site_id)})
    values.setlist("skills", codes(mine))
    papers = papers_of(db.session(), mine.id)
    return render_template(
        "teams/profile.html",
        mine=mine,
        person=mine.person,
        document=masked(document) if document else "",
        values=typed or values,
        errors=errors,
        sites=site_options(db.session()),
        skills=[(one.code, filters.named(one)) for one in open_skills(db.session(), licensed=False)],
        languages=[(code, _(words)) for code, words in LANGUAGES],
        minor=ages.needs_guardian(mine.person.born_on, today),
        guardian=guardian_of(db.session(), mine.id),
        waiting=[paper for paper in papers if paper.state == "waiting"],
        soon=[paper for paper in papers if paper.state == "approved" and paper.until and 0 <= (paper.until - today).days <= 30],
        teams=teams_of(db.session(), mine.id, at=now()),
        today=today,
    )


def _times(errors: Errors, typed: Any = None) -> str:
    mine, today = _mine(), local_date(now(), county.zone())
    rows = db.session.execute(
        select(Availability.weekday, Availability.begins, Availability.ends).where(Availability.volunteer_id == mine.id)
    ).tuples()
    spans = list(rows)
    days = select(DayOff).where(DayOff.volunteer_id == mine.id, DayOff.last >= today)
    return render_template(
        "teams/times.html",
        mine=mine,
        errors=errors,
        values=typed or {},
        week=week_grid(),
        ticked=cells(spans),
        spans=spans,
        days=db.session.scalars(days.order_by(DayOff.first, DayOff.id)).all(),
        today=today,
        paused=mine.paused_until is not None and mine.paused_until >= today,
        clock=_clock,
    )


def _wishes(values: Any, errors: Errors) -> str:
    kinds = [(one.code, filters.named(one)) for one in open_categories(db.session())]
    return render_template("teams/wishes.html", values=values, errors=errors, kinds=kinds)


def _minutes(moment: time) -> int:
    return moment.hour * 60 + moment.minute


def _clock(minutes: int | None) -> str:
    return f"{(minutes or 0) // 60}:{(minutes or 0) % 60:02d}"
