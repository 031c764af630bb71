"""A centre's rules of automatic dispatch, what they made of an order, and the teams that applied for one."""

from __future__ import annotations

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, and_
from sqlalchemy.orm import Mapped, mapped_column, relationship

from volunteer.access import SYSTEM, Actor, Role
from volunteer.kernel.db import Base
from volunteer.orders.models import ServiceOrder
from volunteer.orders.rulebook.lifecycle import APPLICATIONS, ApplicationAction, ApplicationState
from volunteer.orders.rulebook.rules import RuleMode as RuleMode
from volunteer.orders.rulebook.rules import Terms
from volunteer.places.models import Site
from volunteer.teams.models import Team


class DispatchRule(Base):
    """One dated version of a rule. All versions of a rule share ``line``; what was decided keeps the version's id ("rule:12")."""

    __tablename__ = "dispatch_rules"
    __table_args__ = (Index("ix_dispatch_rules_line_valid_from", "line", "valid_from"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    line: Mapped[str] = mapped_column(String(32), default=lambda: uuid.uuid4().hex)
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"), index=True)
    name: Mapped[str] = mapped_column(String(60))
    mode: Mapped[RuleMode]
    position: Mapped[int]  # the lowest is asked first
    active: Mapped[bool] = mapped_column(default=True)
    categories: Mapped[list[str]] = mapped_column(default=list)  # codes; neither these nor items: every service
    items: Mapped[list[str]] = mapped_column(default=list)  # codes
    days: Mapped[str] = mapped_column(String(7), default="")  # weekdays in which it acts, "01234"; none: every day
    begins: Mapped[int] = mapped_column(default=0)  # local hours of these days
    ends: Mapped[int] = mapped_column(default=24)
    km: Mapped[float | None]  # the team's distance, at most
    score: Mapped[float | None]  # of the match, at least
    minutes: Mapped[int] = mapped_column(default=30)  # in the pool, before the order goes back to the dispatcher
    valid_from: Mapped[datetime]
    valid_until: Mapped[datetime | None]
    made_by: Mapped[int | None]
    made_at: Mapped[datetime]

    site: Mapped[Site] = relationship()

    @property
    def terms(self) -> Terms:
        """What the rule asks of an order and of a team, for the arithmetic."""
        return Terms(
            mode=RuleMode(self.mode),
            categories=frozenset(self.categories),
            items=frozenset(self.items),
            days=frozenset(int(day) for day in self.days),
            begins=self.begins,
            ends=self.ends,
            km=self.km,
            score=self.score,
        )


class Handled(StrEnum):
    """What the rules made of an order."""

    OFFER = "offer"  # proposed to the best team
    POOL = "pool"  # whoever takes it first
    CHOOSE = "choose"  # teams apply, the dispatcher chooses
    LEFT = "left"  # no rule took it


class Outcome(StrEnum):
    """How the time of an order in the pool ended."""

    TAKEN = "taken"
    CHOSEN = "chosen"
    LAPSED = "lapsed"
    GONE = "gone"  # somebody did something else with the order


class Handling(Base):
    """What a rule made of an order, and how long it waits for teams. An order has at most one that is open."""

    __tablename__ = "rule_handlings"
    __table_args__ = (
        Index("ix_rule_handlings_order_id_at", "order_id", "at"),
        Index("ix_rule_handlings_closed_at_kind_scope", "closed_at", "kind", "scope"),
        Index("ix_rule_handlings_rule_id_at", "rule_id", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("service_orders.id"))
    rule_id: Mapped[int | None] = mapped_column(ForeignKey("dispatch_rules.id"))
    kind: Mapped[Handled]
    scope: Mapped[str] = mapped_column(String(120), default="")  # the site path whose teams it is for: the rule's or the desk's
    at: Mapped[datetime]
    until: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    outcome: Mapped[Outcome | None]
    misses: Mapped[dict[str, Any]] = mapped_column(JSON(), default=dict)  # of a LEFT one: why, by rule id

    order: Mapped[ServiceOrder] = relationship()
    rule: Mapped[DispatchRule | None] = relationship()
    applications: Mapped[list[Application]] = relationship(back_populates="handling", order_by="Application.id")

    @property
    def ruler(self) -> Actor:
        """Who a rule acts as: the desk of its site, which may ask the teams of that whole site."""
        return ruler(self.scope)

    def end(self, outcome: Outcome, at: datetime) -> None:
        """Take the order out of the pool. Ending it twice changes nothing."""
        if self.closed_at is None:
            self.closed_at, self.outcome = at, outcome


def ruler(scope: str) -> Actor:
    """Return whom a rule acts as whose teams are those of a site path."""
    return Actor(None, frozenset({(Role.DISPATCHER, scope)}), name=SYSTEM.name)


class Application(Base):
    """申请: a team says that it would like to take an order, with a few words."""

    __tablename__ = "pool_applications"
    __table_args__ = (Index("uq_pool_applications_handling_id_team_id", "handling_id", "team_id", unique=True),)

    id: Mapped[int] = mapped_column(primary_key=True)
    handling_id: Mapped[int] = mapped_column(ForeignKey("rule_handlings.id"))
    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id"), index=True)
    state: Mapped[ApplicationState] = mapped_column(default=ApplicationState.OPEN)
    words: Mapped[str] = mapped_column(String(120), default="")
    made_by: Mapped[int | None]
    made_at: Mapped[datetime]

    handling: Mapped[Handling] = relationship(back_populates="applications")
    team: Mapped[Team] = relationship()

    def advance(self, action: ApplicationAction) -> None:
        """Move along the lifecycle. The only writer of state."""
        self.state = APPLICATIONS.next(self.state, action)


Index(  # visits whose record is still to be written: few of many
    "ix_service_orders_unwritten",
    ServiceOrder.served_at,
    ServiceOrder.team_id,
    sqlite_where=and_(ServiceOrder.recorded_at.is_(None), ServiceOrder.served_at.is_not(None)),
    postgresql_where=and_(ServiceOrder.recorded_at.is_(None), ServiceOrder.served_at.is_not(None)),
)
