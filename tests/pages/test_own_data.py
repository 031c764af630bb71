"""A copy of one's own data: everything that points at a person is in it or left out for a reason; nothing of others is."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from tests.conftest import running
from tests.support.databases import Database, SqliteFactory, borrowed
from tests.support.everybody import County
from tests.support.visiting import PASSWORD, register, send, signed_in
from volunteer.access import Role
from volunteer.administration.own_data import LEFT_OUT, SECTIONS
from volunteer.audit.models import AuditEntry
from volunteer.kernel.clock import now
from volunteer.kernel.db import db
from volunteer.kernel.tables import import_all_models
from volunteer.orders.lifecycle import Status
from volunteer.orders.models import ServiceOrder
from volunteer.orders.models_rating import RatedBy, Rating
from volunteer.web.unit import transaction


def test_every_column_that_points_at_a_person_is_in_the_copy_or_left_out_for_a_reason() -> None:
    import_all_models()
    pointing = {
        f"{table.name}.{column.name}"
        for table in db.metadata.sorted_tables
        for column in table.columns
        if not column.name.endswith("_by")  # what staff did is in the audit log under their name
        and any(key.target_fullname in {"people.id", "volunteers.id"} for key in column.foreign_keys)
    }
    known = {f"{one.table.__tablename__}.{one.column}" for one in SECTIONS} | set(LEFT_OUT)
    assert pointing - known == set(), "say in volunteer/administration/own_data.py whether it is in a person's copy"


@pytest.fixture(scope="module")
def county(sqlite_factory: SqliteFactory) -> Iterator[County]:
    with borrowed(sqlite_factory) as database:
        for app in running(database):
            yield County(app)


def taken(county: County, who: str) -> tuple[dict[str, Any], str]:
    browser = signed_in(county.app, county.ids[who])
    answer = send(browser, "/me/data")
    assert answer.mimetype == "application/zip", answer.text
    assert "no-store" in answer.headers["Cache-Control"]
    with zipfile.ZipFile(io.BytesIO(answer.data)) as file:
        return json.loads(file.read("data.json")), file.read("data.html").decode()


def test_a_resident_reads_their_orders_and_nobody_elses(county: County) -> None:
    made = county.new(Status.CLOSED)
    with county.app.app_context(), transaction() as session:
        order = session.get_one(ServiceOrder, made["order_id"])
        rating = Rating(order=order, stars=4, by=next(iter(RatedBy)), at=now())
        session.add(rating)
        other = session.scalars(select(ServiceOrder.number).where(ServiceOrder.resident_id != order.resident_id)).all()
    data, page = taken(county, "resident")
    (mine,) = [row for row in data["service_orders.resident_id"] if row["number"] == made["number"]]
    assert (mine["phone"], mine["door"]) == ("19900000000", "3幢201室")
    assert data["ratings"][0]["stars"] == 4
    text = json.dumps(data, ensure_ascii=False) + page
    for secret in (made["secret"], made["code"], *other):
        assert secret not in text
    assert "wrapped_key" not in text
    assert "password_hash" not in text
    for name in ("clerk甲", "admin甲", "志愿者甲"):
        assert name not in text


def test_a_volunteer_reads_hours_and_certificates(county: County) -> None:
    made = county.new(Status.ACCEPTED)
    data, page = taken(county, "volunteer")
    assert data["volunteers.id"][0]["number"] == made["volunteer"]
    assert data["ledger"][0]["amount"] > 0
    assert data["certificates.volunteer_id"][0]["number"] in page
    assert "志愿者甲" in page


def test_every_role_can_take_its_copy_and_it_is_written_down(county: County) -> None:
    for who in ("leader", "clerk", "dispatcher", "admin", "director", "auditor", "it"):
        data, _page = taken(county, who)
        assert data["people.id"]
    with county.app.app_context():
        acts = db.session.scalars(select(AuditEntry.subject).where(AuditEntry.action == "own_data_taken")).all()
        assert f"person:{county.ids['clerk']}" in acts


def test_an_old_session_is_asked_for_the_password(app: Flask) -> None:
    browser = signed_in(app, register(app, "zhou", Role.CLERK))
    with time_machine.travel(now() + timedelta(minutes=11)):
        assert 'name="password"' in browser.get("/me/data").text
        assert send(browser, "/me/data").status_code == 422
        assert send(browser, "/me/data", {"password": "wrong one"}).status_code == 422
        assert send(browser, "/me/data", {"password": PASSWORD}).mimetype == "application/zip"


def test_copies_are_few(sqlite: Database) -> None:
    for app in running(sqlite, throttle=True):
        with time_machine.travel(now().replace(minute=1), tick=False):
            browser = signed_in(app, register(app, "zhou", Role.CLERK))
            assert [send(browser, "/me/data").status_code for _ in range(6)] == [200] * 5 + [429]


def test_earlier_log_ins_are_listed(app: Flask) -> None:
    person = register(app, "zhou", Role.CLERK)
    browsers = [signed_in(app, person) for _ in range(23)]
    page = browsers[-1].get("/me/logins").text
    assert page.count("item-title") == 20
    assert "/me/logins?before=" in page
    assert browsers[-1].get("/me/logins?before=4").text.count("item-title") == 3
    assert browsers[-1].get(f"/me/logins?before={10**30}").status_code == 200
