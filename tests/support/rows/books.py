"""The books, the keys that sign, statements and the closing report."""

from __future__ import annotations

from datetime import timedelta

from tests.support.rows import IN, Row, all_of_us
from tests.support.rows.gifts import others_shops
from volunteer.access import SYSTEM
from volunteer.kernel.clock import SHANGHAI, now
from volunteer.ledger import checkpoints, keys, rotating
from volunteer.ledger.models_keys import Purpose
from volunteer.places.models import Site
from volunteer.web.unit import transaction

KEEPERS = "auditor it"
WHOLE = {
    f"{role}{place}": answer for role in ("auditor", "it") for place, answer in (("_next", 403), ("_abroad", IN))
}  # keys are everybody's


def a_checkpoint(county, values):
    with county.app.app_context(), transaction() as session:
        return {"number": checkpoints.sign(session, day=now().date(), at=now()).number}


def station_code(county, values):
    with county.app.app_context(), transaction() as session:
        return {"code": session.get_one(Site, county.station).code}


def of_station(values):
    return {"of": "site", "code": values["code"]}


def nothing_waits(county, values):
    with county.app.app_context(), transaction() as session:
        for old in rotating.waiting(session, at=now()):
            old.decided_at = now()
    return {}


def a_request(county, values):
    """Asked for at the machine, so that either of those who decide is the second person."""
    nothing_waits(county, values)
    with county.app.app_context(), transaction() as session:
        return {"request_id": rotating.ask(session, SYSTEM, Purpose.BADGE, "试一试", at=now()).id}


def a_key(county, values):
    nothing_waits(county, values)
    with county.app.app_context(), transaction() as session:
        return {"kid": keys.make(session, Purpose.BADGE, at=now() - timedelta(hours=1)).kid}


def of_key(values):
    since = now().astimezone(SHANGHAI) - timedelta(minutes=5)
    return {"kid": values.get("kid", ""), "since": f"{since:%Y-%m-%dT%H:%M}", "why": "leaked", "reason": "丢了一份备份"}


ROWS: dict[str, Row] = {
    "GET /books": all_of_us(),
    "GET /books.json": all_of_us(),
    "GET /books/checkpoints/<int:number>.json": all_of_us(extra=a_checkpoint),
    "GET /keys": all_of_us(),
    "GET /keys.json": all_of_us(),
    "GET /books/statement": Row("admin director auditor", query=of_station, extra=station_code),
    "POST /books/statement.csv": Row("admin director auditor", data=of_station, extra=station_code),
    "GET /books/closing": Row("admin director auditor", IN),
    "POST /books/closing.csv": Row("admin director auditor", IN),
    "GET /me/statement": Row("resident volunteer", IN),
    "POST /me/statement.csv": Row("resident volunteer", IN),
    "GET /merchant/<int:merchant_id>/account": Row("merchant", extra=others_shops),
    "POST /merchant/<int:merchant_id>/account.csv": Row("merchant", extra=others_shops),
    "GET /manage/keys": Row(KEEPERS, but=WHOLE),
    "POST /manage/keys": Row(
        "it",
        data=lambda _: {"purpose": "badge", "reason": "一年一换"},
        but={"it_next": 403, "it_abroad": IN},
        extra=nothing_waits,
    ),
    "POST /manage/keys/revoke": Row("it", data=of_key, but={"it_next": 403, "it_abroad": IN}, extra=a_key),
    "POST /manage/keys/<int:request_id>/yes": Row(KEEPERS, but=WHOLE, extra=a_request),
    "POST /manage/keys/<int:request_id>/no": Row(KEEPERS, but=WHOLE, extra=a_request),
}
