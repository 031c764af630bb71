"""A visitor of the pages who fetches a form before sending it, as a browser does."""

from __future__ import annotations

import re
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from volunteer.access import SYSTEM, Role
from volunteer.accounts.models import Person
from volunteer.accounts.registering import PersonDraft, register_person
from volunteer.kernel.clock import now
from volunteer.places.models import Mark, Site
from volunteer.web.identity import sign_in
from volunteer.web.unit import transaction

TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
PASSWORD = "seven red lanterns"


def token(client: FlaskClient, page: str = "/login/code") -> str:
    """Return the form token of this visitor; ``page`` must show a form."""
    found = TOKEN.search(client.get(page, follow_redirects=True).get_data(as_text=True))
    assert found, f"{page} shows no form"
    return found[1]


def send(client: FlaskClient, path: str, data: dict[str, Any] | None = None, **more: Any) -> TestResponse:
    """Post a form as a browser would."""
    return client.post(path, data={"csrf_token": token(client)} | (data or {}), **more)


def register(app: Flask, login_name: str, role: Role = Role.DISPATCHER, *, phone: str | None = None, demo: bool = False) -> int:
    """Make somebody with PASSWORD and a role over a centre (made when missing); return their id."""
    with app.app_context(), transaction() as session:
        centre = session.scalar(select(Site))
        if centre is None:
            centre = Site(
                path="/1/", level="centre", code="C", name="试验中心", name_en="Test Centre", latitude=31.1, longitude=120.6
            )
            session.add(centre)
        if demo and session.get(Mark, "demo") is None:
            session.add(Mark(name="demo", value={"size": "test"}))
        session.flush()  # the grant wants the site's id
        centre.path = f"/{centre.id}/"
        draft = PersonDraft(name="周试", phone=phone, login_name=login_name, password=PASSWORD)
        return register_person(session, SYSTEM, draft, at=now(), role=role, site=centre).id


def log_in(client: FlaskClient, login_name: str, password: str = PASSWORD, **more: Any) -> TestResponse:
    """Log in through the page."""
    return send(client, "/login", {"name": login_name, "password": password} | more)


def signed_in(app: Flask, person_id: int) -> FlaskClient:
    """Return a browser in which somebody is signed in, without going through the page."""
    client = app.test_client()
    with app.test_request_context():
        from flask import session as cookie

        with transaction() as session:
            person = session.get_one(Person, person_id)
        sign_in(person)
        kept = dict(cookie)
    with client.session_transaction() as theirs:
        theirs.update(kept)
    return client
