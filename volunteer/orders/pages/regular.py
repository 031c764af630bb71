"""固定帮忙: help that comes again, for whoever it is for, for those who look after them, and for the clerk whom they call."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from volunteer.access import Permission
from volunteer.audit.recording import record
from volunteer.kernel.clock import local_date, now
from volunteer.kernel.db import db
from volunteer.kernel.errors import Conflict, Invalid, NotFound
from volunteer.kernel.words import N_
from volunteer.orders.households import standing, weekly
from volunteer.orders.households.models_standing import DayState, StandingOrder
from volunteer.orders.households.queries_household import my_standing, one_standing, order_to_repeat, standing_here
from volunteer.orders.households.schemas_household import OWN_TIME, RhythmForm
from volunteer.orders.models import ServiceOrder
from volunteer.orders.pages.task_words import joined
from volunteer.orders.schemas import HALVES
from volunteer.web import county, forms
from volunteer.web.acting import field_errors
from volunteer.web.asked import whole
from volunteer.web.errors import explain
from volunteer.web.identity import current_actor, requires
from volunteer.web.pages import NOTICE_VERSION
from volunteer.web.unit import transaction

bp = Blueprint("regular", __name__, url_prefix="/weekly")
SHOWN = 8
WEEKDAYS = (N_("Monday"), N_("Tuesday"), N_("Wednesday"), N_("Thursday"), N_("Friday"), N_("Saturday"), N_("Sunday"))
DAY_WORDS = {
    weekly.COMING: N_("coming"),
    DayState.PLACED: N_("asked for"),
    DayState.SKIPPED: N_("left out"),
    DayState.HOLIDAY: N_("holiday, left out"),
    DayState.MISSED: N_("did not take place"),
    DayState.FAILED: N_("could not be arranged"),
}
Act = Callable[[Session, StandingOrder, datetime], Any]


@bp.get("")
@requires(Permission.ACCOUNT_OWN)
def show() -> ResponseReturnValue:
    """One's own, or those of the place of a clerk."""
    unit, actor = db.session(), current_actor()
    typed = request.args.get("after", "0")
    after = whole(typed, 6) or 0
    here = standing_here(unit, actor, after=after) if actor.may(Permission.ORDER_PLACE_FOR_OTHERS) else None
    return render_template(
        "orders/regular_list.html",
        mine=[(one, rhythm_words(one)) for one in my_standing(unit, actor.user_id or 0)],
        station=[(one, rhythm_words(one)) for one in here.rows] if here is not None else None,
        next=url_for(".show", after=here.next_key) if here is not None and here.next_key else None,
        previous=url_for(".show", after=max(0, after - 10)) if after else None,
    )


@bp.get("/new")
@requires(Permission.ACCOUNT_OWN)
def new() -> ResponseReturnValue:
    """The same help as in a request that was made before."""
    order = order_to_repeat(db.session(), current_actor(), request.args.get("order", "")[:20])
    begins = local_date(now(), county.zone()) + timedelta(days=1)
    weekday = order.window_begins.astimezone(county.zone()).weekday() if order.window_begins else begins.weekday()
    values = [("weekdays", str(weekday)), ("half", _half_of(order)), ("every_weeks", "1"), ("begins", begins.isoformat())]
    return _form(order, {}, MultiDict(values))


@bp.post("")
@requires(Permission.ACCOUNT_OWN)
def begin() -> ResponseReturnValue:
    """Let it come again. A second tap leads to the same."""
    number = request.form.get("order", "")[:20]
    try:
        with transaction() as unit:
            order = order_to_repeat(unit, current_actor(), number)
            draft = forms.load_form(RhythmForm, request.form)
            notice = NOTICE_VERSION if request.form.get("consent") == "yes" else ""
            made = standing.start_standing(unit, current_actor(), order.id, draft, notice=notice, at=now()).id
    except Invalid as error:
        return _form(order_to_repeat(db.session(), current_actor(), number), field_errors(error), request.form), 422
    flash(_("Set up. Each time becomes a request of its own some days before."))
    return redirect(url_for(".one", standing_id=made), code=303)


