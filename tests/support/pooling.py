"""A small county with rules: teams at growing distances, orders to dispatch, somebody who writes rules."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.support import builders as make
from tests.support.builders import NOON
from volunteer.access import SYSTEM, Role
from volunteer.messaging.models import Message
from volunteer.orders.lifecycle import Status
from volunteer.orders.models import ServiceOrder
from volunteer.orders.rulebook import ruling
from volunteer.orders.rulebook.jobs_rules import apply_rules, end_pools
from volunteer.orders.rulebook.models_rules import DispatchRule, Handling, RuleMode
from volunteer.orders.rulebook.ruling import RuleDraft
from volunteer.places.adopting import adopt_policy
from volunteer.places.models import PolicyKind, Site
from volunteer.teams.models import Team

MINUTE = timedelta(minutes=1)


def never_quiet(session: Session, site: Site) -> None:
    """Let teams be asked at every hour: for tests that play now, whenever that is."""
    at = NOON - timedelta(days=300)
    adopt_policy(session, SYSTEM, site, PolicyKind.ASKING, {"quiet_from": 0, "quiet_to": 0}, valid_from=at, at=at)


class Pooling:
    """A centre, a branch with three teams at growing distances, one service, whoever writes rules and whoever dispatches."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.centre, self.branch, self.station = make.a_county(session)
        self.item = make.an_item(session, self.centre)
        self.near, self.middle, self.far = (
            make.a_team(session, self.station, name=name, latitude=31.16 + north)
            for name, north in (("近队", 0.005), ("中队", 0.02), ("远队", 0.05))
        )
        self.admin = make.staff(session, Role.SITE_ADMIN, self.centre, name="顾管理")
        self.dispatcher = make.staff(session, Role.DISPATCHER, self.branch)

    def order(self, **values: Any) -> ServiceOrder:
        settled: dict[str, Any] = {"item": self.item, "status": Status.VERIFIED, "verified_at": NOON - 5 * MINUTE}
        values = settled | values
        site: Any = values.pop("site", self.station)
        return make.an_order(self.session, site, **values)

    def rule(self, mode: RuleMode = RuleMode.POOL, *, site: Any = None, at: datetime = NOON, **values: Any) -> DispatchRule:
        draft = RuleDraft(name=values.pop("name", "就近抢单"), mode=mode, **values)
        return ruling.write_rule(self.session, self.admin, site or self.centre, draft, valid_from=at, at=at)

    def run(self, at: datetime = NOON) -> int:
        self.session.flush()
        return apply_rules(self.session, at)

    def end(self, at: datetime) -> int:
        self.session.flush()
        return end_pools(self.session, at)

    def handling(self, order: ServiceOrder) -> Handling:
        found = select(Handling).where(Handling.order_id == order.id).order_by(Handling.id.desc())
        return self.session.scalars(found).first()

    def leader(self, team: Team) -> Any:
        return make.leader_of(self.session, team)

    def told(self, template: str) -> int:
        self.session.flush()
        return len(set(self.session.scalars(select(Message.person_id).where(Message.template == template))))

    def unwritten(self, team: Team, count: int, *, days: int = 20) -> None:
        """Let the team have served ``count`` times without writing the record."""
        for _ in range(count):
            served = NOON - timedelta(days=days)
            make.an_order(self.session, self.station, item=self.item, status=Status.SERVED, team=team, served_at=served)
