"""Who goes, who stands by, and beside each who does not fit, why: what the leader's page of a visit shows of people."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from flask import request
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from volunteer.kernel.errors import Invalid
from volunteer.kernel.words import N_
from volunteer.orders import accepting, serving
from volunteer.orders.models import ServiceOrder, Visitor
from volunteer.orders.pages.fit_words import reasons_words
from volunteer.orders.pages.task_words import content
from volunteer.orders.visits import absences
from volunteer.orders.visits.crew import Mate, crew_of, pace_at, task_of
from volunteer.orders.visits.lifecycle import MISSABLE, OUT, VisitorState
from volunteer.orders.visits.turnout import HINDRANCE_WORDS, Hindrance
from volunteer.places.policies import visits_at
from volunteer.teams import fit
from volunteer.web.county import zone
from volunteer.web.identity import current_actor

LOCAL = "%Y-%m-%dT%H:%M"
STATE_WORDS = {
    VisitorState.GOING: N_("goes"),
    VisitorState.STANDBY: N_("stands by"),
    VisitorState.WAITING: N_("on the waitlist"),
    VisitorState.ASKED: N_("was asked to step in"),
    VisitorState.DECLINED: N_("cannot step in"),
    VisitorState.EXCUSED: N_("excused"),
    VisitorState.LATE: N_("said too late that they cannot come"),
    VisitorState.NO_SHOW: N_("did not come"),
    VisitorState.OFF: N_("no longer needed"),
}
HINTED = OUT | {VisitorState.WAITING, VisitorState.STANDBY, VisitorState.ASKED}  # worth a word beside the name


def form_of(session: Session, order: ServiceOrder, error: Invalid | None, at: datetime) -> dict[str, Any]:
    """The form of who goes and when: those who may go in sight, the others folded away with what keeps them."""
    begins = order.visit_begins or _planned(at) or _next_start(order, at)
    crew = crew_of(session, order, at=at)
    task, pace = task_of(order, begins), pace_at(session, order, at)
    refusals = {mate.id: fit.reasons(mate.member, task, zone(), pace) for mate in crew}
    if isinstance(error, accepting.Unfit) and "members" in error.fields:
        refusals |= error.refusals
    if "begins" in request.form and error is not None:
        chosen = {mate.id for mate in crew if str(mate.id) in request.form.getlist("members")}
        values: Any = request.form
    else:
        chosen = {visitor.volunteer_id for visitor in order.visitors} or _proposed(order, crew, refusals)
        values = {"members": chosen, "begins": begins.astimezone(zone()).strftime(LOCAL)}
    near = [mate for mate in crew if mate.id in chosen or not refusals[mate.id]]
    near.sort(key=lambda mate: mate.id not in chosen)
    return {
        "appointment": values,
        "mates": [_option(mate, refusals[mate.id], order) for mate in near],
        "others": [_option(mate, refusals[mate.id], order) for mate in crew if mate not in near],
        "ready": _ready(order, crew, refusals),
        "refused": _refused(error, crew, order),
    }


def _option(mate: Mate, reasons: list[fit.Reason], order: ServiceOrder) -> tuple[Any, ...]:
    state = _state(order, mate.id)
    hint = reasons_words(reasons, order.item) or (_(STATE_WORDS[state]) if state in HINTED else "")
    return mate.id, content(mate.name), hint, "triangle-alert" if reasons or state in OUT else "circle-check"


def _state(order: ServiceOrder, volunteer_id: int) -> VisitorState:
    return next((one.state for one in order.crew if one.volunteer_id == volunteer_id), VisitorState.OFF)


def _ready(order: ServiceOrder, crew: list[Mate], refusals: dict[int, list[fit.Reason]]) -> list[tuple[Any, ...]]:
    """Who could stand by: who is not going and may go, with whether they do already."""
    going = {visitor.volunteer_id for visitor in order.visitors}
    standing = {one.volunteer_id for one in order.crew if one.state is VisitorState.STANDBY}
    able = [mate for mate in crew if mate.id not in going and {r.obstacle for r in refusals[mate.id]} <= fit.WAIVABLE]
    return [(*_option(mate, refusals[mate.id], order)[:3], mate.id in standing) for mate in able]


def _refused(error: Invalid | None, crew: list[Mate], order: ServiceOrder) -> list[tuple[Any, str]]:
    """At the door: who may not begin, and why."""
    found = error.refusals if isinstance(error, accepting.Unfit) and "present" in error.fields else {}
    return [(content(mate.name), reasons_words(found[mate.id], order.item)) for mate in crew if mate.id in found]


def people_of(session: Session, order: ServiceOrder, at: datetime) -> list[dict[str, Any]]:
    """Everybody who is something to this visit, with the words for it; and whether they may be missed."""
    heard = {absence.volunteer_id: absence for absence in absences.of_order(session, order)}
    late = timedelta(minutes=visits_at(session, order.site_path, at).late_minutes)
    missable = order.visit_begins is not None and at >= order.visit_begins + late
    there = {row.volunteer_id for row in serving.came(session, order)}
    counted = absences.counts(session, [one.volunteer_id for one in order.crew])
    return [
        {
            "counted": counted.get(one.volunteer_id, 0),
            "id": one.volunteer_id,
            "name": content(one.volunteer.person.name),
            "state": one.state.value,
            "words": _(STATE_WORDS[one.state]),
            "why": _hindrance(one),
            "until": one.until if one.state is VisitorState.ASKED else None,
            "absence": heard.get(one.volunteer_id),
            "missable": missable
            and one.state in MISSABLE
            and one.volunteer_id not in there
            and one.volunteer_id != current_actor().user_id,
        }
        for one in order.crew
        if one.state is not VisitorState.OFF
    ]


def _hindrance(visitor: Visitor) -> str:
    why = str(visitor.history[-1].get("note", "")) if visitor.history else ""
    return _(HINDRANCE_WORDS[Hindrance(why)]) if why in set(Hindrance) else ""


def _proposed(order: ServiceOrder, crew: list[Mate], refusals: dict[int, list[fit.Reason]]) -> set[int]:
    """As many as are needed of those who may go."""
    wanted = order.item.people if order.item else 1
    able = [mate.id for mate in crew if not refusals[mate.id] and _state(order, mate.id) not in OUT]
    return set(able[:wanted])


def _planned(at: datetime) -> datetime | None:
    """The time that the plan of the day leads here with."""
    try:
        planned = datetime.fromisoformat(request.args.get("begins", "")[:40])
    except ValueError:
        return None
    return planned if planned.tzinfo is not None and abs(planned - at) < timedelta(days=60) else None


def _next_start(order: ServiceOrder, at: datetime) -> datetime:
    """The beginning of the resident's window when it is to come, else the next half hour but one while they wait for us."""
    if order.window_begins is not None and order.window_begins > at:
        return _round_up(order.window_begins, 5)
    soon = _round_up(at + timedelta(minutes=30), 30)
    ends = order.window_ends
    return _round_up(at, 5) if ends is not None and at < ends <= soon else soon


def _round_up(at: datetime, minutes: int) -> datetime:
    step = minutes * 60
    return datetime.fromtimestamp(-(-at.timestamp() // step) * step, at.tzinfo)
