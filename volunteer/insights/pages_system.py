"""County IT's page: what runs, what waits, what failed, what it runs on."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from volunteer.access import Permission
from volunteer.insights import health
from volunteer.kernel.clock import now
from volunteer.kernel.db import db
from volunteer.messaging import retrying
from volunteer.web import ready
from volunteer.web.config import current_settings
from volunteer.web.identity import current_actor, requires
from volunteer.web.unit import transaction

bp = Blueprint("system", __name__)


@bp.get("/system")
@requires(Permission.SYSTEM_SEE)
def show() -> ResponseReturnValue:
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
    return redirect(url_for(".show"), code=303)
