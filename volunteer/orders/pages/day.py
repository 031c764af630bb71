"""The plan of a team's day on the leader's phone: visits in their order, ways between, clashes, and other times to ask for."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from flask import Blueprint, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from volunteer.access import Permission
from volunteer.kernel.clock import local_date, now
from volunteer.kernel.db import db
from volunteer.kernel.errors import Conflict
from volunteer.matching.dayplan import Binding
from volunteer.orders.days import proposing_times
from volunteer.orders.days.day_plans import FURTHEST, Chain, Entry, TeamDay, day_of, days_of
from volunteer.orders.pages.task_words import bring, content
from volunteer.web import errors, filters
from volunteer.web.asked import whole
from volunteer.web.county import zone
from volunteer.web.identity import current_actor, requires
from volunteer.web.unit import transaction

bp = Blueprint("day", __name__, url_prefix="/inbox/day")


@bp.get("")
@requires(Permission.VISIT_LEAD)
def show() -> ResponseReturnValue:
    """The day of every team that one leads, as a timeline."""
    at = now()
    day = _day(at)
    teams = days_of(db.session(), current_actor(), day, at=at)
    return render_template("orders/day.html", teams=[_shown(one) for one in teams], **_around(day, at))


@bp.get("/sheet")
@requires(Permission.VISIT_LEAD)
def sheet() -> ResponseReturnValue:
    """The same on paper, without anything private."""
    at = now()
    day = _day(at)
    teams = days_of(db.session(), current_actor(), day, at=at)
    return render_template("orders/day_sheet.html", teams=[_shown(one) for one in teams], bring=bring, **_around(day, at))


@bp.get("/pins")
@requires(Permission.VISIT_LEAD)
def pins() -> ResponseReturnValue:
    """Where the visits of one team are, with the way of its first crew as a line."""
    at = now()
    one = day_of(db.session(), current_actor(), _number(request.args.get("team", "")), _day(at), at=at)
    entries = [entry for chain in one.chains for entry in chain.entries]
    home = [one.team.latitude, one.team.longitude]
    longest = max(one.chains, key=lambda chain: len(chain.entries), default=None)
    line = [home, *([e.order.latitude, e.order.longitude] for e in longest.entries)] if longest and longest.entries else []
    order_of = {entry.order.id: str(n) for n, entry in enumerate(longest.entries, 1)} if longest else {}
    found = [_pin(entry, "info" if entry.settled else "grey", order_of.get(entry.order.id, "")) for entry in entries]
    found += [_pin(entry, "late", "!") for entry in one.left_out]
    team = {"latitude": home[0], "longitude": home[1], "title": filters.named(one.team)}
    return jsonify(pins=found, line=line, team=team)


@bp.post("/ask")
@requires(Permission.VISIT_LEAD)
def ask() -> ResponseReturnValue:
    """Ask residents for the times that would fit: one visit's, or of all that do not fit."""
    at = now()
    day, only = _day(at, request.form.get("date", "")), request.form.get("number", "")
    asked = 0
    try:
        with transaction() as session:
            one = day_of(session, current_actor(), _number(request.form.get("team", "")), day, at=at)
            for entry in one.movable:
                if entry.instead is not None and only in {"", entry.order.number}:
                    proposing_times.propose_time(session, current_actor(), entry.order.id, entry.instead, at=at)
                    asked += 1
    except Conflict as refused:
        flash(errors.explain(refused), "soon")
    else:
        if asked:
            flash(_("%(count)s residents were asked. Until they agree the old times stay.", count=asked))
        else:
            flash(_("Nothing was left to ask: the day has changed meanwhile."), "soon")
    return redirect(url_for(".show", date=day.isoformat()), code=303)


def _shown(one: TeamDay) -> dict[str, Any]:
    return {
        "team": one.team,
        "chains": [_chain(chain) for chain in one.chains],
        "movable": len(one.movable),
        "empty": not one.chains,
    }


def _chain(chain: Chain) -> dict[str, Any]:
    return {
        "names": [content(name) for name in chain.names],
        "entries": chain.entries,
        "left": [(entry, _why(entry)) for entry in chain.left_out],
        "travel": chain.travel,
    }


def _why(entry: Entry) -> str:
    """Return why a visit does not fit, with the facts."""
    other = filters.clock(entry.other.visit_begins) if entry.other is not None and entry.other.visit_begins else ""
    if entry.why is Binding.OVERLAP:
        return _("At the same time as the visit at %(time)s.", time=other) if other else _("At the same time as another visit.")
    if entry.why in {Binding.TRAVEL, Binding.HOME} and entry.soonest is not None:
        promised = filters.clock(entry.begins) if entry.begins else ""
        soonest = filters.clock(entry.soonest)
        if promised:
            return _("Too far to be there by %(promised)s: %(soonest)s at the soonest.", promised=promised, soonest=soonest)
        return _("Too far from the visit before: %(soonest)s at the soonest.", soonest=soonest)
    if entry.why is Binding.WINDOW:
        return _("The time that the resident named is over.")
    return _("The other visits leave no room for it.")


def _pin(entry: Entry, tone: str, sign: str) -> dict[str, Any]:
    order = entry.order
    when = filters.clock(entry.begins) if entry.begins else _("no time yet")
    what = filters.named(order.item) if order.item else order.number
    return {
        "id": order.id,
        "latitude": order.latitude,
        "longitude": order.longitude,
        "tone": tone,
        "sign": sign,
        "title": f"{when} · {what} · {order.place or order.site.name}",
        "href": url_for("visits.show", number=order.number),
    }


def _around(day: date, at: datetime) -> dict[str, Any]:
    today = local_date(at, zone())
    before, after = day - timedelta(days=1), day + timedelta(days=1)
    return {
        "day": day,
        "moment": datetime.combine(day, datetime.min.time(), zone()) + timedelta(hours=12),
        "is_today": day == today,
        "before": url_for(".show", date=before.isoformat()) if today - before <= FURTHEST else None,
        "after": url_for(".show", date=after.isoformat()) if after - today <= FURTHEST else None,
    }


def _day(at: datetime, typed: str | None = None) -> date:
    """The day that was asked for, today when none or an odd one was."""
    today = local_date(at, zone())
    try:
        day = date.fromisoformat((request.args.get("date", "") if typed is None else typed)[:10])
    except ValueError:
        return today
    return day if abs(day - today) <= FURTHEST else today


def _number(typed: str) -> int:
    return whole(typed) or 0
