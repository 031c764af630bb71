"""Points: one's own, gifts and wishes; rules, what is owed, and what takes two people."""

from __future__ import annotations

import itertools
from datetime import timedelta
from typing import Any

from tests.support import pointing
from tests.support.everybody import County
from tests.support.rows import IN, Row, Values
from volunteer.access import Actor, Role
from volunteer.accounts.models import RoleGrant
from volunteer.kernel.clock import SHANGHAI, local_date, now
from volunteer.ledger.models_points import PointClaim
from volunteer.ledger.point_rules import Terms
from volunteer.places.models import Site
from volunteer.rewards.points import giving, requesting, ruling
from volunteer.rewards.points.ruling import RuleDraft
from volunteer.web.idempotency import once
from volunteer.web.unit import transaction

NUMBERS = itertools.count(1)
OWNERS = "resident volunteer"
SEE, MANAGE, APPROVE, KEEP = "admin director auditor", "admin", "admin director", "clerk admin"


def coming() -> Any:
    return local_date(now(), SHANGHAI) + timedelta(days=next(NUMBERS))


def some(county: County, _: Values) -> Values:
    """Everybody who may have points has some."""
    with county.app.app_context(), transaction() as session:
        site = session.get_one(Site, county.station)
        for role in OWNERS.split():
            pointing.earn(session, county.ids[role], site, 50, at=now())
        return {"site": site.id}


def a_wish(full: bool = False):
    def make(county: County, values: Values) -> Values:
        found = some(county, values)
        with county.app.app_context(), transaction() as session:
            site = session.get_one(Site, county.station)
            wish = pointing.a_wish(session, site, 10, until=coming() + timedelta(days=20))
            if full:
                actor = Actor(county.ids["volunteer"], frozenset({(Role.VOLUNTEER, site.path)}))
                giving.give_to_wish(session, actor, wish.id, 10, once(), at=now())
            return found | {"wish_id": wish.id}

    return make


def a_gift(county: County, values: Values) -> Values:
    """A volunteer of the place gave some to the resident."""
    found = some(county, values)
    with county.app.app_context(), transaction() as session:
        site = session.get_one(Site, county.station)
        actor = Actor(county.ids["volunteer"], frozenset({(Role.VOLUNTEER, site.path)}))
        return found | {"gift_id": giving.give(session, actor, county.ids["resident"], 5, once(), at=now()).id}


def a_draft(county: County, _: Values) -> Values:
    """A draft of the branch that nobody here wrote."""
    with county.app.app_context(), transaction() as session:
        branch = session.get_one(Site, county.station).parent
        assert branch is not None
        writer = Actor(county.ids["it"], frozenset({(Role.SITE_ADMIN, branch.path)}))
        draft = RuleDraft(terms=Terms(), valid_from=coming())
        rule = ruling.write_draft(session, writer, branch, draft, at=now())
        return {"rule_id": rule.id, "branch": branch.id}


def a_trial(county: County, values: Values) -> Values:
    found = a_draft(county, values)
    with county.app.app_context(), transaction() as session:
        from volunteer.access import SYSTEM
        from volunteer.rewards.points import trying

        trying.begin(session, SYSTEM, found["rule_id"], at=now())
    return found


def a_request(county: County, values: Values) -> Values:
    with county.app.app_context(), transaction() as session:
        branch = session.get_one(Site, county.station).parent
        assert branch is not None
        writer = Actor(county.ids["it"], frozenset({(Role.SITE_ADMIN, branch.path)}))
        asked = requesting.ask_correction(session, writer, branch.id, county.ids["volunteer"], 1, "漏记", at=now())
        return {"request_id": asked.id}


def a_claim(county: County, values: Values) -> Values:
    """Somebody else's claim: a person of its own, so that nobody's balance is what another row counts on."""
    with county.app.app_context(), transaction() as session:
        site = session.get_one(Site, county.station)
        person = pointing.a_person(session, "欠试")
        session.add(RoleGrant(person_id=person.id, role=Role.VOLUNTEER, site_id=site.id, since=now()))
        session.flush()
        pointing.earn(session, person.id, site, 5, at=now())
        (made,) = pointing.entries_of(session, person.id)
        claim = PointClaim(person_id=person.id, site_id=site.id, site_path=site.path, points=5, at=now(), transfer_id=made.id)
        session.add(claim)
        session.flush()
        return {"claim_id": claim.id}


def give(values: Values) -> Values:
    return {"points": "1", "once": once(), "site": str(values.get("site", ""))}


