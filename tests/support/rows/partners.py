"""Who agrees with other platforms, and who moves points there."""

from __future__ import annotations

from datetime import timedelta

from tests.support.everybody import County
from tests.support.rows import Row, Values, all_of_us
from volunteer.kernel.clock import SHANGHAI, local_date, now
from volunteer.places.models import Site
from volunteer.rewards.partners.lifecycle import LinkState, Sender, Status
from volunteer.rewards.partners.models import (
    CallKind,
    ChangeKind,
    Exchange,
    Partner,
    PartnerAccount,
    PartnerCall,
    PartnerChange,
    PartnerDifference,
    PartnerRate,
)
from volunteer.rewards.partners.rules import Difference
from volunteer.web.idempotency import once
from volunteer.web.unit import transaction

ADMIN = "admin it"


def partner(county: County, _: Values) -> Values:
    """A partner of the branch, with a rate, and one of everything that hangs on it."""
    with county.app.app_context(), transaction() as session:
        branch = session.get_one(Site, session.get_one(Site, county.station).parent_id)
        number = once()[:12].lower().replace("_", "x")
        made = Partner(
            site_id=branch.id, code=f"p-{number}", name="试验平台", person_daily=500, total_daily=5000, made_at=now(), active=True,
        )  # fmt: skip
        session.add(made)
        session.flush()
        day = local_date(now(), SHANGHAI)
        rate = PartnerRate(partner_id=made.id, ours=10, theirs=1, valid_from=day, made_at=now())
        link = PartnerAccount(
            partner_id=made.id, person_id=county.ids["resident"], mask="****1", agreed_at=now(), state=LinkState.ASKED
        )
        change = PartnerChange(partner_id=made.id, kind=ChangeKind.SECRET, proposal={}, asked_at=now(), asked_by=None)
        call = PartnerCall(partner_id=made.id, kind=CallKind.STATE, data={}, made_at=now(), failed_at=now())
        session.add_all([rate, link, change, call])
        session.flush()
        difference = PartnerDifference(
            partner_id=made.id, sender="centre", wire="w", kind=Difference.POINTS, day=day, found_at=now()
        )
        hanging = Exchange(
            partner_id=made.id, person_id=county.ids["resident"], link_id=link.id, sender=Sender.CENTRE, wire=f"wire-{number}",
            ours=10, theirs=1, rate_id=rate.id, status=Status.RESERVED, day=day, made_at=now(), expires_at=now() + timedelta(hours=1),
        )  # fmt: skip
        session.add_all([difference, hanging])
        session.flush()
        return {
            "partner_id": made.id, "link_id": link.id, "change_id": change.id, "call_id": call.id,
            "difference_id": difference.id, "exchange_id": hanging.id,
        }  # fmt: skip


def once_only(_: Values) -> Values:
    return {"once": once()}


def a_rate(_: Values) -> Values:
    return {"once": once(), "ours": "20", "theirs": "1", "first": "2035-01-01"}


def some_terms(_: Values) -> Values:
    return {"once": once(), "person_daily": "100", "total_daily": "1000", "address": "https://partner.example/points"}


def a_note(_: Values) -> Values:
    return {"note": "问过对方了", "went": "yes"}


MINE = "resident volunteer"

ROWS: dict[str, Row] = {
    "POST /api/partners/v1/<code>": all_of_us(answer=413, data=lambda _: {"x": "x" * 30_000}),
    "GET /manage/partners": Row(ADMIN, 0),
    "POST /manage/partners": Row(ADMIN, 422, data=once_only, but={"admin": 422, "it": 422, "it_next": 422}),
    "GET /manage/partners/<int:partner_id>": Row(ADMIN, extra=partner),
    "POST /manage/partners/<int:partner_id>/rate": Row(ADMIN, extra=partner, data=a_rate),
    "POST /manage/partners/<int:partner_id>/terms": Row(ADMIN, extra=partner, data=some_terms),
    "POST /manage/partners/<int:partner_id>/secret": Row(ADMIN, extra=partner),
    "POST /manage/partners/<int:partner_id>/active": Row(ADMIN, extra=partner, data=lambda _: {"active": "no"}),
    "POST /manage/partners/changes/<int:change_id>": Row(ADMIN, extra=partner, data=lambda _: {"answer": "no"}),
    "POST /manage/partners/calls/<int:call_id>/again": Row(ADMIN, extra=partner),
    "POST /manage/partners/exchanges/<int:exchange_id>/decide": Row(ADMIN, extra=partner, data=a_note),
    "POST /manage/partners/differences/<int:difference_id>": Row(ADMIN, extra=partner, data=a_note),
    "GET /points/exchange": Row(MINE, 0),
    "POST /points/exchange/send": Row(MINE, 422, data=once_only, but={"resident": 422, "volunteer": 422}),
    "POST /points/exchange/<int:partner_id>/link": Row(
        MINE, 422, extra=partner, data=once_only, but={"resident": 422, "volunteer": 422}
    ),
    "POST /points/exchange/links/<int:link_id>/end": Row(
        "resident", extra=partner, but={"volunteer": 404, "volunteer_next": 404, "volunteer_abroad": 404}
    ),
    "POST /points/exchange/<int:exchange_id>/back": Row(
        "resident", extra=partner, but={"volunteer": 404, "volunteer_next": 404, "volunteer_abroad": 404}
    ),
}
