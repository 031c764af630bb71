"""Who prepares, accepts, approves and pays a shop's statement, and who looks into odd points."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import update

from tests.support.everybody import County
from tests.support.gifts import a_merchant
from tests.support.rows import IN, Row, Values
from tests.support.rows.gifts import others_shops
from volunteer.kernel import serials
from volunteer.kernel.clock import SHANGHAI, local_date, month_before, now
from volunteer.ledger import book
from volunteer.ledger.models import Unit
from volunteer.ledger.rules import issued_by
from volunteer.ledger.rules import merchant as owed_to
from volunteer.places.models import Site
from volunteer.rewards.settling import preparing
from volunteer.rewards.settling.lifecycle import StatementStatus as S
from volunteer.rewards.settling.models import PointWorth
from volunteer.rewards.settling.models_findings import PointsFinding
from volunteer.rewards.settling.odd import Odd
from volunteer.web.unit import transaction

STAFF = "admin director"


def month() -> str:
    return f"{month_before(local_date(now(), SHANGHAI)):%Y-%m}"


def worth(county: County, _: Values) -> Values:
    """What a point is worth here, and a proposal of nobody's."""
    with county.app.app_context(), transaction() as session:
        branch = session.get_one(Site, county.station).parent
        first = month_before(month_before(local_date(now(), SHANGHAI)))
        session.add(PointWorth(site_id=branch.id, points=10, fen=100, valid_from=first, asked_at=now(), agreed_at=now()))
        proposed = PointWorth(site_id=branch.id, points=10, fen=90, valid_from=first, asked_at=now())
        session.add(proposed)
        session.flush()
        return {"worth_id": proposed.id, "site": branch.id}


def nothing_proposed(county: County, _: Values) -> Values:
    """No proposal waits: one at a time."""
    with county.app.app_context(), transaction() as session:
        waiting = update(PointWorth).where(PointWorth.agreed_at.is_(None), PointWorth.refused_at.is_(None))
        session.execute(waiting.values(refused_at=now()))
        return {"site": session.get_one(Site, county.station).parent_id}


def owed(county: County, values: Values) -> Values:
    """A shop that is owed something for last month."""
    made = worth(county, values) | others_shops(county, values)
    with county.app.app_context(), transaction() as session:
        at = now() - timedelta(days=32)
        source, target = issued_by(county.station, Unit.POINTS), owed_to(made["merchant_id"])
        key = f"rows:{made['merchant_id']}"
        book.move(session, Unit.POINTS, 40, source=source, target=target, reason="collect", key=key, at=at)
    return made


def statement(status: S) -> Callable[[County, Values], Values]:
    """Its statement, as it stands when somebody may act on it."""

    def make(county: County, values: Values) -> Values:
        from volunteer.access import SYSTEM

        made = owed(county, values)
        with county.app.app_context(), transaction() as session:
            of = month_before(local_date(now(), SHANGHAI))
            found = preparing.prepare(session, SYSTEM, made["merchant_id"], of, at=now())
            found.status = status
            line = found.lines[0]
            if status is S.DISPUTED:
                line.disputed_at, line.words = now(), "不对"
            return made | {"statement_id": found.id, "kind": "csv", "seen": found.digest, "line": line.id}

    return make


def finding(county: County, values: Values) -> Values:
    with county.app.app_context(), transaction() as session:
        branch = session.get_one(Site, county.station).parent
        merchant = a_merchant(session, branch)
        made = PointsFinding(
            mark=serials.token(), kind=Odd.BURST, merchant_id=merchant.id, site_path=branch.path, evidence={},
            day=local_date(now(), SHANGHAI), found_at=now(),
        )  # fmt: skip
        session.add(made)
        session.flush()
        return {"finding_id": made.id}


def seen(values: Values) -> Values:
    return {"once": serials.token(), "seen": values.get("seen", "0" * 64)}


def a_worth(values: Values) -> Values:
    return {"once": serials.token(), "site": str(values.get("site", 1)), "points": "10", "fen": "80", "first": "2035-01-01"}


def to_prepare(values: Values) -> Values:
    return {"once": serials.token(), "merchant": str(values.get("merchant_id", 1)), "month": month()}


def words(values: Values) -> Values:
    today = local_date(now(), SHANGHAI).isoformat()
    more = {"words": "查过了", "note": "弄错了", "paid_on": today, "reference": "0001", "verdict": "fine"}
    return {"once": serials.token(), "lines": [str(values.get("line", 1))]} | more


PREPARED, DISPUTED, ACCEPTED, APPROVED = (statement(one) for one in (S.PREPARED, S.DISPUTED, S.ACCEPTED, S.APPROVED))

ROWS: dict[str, Row] = {
    "GET /manage/settlements": Row(STAFF, IN),
    "POST /manage/settlements/worth": Row(STAFF, extra=nothing_proposed, data=a_worth),
    "POST /manage/settlements/worth/<int:worth_id>": Row(STAFF, extra=worth, data=lambda _: {"answer": "yes"}),
    "POST /manage/settlements/prepare": Row(STAFF, extra=owed, data=to_prepare),
    "GET /manage/settlements/<int:statement_id>": Row(STAFF, extra=PREPARED),
    "POST /manage/settlements/<int:statement_id>.<kind>": Row(STAFF, extra=PREPARED),
    "POST /manage/settlements/<int:statement_id>/answer": Row(
        STAFF, extra=DISPUTED, data=lambda values: words(values) | {"lines": []}
    ),
    "POST /manage/settlements/<int:statement_id>/approve": Row(STAFF, extra=ACCEPTED, data=seen),
    "POST /manage/settlements/<int:statement_id>/pay": Row(STAFF, extra=APPROVED, data=words),
    "POST /manage/settlements/<int:statement_id>/withdraw": Row(STAFF, extra=PREPARED, data=words),
    "GET /merchant/statements": Row("merchant", IN),
    "GET /merchant/statements/<int:statement_id>": Row("merchant", extra=PREPARED),
    "POST /merchant/statements/<int:statement_id>.<kind>": Row("merchant", extra=PREPARED),
    "POST /merchant/statements/<int:statement_id>/accept": Row("merchant", extra=PREPARED, data=seen),
    "POST /merchant/statements/<int:statement_id>/dispute": Row("merchant", extra=PREPARED, data=words),
    "GET /manage/anomalies": Row(STAFF, IN),
    "POST /manage/anomalies/<int:finding_id>": Row(STAFF, extra=finding, data=words),
}
