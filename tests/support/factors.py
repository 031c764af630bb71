"""A phone with an authenticator in it."""

from __future__ import annotations

from datetime import datetime

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.support.visiting import log_in, send
from volunteer.accounts import totp
from volunteer.accounts.models import Person
from volunteer.accounts.models_entering import SecondFactor
from volunteer.kernel.clock import now
from volunteer.kernel.db import db
from volunteer.web.unit import transaction


def switched_on(app: Flask, person_id: int) -> str:
    """Give somebody a second factor that is in use; return its secret."""
    with app.app_context(), transaction() as session:
        factor = SecondFactor(person_id=person_id, person=session.get_one(Person, person_id), begun_at=now(), confirmed_at=now())
        session.add(factor)
        factor.secret = totp.new_secret()
        return factor.secret


def secret_of(app: Flask, person_id: int) -> str:
    """Return the secret that somebody's page shows."""
    with app.app_context():
        return db.session.get_one(SecondFactor, person_id).secret or ""


def code_now(secret: str, at: datetime | None = None, later: int = 0) -> str:
    """Return what the phone shows now, or so many steps later."""
    return totp.code_at(secret, totp.step_at(at or now()) + later)


def log_in_with(client: FlaskClient, login_name: str, code: str, **more: str) -> TestResponse:
    """Log in by name, password and code."""
    first = log_in(client, login_name, **more)
    assert first.location.startswith("/login/second"), first.location
    return send(client, "/login/second", {"code": code} | more)
