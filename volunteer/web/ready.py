"""Whether this installation can serve: the database answers, its tables are of this version, the jobs are alive."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Blueprint, Flask, Response, current_app, jsonify, request
from flask.typing import ResponseReturnValue
from sqlalchemy import inspect, select
from sqlalchemy.exc import SQLAlchemyError

from volunteer.kernel.clock import now
from volunteer.kernel.db import db
from volunteer.kernel.words import N_
from volunteer.web import errors
from volunteer.web.identity import even_when_led, open_to_all
from volunteer.web.models import JobLease

bp = Blueprint("ready", __name__)
LEASE = "jobs"
SILENCE = timedelta(seconds=30)
NOT_MIGRATED = N_("The service is being set up. If you run it: ./run flask db upgrade brings the database up to date.")
ALWAYS_OPEN = frozenset({"static", "web.healthz", "ready.readyz"})


@bp.get("/readyz")
@open_to_all
@even_when_led
def readyz() -> ResponseReturnValue:
    """Say how database, migrations and jobs are. 503 when pages cannot be served; silent jobs alone leave it at 200."""
    facts = {"database": database_state(), "migrations": "unknown", "jobs": "unknown"}
    if facts["database"] == "ok":
        facts["migrations"] = migrations_state()
        if facts["migrations"] == "ok":
            facts["jobs"] = jobs_state()
    fine = facts["database"] == facts["migrations"] == "ok"
    response = jsonify(ready=fine, **facts)
    response.status_code = 200 if fine else 503
    return response


def database_state() -> str:
    """Return "ok" or "unreachable"."""
    try:
        db.session.execute(select(1))
    except SQLAlchemyError:
        db.session.rollback()
        return "unreachable"
    return "ok"


def migrations_state() -> str:
    """Return "ok", or what the database lacks."""
    connection = db.session.connection()
    if not inspect(connection).has_table("people"):
        return "no tables yet: flask db upgrade"
    at = MigrationContext.configure(connection).get_current_revision()
    head = ScriptDirectory(current_app.config["MIGRATIONS"]).get_current_head()
    return "ok" if at == head else f"at {at}, needs {head}: flask db upgrade"


def jobs_state() -> str:
    """Return "ok", "never ran" or since when the job process is silent."""
    until = db.session.scalar(select(JobLease.until).where(JobLease.name == LEASE))
    if until is None:
        return "never ran"
    return "ok" if until > now() - SILENCE else f"silent since {until.isoformat(timespec='seconds')}"


def init_app(app: Flask) -> None:
    """Answer every page with a friendly 503 until the database is of this version; asked until it is, then no more."""
    app.register_blueprint(bp)
    known: dict[str, Any] = {"fine": False}

    @app.before_request
    def _set_up() -> Response | None:
        if known["fine"] or request.endpoint in ALWAYS_OPEN:
            return None
        if database_state() != "ok":
            return errors.plain(503, errors.BUSY)
        known["fine"] = migrations_state() == "ok"
        return None if known["fine"] else errors.plain(503, NOT_MIGRATED)
