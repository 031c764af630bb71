"""Pages of director, auditor and county IT."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from volunteer.access import Permission
from volunteer.insights import health, looking, week, wording
from volunteer.kernel.clock import now, start_of_day
from volunteer.kernel.db import db
from volunteer.kernel.words import ENGLISH
from volunteer.messaging import retrying
from volunteer.messaging.templates import PLACE, TEMPLATES
from volunteer.orders import queries as orders
from volunteer.web import ready
from volunteer.web.config import current_settings
from volunteer.web.identity import current_actor, requires
from volunteer.web.locale import chosen
from volunteer.web.unit import transaction

bp = Blueprint("insights", __name__)
SPANS = {"7": 7, "30": 30, "60": 60}


@bp.app_context_processor
def _words() -> dict[str, Callable[[str], str]]:
    return {"audit_word": _act, "subject_word": _subject, "template_word": _template}


def _act(action: str) -> str:
    return _(wording.act_word(action))


def _subject(subject: str) -> str:
    words, number = wording.subject_word(subject)
    return _(words, id=number)


def _template(name: str) -> str:
    words = TEMPLATES.get(name)
    return PLACE.sub("…", words.en if chosen() == ENGLISH else words.zh) if words else name


@bp.get("/overview")
@requires(Permission.OVERVIEW_SEE)
def overview() -> ResponseReturnValue:
    """What needs the director's eyes, then what was asked and met by place."""
    paths, at = current_actor().scopes(Permission.OVERVIEW_SEE), now()
    span = request.args.get("days", "7")
    days = SPANS.get(span, 7)
    places = week.by_place(db.session(), paths, since=at - timedelta(days=days), at=at)
    return render_template(
        "insights/overview.html",
        concerns=week.concerns(db.session(), paths, at=at),
        places=places,
        most=max((place.asked for place in places), default=0),
        totals={name: sum(getattr(place, name) for place in places) for name in ("asked", "met", "open", "late", "unmet")},
        days=days,
        spans=sorted(SPANS.values()),
        may_open=current_actor().may(Permission.ORDER_SEE),
    )


@bp.get("/overview/orders/<number>")
@requires(Permission.ORDER_SEE)
def order(number: str) -> ResponseReturnValue:
    """One order's story, without anything private."""
    found = orders.order_for(db.session(), current_actor(), number)
    return render_template("insights/order.html", order=found)


@bp.get("/audit")
@requires(Permission.AUDIT_SEE)
def audit() -> ResponseReturnValue:
    """Who did and who looked."""
    actor = current_actor()
    wanted = looking.AuditFilter(
        words=request.args.get("q", "").strip()[:60],
        action=request.args.get("action", ""),
        begins=_day("begins"),
        ends=_day("ends", after=True),
    )
    page = looking.entries(db.session(), actor.scopes(Permission.AUDIT_SEE), wanted, before=request.args.get("before", type=int))
    here: dict[str, Any] = {name: value for name in ("q", "action", "begins", "ends") if (value := request.args.get(name))}
    following = url_for(".audit", **here, before=page.next_key) if page.next_key else None
    first = url_for(".audit", **here) if "before" in request.args else None
    return render_template(
        "insights/audit.html", entries=page.rows, following=following, first=first, actions=looking.actions(db.session())
    )


@bp.get("/system")
@requires(Permission.SYSTEM_SEE)
def system() -> ResponseReturnValue:
    """What fails, what waits, what it runs on."""
    session, at, settings = db.session(), now(), current_settings()
    return render_template(
        "insights/system.html",
        database=ready.database_state(),
        migrations=ready.migrations_state(),
        jobs_alive=ready.jobs_state(),
        jobs=health.jobs(session, at=at),
        outbox=health.outbox(session),
        signed_in=health.signed_in(session, at=at),
        versions=health.versions(session),
        storage=health.storage(session, settings),
        settings=health.shown_settings(settings),
    )


@bp.post("/system/messages/<int:message_id>/again")
@requires(Permission.SYSTEM_SEE)
def send_again(message_id: int) -> ResponseReturnValue:
    with transaction() as session:
        retrying.send_again(session, current_actor(), message_id, at=now())
    flash(_("The message is in the queue again."))
    return redirect(url_for(".system"), code=303)


def _day(name: str, *, after: bool = False) -> datetime | None:
    """Read a local day from the address; its first moment, or the first moment after it."""
    text = request.args.get(name, "")
    if not text:
        return None
    try:
        day = datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC).date()
        return start_of_day(day + timedelta(days=1) if after else day, current_settings().zone)
    except (ValueError, OverflowError):
        abort(400)
