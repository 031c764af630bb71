"""S6: messages of a partner, recorded and played again, signed anew, bent and held back: no points come in twice."""

from __future__ import annotations

import json
import random
from datetime import timedelta

from flask.testing import FlaskClient
from sqlalchemy import func, select

from benchmarks._f3_last_gift import _databases
from benchmarks.figure import Figures
from tests.support.databases import Database, migrate
from tests.support.exchanging import ACCOUNT, agreed, somebody
from tests.support.settings import settings_for
from volunteer.app import create_app
from volunteer.kernel import signing
from volunteer.kernel.clock import SHANGHAI, local_date, now
from volunteer.kernel.db import db
from volunteer.ledger.models import Transfer
from volunteer.web.unit import transaction

TRANSFERS, AGAIN, BENT = 100, 5, 10
Sent = tuple[dict[str, str], bytes]


def webhooks(figures: Figures, *, quick: bool, url: str | None) -> None:
    """Print what was taken twice, or from somebody who could not sign it."""
    for database in _databases("S6", url):
        migrate(database.url)
        _play(figures, database, 20 if quick else TRANSFERS)


def _play(figures: Figures, database: Database, count: int) -> None:
    app = create_app(settings_for(database.url, log_level="ERROR"))
    with app.app_context(), transaction() as session:
        partner, secret, *_ = agreed(session, person_daily=10 * count, total_daily=10 * count)
        somebody(session, partner, points=0)
        path = f"/api/partners/v1/{partner.code}"
    client, chance = app.test_client(), random.Random(6)
    day = local_date(now(), SHANGHAI).isoformat()
    taken = tries = 0
    for number in range(count):
        wire = f"bench-transfer-{number:06d}"
        points = {"centre": 10, "partner": 1}
        whole = {"id": wire, "sender": "partner", "account": ACCOUNT, "points": points, "day": day}
        for kind, data in (("reserve", whole), ("confirm", {"id": wire, "sender": "partner"})):
            body = json.dumps({"type": f"transfer.{kind}", "data": data}).encode()
            first = _signed(secret, f"{kind}-{wire}", body)
            assert _send(client, path, first) in {200, 201}
            for _ in range(AGAIN):  # the very same message
                tries, taken = tries + 1, taken + (_send(client, path, first) < 300)
            for _ in range(BENT):  # with one bit of it turned
                bent, place = bytearray(body), chance.randrange(len(body))
                bent[place] ^= 1 << chance.randrange(8)
                tries, taken = tries + 1, taken + (_send(client, path, (first[0], bytes(bent))) < 300)
            for late in (330, 3_600, -330):  # held back, or from a wrong clock
                tries, taken = tries + 1, taken + (_send(client, path, _signed(secret, f"{kind}-{wire}-late", body, late)) < 300)
            for seconds in (60, 120, 180):  # the same act, signed anew: answered as the first time, done no second time
                tries += 1
                assert _send(client, path, _signed(secret, f"{kind}-{wire}", body, seconds)) < 300
    with app.app_context(), transaction() as session:
        booked = session.scalar(select(func.count()).where(Transfer.reason == "exchange_in")) or 0
        db.engine.dispose()
    said = f"of {tries} tries with {2 * count} recorded messages of a partner"
    figures.value(f"S6.{database.kind}.webhooks", taken + abs(booked - count), "accepted twice", said, at_most=0)


def _signed(secret: str, name: str, body: bytes, seconds_ago: int = 0) -> Sent:
    headers = signing.headers([secret], name, now() - timedelta(seconds=seconds_ago), body)
    return headers | {"Idempotency-Key": name, "Content-Type": "application/json"}, body


def _send(client: FlaskClient, path: str, sent: Sent) -> int:
    headers, body = sent
    return client.post(path, data=body, headers=headers).status_code
