"""Rules of dispatch, the preview of other figures, and the open pool."""

from __future__ import annotations

import itertools
from datetime import timedelta
from typing import Any

from tests.support.everybody import County
from tests.support.rows import IN, Row, Values
from volunteer.access import SYSTEM, Actor, Role
from volunteer.kernel.clock import SHANGHAI, local_date, now
from volunteer.orders.lifecycle import Status
from volunteer.orders.models import ServiceOrder, WhenKind
from volunteer.orders.rulebook import claiming, ruling
from volunteer.orders.rulebook.models_rules import Handled, Handling, RuleMode
from volunteer.orders.rulebook.ruling import RuleDraft
from volunteer.places.models import Site
from volunteer.places.terms import Matching
from volunteer.teams.changing import roster_changed
from volunteer.teams.models import Team
from volunteer.web.idempotency import once
from volunteer.web.unit import transaction

NUMBERS = itertools.count(1)
KEEPERS = "admin it"
SOON = timedelta(minutes=30)


def a_rule(county: County, _: Values) -> Values:
    """A rule of the branch that takes next to nothing."""
    with county.app.app_context(), transaction() as session:
        branch = session.get_one(Site, county.station).parent
        assert branch is not None
        draft = RuleDraft(name=f"规则{next(NUMBERS)}", mode=RuleMode.POOL, items=(county.item_code,), km=0.1)
        at = now()
        rule = ruling.write_rule(session, SYSTEM, branch, draft, valid_from=at, at=at)
        return {"rule_id": rule.id, "branch": branch.id}


def form(values: Values) -> Values:
    day = local_date(now(), SHANGHAI)
    return {
        "once": once(), "site": str(values["branch"]), "name": f"改{next(NUMBERS)}", "mode": "pool", "km": "3",
        "valid_from": day.isoformat(), "rule": "",
    }  # fmt: skip


def figures(values: Values) -> Values:
    return {name: str(value) for name, value in vars(Matching()).items() if name != "version"} | {"site": str(values["branch"])}


def rule(data: Any = lambda _: {}, **more: Any) -> Row:
    return Row(KEEPERS, extra=a_rule, data=data, **more)


def pooled(kind: Handled, applied: bool = False):
    """The order waits in the pool; with ``applied`` the team has applied for it."""

    def make(county: County, values: Values) -> Values:
        with county.app.app_context(), transaction() as session:
            order = session.get_one(ServiceOrder, values["order_id"])
            order.latitude, order.longitude = order.site.latitude, order.site.longitude
            order.when_kind = WhenKind.FLEXIBLE  # whatever the hour is
            session.add(Handling(order=order, kind=kind, scope=order.desk_path, at=now(), until=now() + SOON))
            session.flush()
            session.get_one(Team, county.team).capacity = 999
            roster_changed(session)
            if applied:
                claiming.apply_for(session, county_leader(county), order.id, county.team, "我们去", at=now())
            return {"team": county.team}

    return make


def county_leader(county: County) -> Actor:
    """The leader of the county's team."""
    return Actor(county.ids["leader"], frozenset({(Role.TEAM_LEADER, "/")}), leads=frozenset({county.team}))


def team(values: Values) -> Values:
    return {"team": str(values["team"])}


ROWS: dict[str, Row] = {
    "GET /manage/rules": Row(KEEPERS, IN),
    "GET /manage/rules/new": Row(KEEPERS, IN),
    "POST /manage/rules/new": rule(form),
    "POST /manage/rules/try": rule(form),
    "GET /manage/rules/<int:rule_id>": rule(),
    "POST /manage/rules/<int:rule_id>": rule(form),
    "GET /manage/rules/<int:rule_id>/try": rule(),
    "POST /manage/rules/<int:rule_id>/switch": rule(lambda _: {"active": "no"}),
    "POST /manage/rules/<int:rule_id>/close": rule(),
    "POST /manage/policies/matching/preview": rule(figures),
    "GET /pool": Row("leader", IN, order=Status.VERIFIED, extra=pooled(Handled.POOL)),
    "POST /pool/<number>/claim": Row("leader", order=Status.VERIFIED, extra=pooled(Handled.POOL), data=team),
    "POST /pool/<number>/apply": Row("leader", order=Status.VERIFIED, extra=pooled(Handled.CHOOSE), data=team),
    "POST /pool/<number>/withdraw": Row("leader", order=Status.VERIFIED, extra=pooled(Handled.CHOOSE, applied=True), data=team),
    "POST /board/orders/<number>/choose": Row(
        "dispatcher", order=Status.VERIFIED, extra=pooled(Handled.CHOOSE, applied=True), data=team
    ),
}
