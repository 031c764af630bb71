"""The interface for partners, from outside: signed, fresh, once, readable in one way, and small."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from tests.support.exchanging import ACCOUNT, agreed, somebody
from volunteer.kernel import signing
from volunteer.kernel.clock import SHANGHAI, local_date, now
from volunteer.ledger import queries, verify
from volunteer.ledger.models import Unit
from volunteer.ledger.rules import person
from volunteer.rewards.partners import agreeing, jobs
from volunteer.rewards.partners.models import Exchange, Partner
from volunteer.web.unit import transaction

WIRE = "their-transfer-0001"


class Outside:
    """A partner with curl."""

    def __init__(self, app: Flask) -> None:
        self.app, self.client, self.calls = app, app.test_client(), 0
        with app.app_context(), transaction() as session:
            partner, self.secret, self.first, self.second = agreed(session, person_daily=300, total_daily=500)
            self.code, self.id = partner.code, partner.id
            self.person_id = somebody(session, partner, points=0).user_id

    def send(self, kind: str, data: Any = None, *, body: bytes | None = None, name: str | None = None, **more: Any):
        self.calls += 1
        name = name or f"msg_{self.calls:08d}"
        body = body if body is not None else json.dumps({"type": kind, "data": data}).encode()
        headers = signing.headers([more.get("secret", self.secret)], name, more.get("at", now()), body)
        headers |= {"Idempotency-Key": name, "Content-Type": "application/json"} | more.get("headers", {})
        headers = {key: value for key, value in headers.items() if value is not None}
        return self.client.post(f"/api/partners/v1/{more.get('code', self.code)}", data=body, headers=headers)

    def reserve(self, wire: str = WIRE, centre: int = 100, partner: int = 10, **more: Any):
        data = {"id": wire, "sender": "partner", "account": ACCOUNT, "points": {"centre": centre, "partner": partner}}
        data["day"] = local_date(now(), SHANGHAI).isoformat()
        return self.send("transfer.reserve", data | more.pop("data", {}), **more)

    def one(self, act: str, wire: str = WIRE, **more: Any):
        return self.send(f"transfer.{act}", {"id": wire, "sender": "partner"}, **more)

    def balance(self) -> int:
        with self.app.app_context(), transaction() as session:
            assert verify.findings(session) == []
            return queries.balance(session, person(self.person_id), Unit.POINTS)


@pytest.fixture
def outside(app: Flask) -> Outside:
    app.testing = False  # what would be an accident is an answer here, too
    return Outside(app)


def test_points_come_in_by_two_steps_and_only_by_both(outside):
    answer = outside.reserve()
    assert answer.status_code == 201
    assert answer.json["status"] == "reserved"
    assert outside.balance() == 0
    assert outside.one("confirm").json["status"] == "confirmed"
    assert outside.balance() == 100
    assert outside.one("confirm").status_code == 200, "again, as another message"
    assert outside.balance() == 100
    cancelled = outside.one("cancel")
    assert (cancelled.status_code, cancelled.json["transfer"]["status"]) == (409, "confirmed")
    assert outside.one("state").json["points"] == {"centre": 100, "partner": 10}


def test_what_was_cancelled_or_ran_out_does_not_come_in(outside):
    outside.reserve()
    assert outside.one("cancel").status_code == 200
    late = outside.one("confirm")
    assert (late.status_code, late.json["transfer"]["status"]) == (409, "cancelled")
    outside.reserve("their-transfer-0002")
    with outside.app.app_context(), transaction() as session:
        session.execute(update(Exchange).values(expires_at=now() - timedelta(seconds=1)))
    assert outside.one("confirm", "their-transfer-0002").json["transfer"]["status"] == "expired"
    outside.reserve("their-transfer-0003")
    with outside.app.app_context(), transaction() as session:
        session.execute(update(Exchange).values(expires_at=now() - timedelta(seconds=1)))
        assert jobs.expire_exchanges(session, now()) == 1
    assert outside.one("state", "their-transfer-0003").json["status"] == "expired"
    assert outside.balance() == 0


def test_the_same_message_is_heard_once_and_the_same_id_signed_anew_gets_the_same_answer(outside):
    at = now()
    first = outside.reserve(name="msg_same0001", at=at)
    assert outside.reserve(name="msg_same0001", at=at).json["code"] == "replayed"
    again = outside.reserve(name="msg_same0001", at=at + timedelta(seconds=1))
    assert (again.status_code, again.json) == (first.status_code, first.json)
    other = outside.reserve(name="msg_same0001", at=at + timedelta(seconds=2), centre=200, partner=20)
    assert (other.status_code, other.json["code"]) == (422, "key_reused")
    with outside.app.app_context(), transaction() as session:
        assert len(session.scalars(select(Exchange)).all()) == 1


@pytest.mark.parametrize(
    "more",
    [{"secret": signing.new_secret()}, {"at": -timedelta(minutes=6)}, {"at": timedelta(minutes=6)}, {"code": "nobody"},
     {"headers": {"webhook-signature": None}}, {"headers": {"webhook-id": "msg_other001"}}, {"headers": {"webhook-timestamp": "x"}}],
    ids=["forged", "late", "early", "unknown", "unsigned", "another id", "no time"],
)  # fmt: skip
def test_who_cannot_prove_it_is_told_nothing(outside, more):
    if "at" in more:  # beside the moment at which it is sent, not at which the tests were collected
        more = more | {"at": now() + more["at"]}
    answer = outside.reserve(**more)
    assert (answer.status_code, answer.json["code"]) == (401, "not_signed")
    assert answer.content_type.startswith("application/problem+json")
    assert outside.one("state").status_code == 404


def test_a_signature_of_another_partner_does_not_open_this_one(outside):
    with outside.app.app_context(), transaction() as session:
        other, secret, *_ = agreed(session)
    assert outside.reserve(secret=secret).status_code == 401


@pytest.mark.parametrize(
    ("body", "status"),
    [(b'{"type":"transfer.state","type":"transfer.confirm","data":{}}', 400), (b"not json", 400), (b"[1]", 400), (b"{}", 422),
     (b'{"type":"transfer.reserve","data":[]}', 422), (b'{"type":"transfer.reserve","data":{}}', 422), (b'{"type":7}', 422),
     (b'{"type":"transfer.reserve","data":{"points":{"centre":NaN}}}', 400), (b'{"type":"x"}', 422), (b"{" * 9_000, 400),
     (b"x" * 20_001, 413), (b"\xff\xfe", 400), (b'{"type":"transfer.state","data":{"id":"\\ud800aaaaaaaa","sender":"partner"}}', 400),
     (b'{"type":"transfers.day","data":{"day":"2026-11-21","sender":"partner","after":"\\u0000"}}', 400),
     (b'{"type":"transfer.state","data":{"\\udfff":["\\u0000"]}}', 400)],
)  # fmt: skip
def test_what_cannot_be_read_in_one_way_is_refused(outside, body, status):
    assert outside.send("", body=body).status_code == status


@pytest.mark.parametrize(
    "data",
    [{"points": {"centre": "100", "partner": 10}}, {"points": {"centre": True, "partner": 10}}, {"points": {"centre": 2**63, "partner": 1}},
     {"points": {"centre": -10, "partner": -1}}, {"points": {"centre": 100, "partner": 11}}, {"points": {"centre": 100}},
     {"sender": "centre"}, {"id": "short"}, {"id": "with spaces in it"}, {"day": "2026-01-01"}, {"day": 7}, {"status": "confirmed"},
     {"person_id": 1}],
)  # fmt: skip
def test_a_field_that_is_wrong_or_not_ours_is_a_422(outside, data):
    answer = outside.reserve(data=data)
    assert answer.status_code in ({400, 422} if "points" in data else {422})
    assert outside.balance() == 0


def test_an_act_needs_a_key_that_is_signed(outside):
    assert outside.reserve(headers={"Idempotency-Key": None}).json["code"] == "key_missing"
    assert outside.reserve(headers={"Idempotency-Key": "msg_another1"}).json["code"] == "key_unsigned"


def test_an_account_that_nobody_linked_and_a_day_that_is_full_are_clear_refusals(outside):
    assert outside.reserve(data={"account": "HU-2026-9999"}).status_code == 404
    assert outside.reserve("transfer-0000001", 300, 30).status_code == 201
    full = outside.reserve("transfer-0000002", 10, 1)
    assert (full.status_code, full.json["code"]) == (422, "limit_person")
    for days in (-1, 1):  # the clocks of both may differ, the limit is ours
        day = (local_date(now(), SHANGHAI) + timedelta(days=days)).isoformat()
        assert outside.reserve(f"transfer-{days + 5:07d}", 10, 1, data={"day": day}).json["code"] == "limit_person"
    taken = outside.reserve("transfer-0000001", 200, 20)
    assert (taken.status_code, taken.json["code"]) == (409, "id_taken")


def test_two_secrets_hold_while_one_is_changed_and_then_only_the_new_one(outside):
    with outside.app.app_context(), transaction() as session:
        change = agreeing.propose_secret(session, outside.first, outside.id, at=now())
        fresh = agreeing.decide(session, outside.second, change.id, True, at=now())
    assert outside.reserve().status_code == 201
    assert outside.one("state", secret=fresh).status_code == 200
    with outside.app.app_context(), transaction() as session:
        from volunteer.rewards.partners.models import PartnerSecret

        session.execute(update(PartnerSecret).where(PartnerSecret.ends.is_not(None)).values(ends=now()))
    assert outside.one("state").status_code == 401


def test_a_suspended_partner_starts_nothing_but_finishes_what_it_began(outside):
    outside.reserve()
    with outside.app.app_context(), transaction() as session:
        session.get_one(Partner, outside.id).active = False
    refused = outside.reserve("their-transfer-0002")
    assert (refused.status_code, refused.json["code"]) == (409, "partner_closed")
    assert outside.one("confirm").json["status"] == "confirmed"


def test_the_lists_of_a_day_come_in_pages(outside):
    for number in range(3):
        outside.reserve(f"transfer-000000{number}", 10, 1)
    today = local_date(now(), SHANGHAI).isoformat()
    listed = outside.send("transfers.day", {"day": today, "sender": "partner", "after": "transfer-0000000"}).json
    assert [one["id"] for one in listed["transfers"]] == ["transfer-0000001", "transfer-0000002"]
    assert listed["more"] is False
