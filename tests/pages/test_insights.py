"""Director, auditor and county IT see their own, and only that."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask

from tests.support import builders
from tests.support.visiting import register, send, signed_in
from volunteer.access import NOBODY, SYSTEM, Role
from volunteer.audit.recording import record
from volunteer.kernel.clock import now
from volunteer.kernel.db import db
from volunteer.messaging.models import Channel, Message
from volunteer.orders.lifecycle import Status
from volunteer.orders.models_rating import RatedBy, Rating
from volunteer.web.unit import transaction


@pytest.fixture
def county(app: Flask) -> Iterator[Flask]:
    """One late, one unmet and one badly rated order at a station; nothing at another centre's."""
    with app.app_context(), transaction() as session:
        centre, _branch, station = builders.a_county(session)
        item = builders.an_item(session, centre)
        at = now()
        for name, status, due in (
            ("迟到村", Status.VERIFIED, -1),
            ("无队村", Status.UNMET, None),
            ("低评村", Status.CLOSED, None),
        ):
            order = builders.an_order(
                    session, station, item=item, status=status, place=name, placed_at=at - timedelta(hours=9),
                    due_at=at + timedelta(hours=due) if due else None,
                )  # fmt: skip
        session.add(Rating(order_id=order.id, stars=1, by=RatedBy.LINK, at=at))
        record(session, SYSTEM, "private_seen", "order:1", at=at, site_path=station.path)
    yield app


def test_the_director_sees_what_is_late_unmet_and_badly_rated(county: Flask) -> None:
    client = signed_in(county, register(county, "chief", Role.DIRECTOR))
    page = client.get("/overview").get_data(as_text=True)
    assert len(set(re.findall(r"/overview/orders/[0-9-]+", page))) == 3
    assert "超时" in page


def test_the_director_opens_an_order_without_its_private_part(county: Flask) -> None:
    client = signed_in(county, register(county, "chief", Role.DIRECTOR))
    with county.app_context():
        number = db.session.scalars(db.select(db.metadata.tables["service_orders"].c.number)).first()
    page = client.get(f"/overview/orders/{number}").get_data(as_text=True)
    assert str(number) in page
    assert "19900000000" not in page
    assert "3幢201室" not in page


def test_another_centres_director_sees_nothing_of_it(county: Flask) -> None:
    with county.app_context(), transaction() as session:
        other = builders.a_site(session)
        actor = builders.staff(session, Role.DIRECTOR, other)
        number = session.scalars(db.select(db.metadata.tables["service_orders"].c.number)).first()
    client = signed_in(county, actor.user_id or 0)
    assert "/overview/orders/" not in client.get("/overview").get_data(as_text=True)
    assert client.get(f"/overview/orders/{number}").status_code == 404


def test_the_auditor_finds_who_looked_and_can_change_nothing(county: Flask) -> None:
    client = signed_in(county, register(county, "audit", Role.AUDITOR))
    page = client.get("/audit?action=private_seen").get_data(as_text=True)
    assert "点单 1" in page
    assert client.get("/audit?begins=2020-02-31").status_code == 400
    assert set(re.findall(r'method="post" action="/audit([^"]*)"', page)) == {".csv", ".xlsx", ".jsonl"}


def test_the_auditor_also_sees_what_lies_under_no_site_but_nothing_of_another_centre(county: Flask) -> None:
    with county.app_context(), transaction() as session:
        other = builders.a_site(session)
        record(session, NOBODY, "person_disabled", "person:707", at=now())
        record(session, NOBODY, "private_seen", "order:909", at=now(), site_path=other.path)
    client = signed_in(county, register(county, "audit", Role.AUDITOR))
    assert "人员 707" in client.get("/audit?action=person_disabled").get_data(as_text=True)
    assert "909" not in client.get("/audit?action=private_seen").get_data(as_text=True)


def test_county_it_sends_a_failed_message_again_once(county: Flask) -> None:
    client = signed_in(county, register(county, "it", Role.COUNTY_IT))
    with county.app_context(), transaction() as session:
        message = Message(
            channel=Channel.SMS,
            template="order_verified",
            created_at=now(),
            failed_at=now(),
            attempts=8,
            error="timeout",
            sealed=b"m1.x",
        )
        session.add(message)
        session.flush()  # its id is wanted
        again = f"/system/messages/{message.id}/again"
        mine = message.id
    assert "重新发送" in client.get("/system").get_data(as_text=True)
    for _ in range(2):
        assert send(client, again).status_code == 303
    with county.app_context():
        waiting = db.session.get_one(Message, mine)
        assert waiting.due_at is not None
        assert waiting.attempts == 0


@pytest.mark.parametrize("path", ["/overview", "/audit", "/system"])
def test_a_volunteer_is_refused_and_a_visitor_is_asked_to_log_in(county: Flask, path: str) -> None:
    assert signed_in(county, register(county, "helper", Role.VOLUNTEER)).get(path).status_code == 403
    assert county.test_client().get(path).status_code == 302