def wanted(values: Values) -> Values:
    """The form of a rule."""
    return {"per_hour": "10", "months": "24", "warn_first": "60", "warn_second": "14", "wish_most": "100", "once": once(),
            "valid_from": coming().isoformat(), "site": str(values["branch"])}  # fmt: skip


def ending(values: Values) -> Values:
    return {"note": "送到了", "once": once()}


def site_of(values: Values) -> Values:
    return {"site": str(values["branch"])}


def posting(values: Values) -> Values:
    until = coming() + timedelta(days=9)
    return {"site": str(values["site"]), "title": "一袋米", "points": "20", "until": until.isoformat(), "once": once()}


def correcting(values: Values) -> Values:
    return {"site": str(values["branch"]), "number": values["volunteer"], "points": "2", "reason": "漏记", "once": once()}


ROWS: dict[str, Row] = {
    "GET /points": Row(OWNERS, IN),
    "POST /points/export": Row(OWNERS, IN),
    "POST /points/gifts/<int:gift_id>/back": Row("resident", but={"volunteer": 404, "volunteer_next": 404, "volunteer_abroad": 404}, extra=a_gift),
    "GET /points/give": Row(OWNERS, IN),
    "POST /points/give": Row(OWNERS, 422, data=lambda _: {"number": "1", "first": "x", "points": "1"}, but=dict.fromkeys(OWNERS.split(), 422)),
    "POST /points/give/confirm": Row(OWNERS, 409, data=lambda _: {"token": "x"}, but=dict.fromkeys(OWNERS.split(), 409)),
    "GET /wishes": Row(OWNERS, IN),
    "POST /wishes/pool": Row(OWNERS, data=give, extra=some, but={f"{role}_next": 409 for role in OWNERS.split()}),
    "GET /wishes/<int:wish_id>": Row(OWNERS, extra=a_wish(), but={f"{role}_next": IN for role in OWNERS.split()}),
    "POST /wishes/<int:wish_id>/give": Row(OWNERS, data=give, extra=a_wish(), but={f"{role}_next": 409 for role in OWNERS.split()}),
    "GET /manage/points": Row(SEE, IN),
    "POST /manage/points/word": Row(MANAGE, extra=a_draft, data=lambda values: {"name": "积分", "once": once()} | site_of(values)),
    "GET /manage/points/new": Row(MANAGE, IN),
    "POST /manage/points/new": Row(MANAGE, extra=a_draft, data=wanted),
    "GET /manage/points/<int:rule_id>": Row(SEE, extra=a_draft),
    "POST /manage/points/<int:rule_id>": Row(MANAGE, extra=a_draft, data=wanted),
    "POST /manage/points/<int:rule_id>/try": Row(MANAGE, extra=a_draft),
    "GET /manage/points/<int:rule_id>/trial": Row(MANAGE, extra=a_trial),
    "POST /manage/points/<int:rule_id>/publish": Row(APPROVE, extra=a_draft),
    "POST /manage/points/<int:rule_id>/drop": Row(MANAGE, extra=a_draft),
    "GET /manage/points/owed": Row(SEE, IN),
    "POST /manage/points/owed/export": Row(SEE, extra=a_draft, data=site_of),
    "GET /manage/points/requests": Row(SEE, IN),
    "POST /manage/points/requests/correction": Row(MANAGE, extra=a_draft, data=correcting),
    "POST /manage/points/requests/<int:request_id>/decide": Row(APPROVE, extra=a_request, data=lambda _: {"answer": "yes"}),
    "POST /manage/points/requests/claims/<int:claim_id>": Row(MANAGE, extra=a_claim, data=lambda _: {"answer": "waive", "words": "很少"}),
    "GET /manage/wishes": Row(KEEP, IN),
    "GET /manage/wishes/new": Row(KEEP, IN),
    "POST /manage/wishes/new": Row(KEEP, extra=some, data=posting),
    "GET /manage/wishes/<int:wish_id>": Row(KEEP, extra=a_wish()),
    "POST /manage/wishes/<int:wish_id>/fulfil": Row(KEEP, extra=a_wish(full=True), data=ending),
    "POST /manage/wishes/<int:wish_id>/cancel": Row(KEEP, extra=a_wish(), data=ending),
    "POST /manage/wishes/<int:wish_id>/pool": Row(
        MANAGE,
        extra=a_wish(),
        data=lambda values: {"pool": str(values["site"]), "points": "600", "reason": "补足", "once": once()},  # so much takes two
    ),
}  # fmt: skip