@bp.get("/<int:standing_id>")
@requires(Permission.ACCOUNT_OWN)
def one(standing_id: int) -> ResponseReturnValue:
    """The next dates, and everything that can be done about them."""
    return _page(standing_id, {}, None)


@bp.post("/<int:standing_id>")
@requires(Permission.ACCOUNT_OWN)
def change(standing_id: int) -> ResponseReturnValue:
    """Another rhythm, other words."""

    def act(unit: Session, found: StandingOrder, at: datetime) -> None:
        draft = forms.load_form(RhythmForm, request.form)
        standing.change_standing(unit, current_actor(), found.id, draft, request.form.get("words", ""), at=at)

    try:
        return _do(standing_id, act, _("Changed. What is a request already stays as it is."))
    except Invalid as error:
        return _page(standing_id, field_errors(error), request.form), 422


@bp.post("/<int:standing_id>/skip")
@requires(Permission.ACCOUNT_OWN)
def skip(standing_id: int) -> ResponseReturnValue:
    """Leave out one day."""
    return _do(
        standing_id,
        lambda unit, found, at: standing.skip_day(unit, current_actor(), found.id, _day(), at=at),
        _("Left out. The next time comes as planned."),
    )


@bp.post("/<int:standing_id>/unskip")
@requires(Permission.ACCOUNT_OWN)
def unskip(standing_id: int) -> ResponseReturnValue:
    """Take it in again."""
    return _do(
        standing_id,
        lambda unit, found, at: standing.unskip_day(unit, current_actor(), found.id, _day(), at=at),
        _("It comes on that day after all."),
    )


@bp.post("/<int:standing_id>/pause")
@requires(Permission.ACCOUNT_OWN)
def pause(standing_id: int) -> ResponseReturnValue:
    """Pause, with or without a day on which it goes on."""
    until = _date(request.form.get("until", ""))
    if until is None and request.form.get("until"):
        return _page(standing_id, {"until": [_("Please write a date.")]}, None), 422
    try:
        return _do(
            standing_id,
            lambda unit, found, at: standing.pause_standing(unit, current_actor(), found.id, until, at=at),
            _("Paused."),
        )
    except Invalid as error:
        return _page(standing_id, field_errors(error), None), 422


@bp.post("/<int:standing_id>/resume")
@requires(Permission.ACCOUNT_OWN)
def resume(standing_id: int) -> ResponseReturnValue:
    """Go on."""
    return _do(
        standing_id, lambda unit, found, at: standing.resume_standing(unit, current_actor(), found.id, at=at), _("It goes on.")
    )


@bp.post("/<int:standing_id>/end")
@requires(Permission.ACCOUNT_OWN)
def end(standing_id: int) -> ResponseReturnValue:
    """End it for good."""
    return _do(standing_id, lambda unit, found, at: standing.end_standing(unit, current_actor(), found.id, at=at), _("Ended."))


def rhythm_words(found: StandingOrder) -> str:
    """Return "每周二、周五 上午", "every 2 weeks on Monday, 8:00–12:00"."""
    days = joined(_(WEEKDAYS[day]) for day in sorted(found.rhythm.weekdays))
    if found.every_weeks == 1:
        return str(_("every week on %(days)s, %(time)s", days=days, time=_time_words(found)))
    return str(_("every %(weeks)s weeks on %(days)s, %(time)s", weeks=found.every_weeks, days=days, time=_time_words(found)))


def _time_words(found: StandingOrder) -> str:
    begins, ends = (f"{minute // 60}:{minute % 60:02d}" for minute in (found.from_minute, found.to_minute))
    return f"{begins}–{ends}"


def _do(standing_id: int, act: Act, thanks: str) -> ResponseReturnValue:
    try:
        with transaction() as unit:
            act(unit, one_standing(unit, current_actor(), standing_id), now())
    except Conflict as refused:
        flash(explain(refused), "soon")
    else:
        flash(thanks)
    return redirect(url_for(".one", standing_id=standing_id), code=303)


