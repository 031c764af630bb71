"""一键派单: a plan for everything that waits at a desk, line by line, and which desks it has under its hand meanwhile."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from volunteer.accounts.models import Person
from volunteer.kernel.db import Base
from volunteer.orders.models import ServiceOrder
from volunteer.orders.plans.lifecycle import LINES, RUNS, LineAction, LineState, RunAction, RunState
from volunteer.places.models import Site
from volunteer.teams.models import Team


class DispatchRun(Base):
    """一键派单: one plan for everything that waits at a desk and at the desks below it. Proposes; forces nothing."""

    __tablename__ = "dispatch_runs"
    __table_args__ = (
        Index("ix_dispatch_runs_state_until", "state", "until"),
        Index("ix_dispatch_runs_site_path_started_at", "site_path", "started_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"))
    site_path: Mapped[str] = mapped_column(String(120))
    scope: Mapped[str] = mapped_column(String(120))  # whose teams may be asked: as wide as the planner's own places
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))  # whose plan it is
    state: Mapped[RunState] = mapped_column(default=RunState.WAITING)
    started_at: Mapped[datetime]
    planned_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    until: Mapped[datetime]  # the end of a lease while it is worked out, of everybody's patience while it is looked at
    attempts: Mapped[int] = mapped_column(default=0)  # which planner's answer counts: a late one's does not
    fault: Mapped[str] = mapped_column(String(80), default="")

    waiting: Mapped[int] = mapped_column(default=0)  # orders that waited when it was planned
    size: Mapped[int] = mapped_column(default=0)  # of them in the plan
    done: Mapped[int] = mapped_column(default=0)  # lines that are written
    served: Mapped[int] = mapped_column(default=0)
    changed: Mapped[int] = mapped_column(default=0)  # lines whose team is another than the first for that order alone
    kept: Mapped[int] = mapped_column(default=0)
    metres: Mapped[float] = mapped_column(default=0.0)  # the mean way
    quality: Mapped[float] = mapped_column(default=0.0)  # the mean score
    total: Mapped[float] = mapped_column(default=0.0)
    bound: Mapped[float] = mapped_column(default=0.0)  # no plan is worth more
    gap: Mapped[float] = mapped_column(default=0.0)
    policy_version: Mapped[str] = mapped_column(String(40), default="")
    learned: Mapped[bool] = mapped_column(default=False)  # learned prices had a say
    prices: Mapped[dict[str, Any]] = mapped_column(default=dict)  # what one more place of a team would be worth, by its id
    wishes: Mapped[dict[str, Any]] = mapped_column(default=dict)  # {"team": {order: team}, "out": [order, …]}
    draft: Mapped[list[dict[str, Any]]] = mapped_column(default=list)  # the solver's answer until its lines are written
    skipped: Mapped[list[str]] = mapped_column(default=list)  # desks whose orders stand in another plan
    version: Mapped[int] = mapped_column()

    site: Mapped[Site] = relationship()
    person: Mapped[Person] = relationship()

    __mapper_args__ = {"version_id_col": version}

    def advance(self, action: RunAction) -> None:
        """Move along the lifecycle. The only writer of state."""
        self.state = RUNS.next(self.state, action)


class DispatchLine(Base):
    """One order of a plan: the team, why, and who else could; or why there is none."""

    __tablename__ = "dispatch_lines"
    __table_args__ = (
        UniqueConstraint("run_id", "order_id"),
        Index("ix_dispatch_lines_state_run_id", "state", "run_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("dispatch_runs.id"))
    order_id: Mapped[int] = mapped_column(ForeignKey("service_orders.id"), index=True)
    order_version: Mapped[int]  # as the plan saw it
    state: Mapped[LineState]
    team_id: Mapped[int | None] = mapped_column(ForeignKey("teams.id"))
    first_team_id: Mapped[int | None] = mapped_column(ForeignKey("teams.id"))  # first on the list for this order alone
    wished: Mapped[bool] = mapped_column(default=False)  # by the dispatcher
    rank: Mapped[int] = mapped_column(default=0)
    candidates: Mapped[int] = mapped_column(default=0)
    score: Mapped[float] = mapped_column(default=0.0)
    price: Mapped[float] = mapped_column(default=0.0)
    metres: Mapped[float] = mapped_column(default=0.0)
    reasons: Mapped[dict[str, Any]] = mapped_column(default=dict)
    others: Mapped[list[dict[str, Any]]] = mapped_column(default=list)  # [{"team", "rank", "metres", "net"}] who else could
    obstacle: Mapped[str] = mapped_column(String(32), default="")  # why nobody
    facts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    note: Mapped[str] = mapped_column(String(200), default="")  # the refusal (a msgid) when it could not be offered
    chosen_by: Mapped[int | None]  # who accepted it
    offer_id: Mapped[int | None] = mapped_column(ForeignKey("offers.id"))

    run: Mapped[DispatchRun] = relationship()
    order: Mapped[ServiceOrder] = relationship()
    team: Mapped[Team | None] = relationship(foreign_keys=[team_id])
    first_team: Mapped[Team | None] = relationship(foreign_keys=[first_team_id])

    def advance(self, action: LineAction) -> None:
        """Move along the lifecycle. The only writer of state."""
        self.state = LINES.next(self.state, action)


class DispatchClaim(Base):
    """A desk that a plan has under its hand: the key lets no second plan have it."""

    __tablename__ = "dispatch_claims"

    desk_path: Mapped[str] = mapped_column(String(120), primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("dispatch_runs.id"), index=True)
