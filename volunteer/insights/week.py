"""What needs somebody's eyes: what is late, what nobody took, what was rated low."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Row, and_, case, func, select
from sqlalchemy.orm import Session

from volunteer.catalogue.models import ServiceItem
from volunteer.kernel.db import under
from volunteer.orders.afterwards import following
from volunteer.orders.lifecycle import Status
from volunteer.orders.models import OrderEvent, ServiceOrder
from volunteer.orders.models_rating import Rating
from volunteer.orders.queries import counted
from volunteer.places.models import Site
from volunteer.teams.models import Team

SHOWN = 20
LOW = 2  # stars
WAITING = (Status.PLACED, Status.VERIFIED, Status.OFFERED, Status.ACCEPTED, Status.UNDER_WAY, Status.IN_SERVICE)


@dataclass(frozen=True)
class Concern:
    """One order that somebody should look at."""

    number: str
    title: str | None
    title_en: str | None
    place: str
    site: str
    site_en: str
    since: datetime | None
    stars: int | None = None
    reason: str = ""
    team: str | None = None
    team_en: str | None = None


@dataclass(frozen=True)
class Concerns:
    """What waits for a decision, worst first."""

    late: Sequence[Concern] = field(default_factory=list)
    unmet: Sequence[Concern] = field(default_factory=list)
    stuck: Sequence[Concern] = field(default_factory=list)
    low: Sequence[Concern] = field(default_factory=list)


def within(paths: Sequence[str]) -> ColumnElement[bool]:
    """Return the condition that an order lies under one of the site ``paths``."""
    return under(paths, ServiceOrder.site_path)


def concerns(session: Session, paths: Sequence[str], *, at: datetime, days: int = 30) -> Concerns:
    """Return late, unmet, escalated and badly rated orders under ``paths``; at most 20 of each kind."""
    since = at - timedelta(days=days)
    late = _orders(ServiceOrder.status.in_(WAITING), ServiceOrder.due_at < at, within(paths))
    unmet = _orders(ServiceOrder.status == Status.UNMET, counted(), ServiceOrder.placed_at >= since, within(paths))
    escalated = select(OrderEvent.order_id).where(OrderEvent.what == "escalate", OrderEvent.at >= since)
    stuck = _orders(ServiceOrder.status == Status.VERIFIED, ServiceOrder.id.in_(escalated), within(paths))
    low = _orders(Rating.stars <= LOW, Rating.at >= since, following.showing(), within(paths))
    return Concerns(
        [_concern(row, row.due_at) for row in session.execute(late.order_by(ServiceOrder.due_at))],
        [_concern(row, row.placed_at) for row in session.execute(unmet.order_by(ServiceOrder.placed_at.desc()))],
        [_concern(row, row.placed_at) for row in session.execute(stuck.order_by(ServiceOrder.placed_at))],
        [_concern(row, row.rated_at) for row in session.execute(low.order_by(Rating.at.desc()))],
    )


def _count(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)


def _orders(*conditions: ColumnElement[bool]):  # type: ignore[no-untyped-def]  # a Select of labelled columns
    return (
        select(
            ServiceOrder.number,
            ServiceItem.name,
            ServiceItem.name_en,
            ServiceOrder.place,
            Site.name.label("site"),
            Site.name_en.label("site_en"),
            ServiceOrder.due_at,
            ServiceOrder.placed_at,
            ServiceOrder.reason,
            Rating.stars,
            Rating.at.label("rated_at"),
            Team.name.label("team"),
            Team.name_en.label("team_en"),
        )
        .join(Site, Site.id == ServiceOrder.site_id)
        .outerjoin(ServiceItem, ServiceItem.id == ServiceOrder.item_id)
        .outerjoin(Rating, and_(Rating.order_id == ServiceOrder.id, following.showing()))
        .outerjoin(Team, Team.id == ServiceOrder.team_id)
        .where(*conditions)
        .limit(SHOWN)
    )


def _concern(row: Row[tuple[object, ...]], since: datetime | None) -> Concern:
    return Concern(
        row.number, row.name, row.name_en, row.place, row.site, row.site_en, since, row.stars, row.reason, row.team, row.team_en
    )