def _day() -> date:
    day = _date(request.form.get("day", ""))
    if day is None:
        raise NotFound("day")
    return day


def _date(typed: str) -> date | None:
    try:
        return date.fromisoformat(typed[:10])
    except ValueError:
        return None


def _half_of(order: ServiceOrder) -> str:
    if order.window_begins is None:
        return "morning"
    begins = order.window_begins.astimezone(county.zone()).time()
    return next((half for half, (since, _until) in HALVES.items() if since == begins), OWN_TIME)


def _choices() -> dict[str, Any]:
    halves = {"morning": _("Morning"), "afternoon": _("Afternoon"), "evening": _("Evening")}
    hours = {half: f"{begins:%-H:%M}–{ends:%-H:%M}" for half, (begins, ends) in HALVES.items()}
    return {
        "weekday_choices": [(str(number), _(name)) for number, name in enumerate(WEEKDAYS)],
        "half_choices": [*((half, words, hours[half]) for half, words in halves.items()), (OWN_TIME, _("Another time"))],
        "week_choices": [(1, _("Every week")), *((n, _("Every %(count)s weeks", count=n)) for n in (2, 3, 4))],
    }


def _form(order: ServiceOrder, errors: dict[str, list[str]], values: MultiDict[str, str]) -> str:
    helps = order.care is not None and order.care.helper_id == current_actor().user_id
    whose = order.resident.name if helps else ""
    return render_template("orders/regular_new.html", order=order, whose=whose, errors=errors, values=values, **_choices())


def _page(standing_id: int, errors: dict[str, list[str]], typed: MultiDict[str, str] | None) -> str:
    at, actor = now(), current_actor()
    with transaction() as unit:
        found = one_standing(unit, actor, standing_id)
        if actor.user_id not in (found.resident_id, standing.helper_of(found)):
            seen = ["contact", "words"]
            about = f"standing:{found.id}"
            record(unit, actor, "private_seen", about, at=at, site_path=found.site_path, fields=seen, on="weekly")
    unit = db.session()
    found = one_standing(unit, actor, standing_id)
    today = local_date(at, county.zone())
    placed = {one.day: one.order for one in found.days if one.order is not None}
    decided = {one.day: one.state.value for one in found.days}
    left = None if found.most is None else max(0, found.most - len(placed))
    holidays = standing.holidays_at(unit, found.site_path, today, today + timedelta(days=400))
    limit = 0 if found.ended_at else SHOWN
    dates = weekly.plan(found.rhythm, today, decided=decided, holidays=holidays, left=left, limit=limit)
    return render_template(
        "orders/regular.html",
        standing=found,
        own=found.resident_id == current_actor().user_id,
        rhythm=rhythm_words(found),
        dates=[
            {"day": one.day, "begins": found.rhythm.window(one.day, county.zone())[0], "state": one.state, "name": one.name,
             "words": _(DAY_WORDS[one.state]), "order": placed.get(one.day)}
            for one in dates
        ],
        weeks_hours=_time_words(found),
        errors=errors,
        values=typed or _typed(found),
        **_choices(),
    )  # fmt: skip


def _typed(found: StandingOrder) -> MultiDict[str, str]:
    """The rhythm as the form shows it."""
    minutes = {half: (b.hour * 60 + b.minute, e.hour * 60 + e.minute) for half, (b, e) in HALVES.items()}
    half = next((name for name, span in minutes.items() if span == (found.from_minute, found.to_minute)), OWN_TIME)
    times = [f"{minute // 60:02d}:{minute % 60:02d}" for minute in (found.from_minute, found.to_minute)]
    values: list[tuple[str, str]] = [("weekdays", str(day)) for day in sorted(found.rhythm.weekdays)]
    values += [("half", half), ("every_weeks", str(found.every_weeks)), ("begins", found.begins_on.isoformat())]
    values += [("from_time", times[0]), ("to_time", times[1])] if half == OWN_TIME else []
    values += [("ends", found.ends_on.isoformat() if found.ends_on else ""), ("most", str(found.most or ""))]
    return MultiDict([*values, ("words", found.words or "")])
