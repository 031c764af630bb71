"""/points: what one has, what waits, what runs out when, and every movement with how it was worked out."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from volunteer.access import Permission
from volunteer.accounts.pages import door
from volunteer.audit.recording import record
from volunteer.kernel.clock import local_date, now
from volunteer.kernel.db import db
from volunteer.kernel.handing_out import TYPES, csv_file
from volunteer.kernel.words import named
from volunteer.ledger import ageing, queries
from volunteer.ledger.models import Unit
from volunteer.ledger.rules import person
from volunteer.rewards.points import giving, tracing
from volunteer.rewards.points.homes import terms_of
from volunteer.rewards.points.models import GiftKind
from volunteer.rewards.points.pages import words
from volunteer.web import wording
from volunteer.web.acting import acted
from volunteer.web.asked import whole
from volunteer.web.county import zone
from volunteer.web.files import handed_out
from volunteer.web.identity import current_actor, current_person, requires
from volunteer.web.locale import chosen
from volunteer.web.throttle import Limit, spend
from volunteer.web.unit import transaction

bp = Blueprint("points", __name__, url_prefix="/points")
PAGE = 30
EXPORT = Limit("points-export", 10, 60)


@bp.get("")
@requires(Permission.POINTS_OWN)
def show() -> ResponseReturnValue:
    """The balance first, then what can be done with it, then where it came from."""
    unit, me, at = db.session(), current_person().id, now()
    typed = request.args.get("before", "")
    before = whole(typed)
    lines = tracing.movements(unit, me, limit=PAGE + 1, before=before)
    today, owner = local_date(at, zone()), person(me)
    terms = terms_of(unit, current_actor(), at)
    soon = max(terms.warn_days, default=60)
    ends = tracing.ending(unit, me)
    gifts = giving.gifts_of(unit, me) if before is None else []
    return render_template(
        "points/own.html",
        mine=queries.balance(unit, owner, Unit.POINTS),
        held=ageing.held_by(unit, owner),
        ends=ends,
        soon=[(day, points) for day, points in ends if day is not None and (day - today).days <= soon],
        lines=lines[:PAGE],
        older=url_for(".show", before=lines[PAGE - 1].transfer.id) if len(lines) > PAGE else None,
        newer=url_for(".show") if before is not None else None,
        came=[one for one in gifts if one.receiver_id == me and one.kind is GiftKind.PERSON],
        may_return=lambda gift: gift.returned_at is None and (at - gift.at).days < giving.RETURN_DAYS,
        **_house(today),
    )


@bp.post("/gifts/<int:gift_id>/back")
@requires(Permission.POINTS_OWN)
def send_back(gift_id: int) -> ResponseReturnValue:
    """I would rather not have them."""
    return acted(lambda session: giving.send_back(session, current_actor(), gift_id, at=now()), url_for(".show"), _("Sent back."))


@bp.post("/export")
@requires(Permission.POINTS_OWN)
@door.after_proof
def export() -> ResponseReturnValue:
    """Every movement as a sheet."""
    actor, at = current_actor(), now()
    spend(EXPORT, str(actor.user_id), at)
    with transaction() as session:
        me = actor.user_id or 0
        record(session, actor, "own_points_taken", f"person:{me}", at=at)
        rows = [_row(line) for line in tracing.every_movement(session, me)][::-1]
    head = [
        _("When"),
        _("Day of service"),
        _("What for"),
        _("About"),
        words.points_word(),
        _("Evidence"),
        _("Rule"),
        _("Note"),
        _("Number"),
    ]
    data = csv_file(head, rows)
    name = f"points-{at.astimezone(zone()):%Y%m%d-%H%M}.csv"
    return handed_out(Response(data, content_type=TYPES["csv"]), name)


def _row(line: tracing.Line) -> list[Any]:
    one = line.transfer
    thing = _title(line.thing)
    when = one.at.astimezone(zone()).strftime("%Y-%m-%d %H:%M")
    day = one.day.isoformat() if one.day else ""
    return [
        when,
        day,
        words.reason_words(one.reason)[0],
        thing,
        line.points,
        one.grade or "",
        one.policy_version,
        one.note,
        one.id,
    ]


def _title(thing: Any) -> str:
    if thing is None:
        return ""
    if hasattr(thing, "title"):
        return str(thing.title_en if chosen() == "en" and thing.title_en else thing.title)
    return named(thing, chosen())


def _house(today: Any) -> dict[str, Any]:
    return {
        "reason_words": words.reason_words,
        "weight": words.weight,
        "title": _title,
        "day_words": lambda day: wording.calendar_day(day, today, chosen()),
        "today": today,
    }
