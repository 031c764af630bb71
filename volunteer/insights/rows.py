"""The orders behind a figure of the overview: the same filter, row by row, for a page or a sheet. Nothing private."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Select, and_, func, select
from sqlalchemy.orm import Session

from volunteer.catalogue.models import ServiceItem
from volunteer.insights import figures
from volunteer.insights.counting import FIRST_OFFER
from volunteer.insights.figures import Fate, Stage
from volunteer.insights.periods import Period
from volunteer.kernel.db import under
from volunteer.kernel.paging import Page, cut
from volunteer.orders.afterwards import following
from volunteer.orders.lifecycle import Status
from volunteer.orders.models import Offer, ServiceOrder
from volunteer.orders.models_rating import Rating
from volunteer.orders.queries import counted
from volunteer.places.models import Site
from volunteer.teams.models import Team

PAGE = 50
SHEET = 20_000  # rows of one download
OWN_WORDS = 0  # the kind of what was asked in own words
MOMENTS = (ServiceOrder.verified_at, FIRST_OFFER, ServiceOrder.accepted_at, ServiceOrder.served_at, Rating.at)
COLUMNS = (
    ServiceOrder.id, ServiceOrder.number, ServiceOrder.status, ServiceOrder.due_at, ServiceOrder.placed_at, ServiceOrder.place,
    ServiceItem.name.label("item"), ServiceItem.name_en.label("item_en"), Site.name.label("site"),
    Site.name_en.label("site_en"), Team.name.label("team"), Team.name_en.label("team_en"), Rating.stars,
    *(moment.label(stage.value) for stage, moment in zip(Stage, MOMENTS, strict=True)),
)  # fmt: skip


@dataclass(frozen=True)
class Wanted:
    """Which orders: of a period and a subtree; of one fate, of one service, that came through one stage, or were rated."""

    period: Period
    site: Site
    own: bool = False  # of the place itself, not below
    fate: Fate | None = None
    item: int | None = None
    stage: Stage | None = None
    rated: bool = False


@dataclass(frozen=True)
class Found:
    """One order as a figure counted it."""

    row: Any
    fate: Fate
    took: dict[Stage, float]


def page(session: Session, wanted: Wanted, zone: ZoneInfo, *, at: datetime, before: int | None = None) -> Page[Found]:
    """Return fifty of the orders, the newest first, older than the order with the id ``before``."""
    found = _select(wanted, zone, at)
    if before is not None:
        found = found.where(ServiceOrder.id < before)
    rows = [_found(row, at) for row in session.execute(found.order_by(ServiceOrder.id.desc()).limit(PAGE + 1))]
    return cut(rows, PAGE, [one.row.id for one in rows])


def all_of(session: Session, wanted: Wanted, zone: ZoneInfo, *, at: datetime) -> Sequence[Found]:
    """Return all of the orders, up to the most that a sheet takes."""
    found = _select(wanted, zone, at).order_by(ServiceOrder.id.desc()).limit(SHEET)
    return [_found(row, at) for row in session.execute(found)]


def how_many(session: Session, wanted: Wanted, zone: ZoneInfo, *, at: datetime) -> int:
    """Return how many orders the filter holds: the figure itself."""
    return session.scalar(select(func.count()).select_from(_select(wanted, zone, at).subquery())) or 0


def _found(row: Any, at: datetime) -> Found:
    overdue = row.due_at is not None and row.due_at < at
    moments = {stage: getattr(row, stage.value) for stage in Stage}
    return Found(row, figures.fate(row.status, overdue=overdue), figures.stage_seconds(row.placed_at, moments))


def _select(wanted: Wanted, zone: ZoneInfo, at: datetime) -> Select[Any]:
    begins, ends = wanted.period.moments(zone)
    found = (
        select(*COLUMNS)
        .join(Site, Site.id == ServiceOrder.site_id)
        .outerjoin(ServiceItem, ServiceItem.id == ServiceOrder.item_id)
        .outerjoin(Team, Team.id == ServiceOrder.team_id)
        .outerjoin(Rating, and_(Rating.order_id == ServiceOrder.id, following.showing()))
        .where(ServiceOrder.placed_at >= begins, ServiceOrder.placed_at < ends, counted())
    )
    here = ServiceOrder.site_path == wanted.site.path if wanted.own else under([wanted.site.path], ServiceOrder.site_path)
    found = found.where(here)
    if wanted.fate is not None:
        found = _of_fate(found, wanted.fate, at)
    if wanted.item is not None:
        found = found.where(ServiceOrder.item_id.is_(None) if wanted.item == OWN_WORDS else ServiceOrder.item_id == wanted.item)
    if wanted.rated:
        found = found.where(Rating.id.is_not(None))
    return _through(found, wanted.stage) if wanted.stage is not None else found


def _of_fate(found: Select[Any], fate: Fate, at: datetime) -> Select[Any]:
    states: list[Status] = sorted(figures.statuses_of(fate))
    found = found.where(ServiceOrder.status.in_(states))
    if fate is Fate.LATE:
        return found.where(ServiceOrder.due_at < at)
    if fate is Fate.OPEN:
        return found.where((ServiceOrder.due_at >= at) | ServiceOrder.due_at.is_(None))
    return found


def _through(found: Select[Any], stage: Stage) -> Select[Any]:
    """Only orders for which this step was measured, as figures.stage_seconds does."""
    moments = dict(zip(Stage, MOMENTS, strict=True))
    order = list(Stage)
    previous = ServiceOrder.placed_at if stage is order[0] else moments[order[order.index(stage) - 1]]
    if stage is Stage.DISPATCHED:
        found = found.where(select(Offer.id).where(Offer.order_id == ServiceOrder.id).exists())
    return found.where(moments[stage] >= previous)
