"""County IT's page: what runs, what waits, what failed, what it runs on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, Flask, current_app, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from volunteer.access import Permission
from volunteer.catalogue import suggesting
from volunteer.insights import health, installation
from volunteer.kernel.clock import now
from volunteer.kernel.db import db
from volunteer.messaging import retrying
from volunteer.web import ready
from volunteer.web.config import current_settings
from volunteer.web.county import zone
from volunteer.web.identity import current_actor, requires
from volunteer.web.unit import transaction

bp = Blueprint("system", __name__)


def init_app(app: Flask, schedule: Sequence[health.Scheduled], last_backup: health.LastBackup) -> None:
    """Lend what lies above and beside: what is scheduled, and the last backup."""
    app.extensions["system_page"] = schedule, last_backup


@bp.get("/system")
@requires(Permission.SYSTEM_SEE)
def show() -> ResponseReturnValue:
    """What fails, what waits, what it runs on."""
    session, settings = db.session(), current_settings()
    return render_template(
        "insights/system.html",
        **_state(),
        versions=installation.versions(session),
        learned=suggesting.learned(session),
        settings=installation.settings_shown(settings),
    )


@bp.get("/system/state")
@requires(Permission.SYSTEM_SEE)
def state() -> ResponseReturnValue:
    """The part of the page that changes by itself, asked for every few seconds."""
    response = make_response(render_template("insights/system_state.html", **_state()))
    response.add_etag()
    return response.make_conditional(request)


@bp.post("/system/messages/<int:message_id>/again")
@requires(Permission.SYSTEM_SEE)
def send_again(message_id: int) -> ResponseReturnValue:
    """Put one message that was given up back in the queue."""
    with transaction() as session:
        retrying.send_again(session, current_actor(), message_id, at=now())
    flash(_("The message is in the queue again."))
    return redirect(url_for(".show"), code=303)


@bp.post("/system/messages/again")
@requires(Permission.SYSTEM_SEE)
def send_all_again() -> ResponseReturnValue:
    """After an outage: everything that was given up."""
    with transaction() as session:
        count = retrying.send_all_again(session, current_actor(), at=now())
    flash(_("%(n)s messages are in the queue again.", n=count))
    return redirect(url_for(".show"), code=303)


def _state() -> dict[str, Any]:
    session, at, settings = db.session(), now(), current_settings()
    schedule, last_backup = current_app.extensions["system_page"]
    backup = last_backup(session)
    apart = health.clock_apart(session, at=at)
    return {
        "database": ready.database_state(),
        "migrations": ready.migrations_state(),
        "jobs_alive": ready.jobs_state(),
        "lease": health.lease(session),
        "jobs": health.jobs(session, schedule, zone(), at=at),
        "outbox": health.outbox(session),
        "accidents": health.accidents(session, zone(), at=at),
        "signed_in": health.signed_in(session, at=at),
        "failed_log_ins": health.failed_log_ins(session, at=at),
        "storage": installation.storage(session, settings),
        "backup": backup,
        "backup_old": backup is None or backup.made_at < at - health.OLD_BACKUP,
        "apart": round(apart),
        "clock_right": abs(apart) <= health.CLOCKS_APART,
        "zone_name": zone().key,
    }
