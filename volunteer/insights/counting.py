"""The counts behind the overview: few aggregate queries, whatever the size of the county."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import and_, case, func, select
from sqlalchemy.orm import Session

from volunteer.catalogue.models import ServiceItem
from volunteer.insights import figures
from volunteer.insights.figures import Stage, Stars, Tally, Times
from volunteer.insights.periods import Period
from volunteer.kernel.db import under
from volunteer.orders.afterwards import following
from volunteer.orders.models import Offer, ServiceOrder
from volunteer.orders.models_rating import Rating
from volunteer.orders.queries import counted
from volunteer.places.models import Site

FIRST_OFFER = select(func.min(Offer.made_at)).where(Offer.order_id == ServiceOrder.id).correlate(ServiceOrder).scalar_subquery()


@dataclass
class Line:
    """One row of a table of the overview: a place or a kind of service, this period and the one before."""

    now: Tally = field(default_factory=Tally)
    then: Tally = field(default_factory=Tally)
    ratings: list[int] = field(default_factory=list)
    stars: Stars = field(default_factory=lambda: figures.stars([], 0.0))


@dataclass
class PlaceLine(Line):
    """What was asked at a place and below it."""

    site: Site | None = None
    own: bool = False  # the place itself, without what lies below


@dataclass
class KindLine(Line):
    """What was asked of one service; ``item`` is None for requests in own words."""

    item: ServiceItem | None = None


@dataclass
class Counts:
    """Everything that the orders of two periods say."""

    total: Line
    places: list[PlaceLine]
    kinds: list[KindLine]
    times: dict[Stage, Times | None]


def children_of(session: Session, site: Site) -> Sequence[Site]:
    """Return the sites directly below, open or closed: closed ones had their orders too."""
    return session.scalars(select(Site).where(Site.parent_id == site.id).order_by(Site.code)).all()


def count(session: Session, site: Site, below: Sequence[Site], period: Period, zone: ZoneInfo, *, at: datetime) -> Counts:
    """Return the counts of the subtree of ``site``, line by line for the sites ``below`` and for the kinds of service.

    Three queries: how many by place, kind and state; the moments of this period's orders; the names of the services.
    """
    total = Line()
    places = {child.id: PlaceLine(site=child) for child in below}
    own = PlaceLine(site=site, own=True)
    kinds: dict[int | None, KindLine] = {}
    depth = len(site.path.strip("/").split("/"))

    def place_of(path: str) -> PlaceLine:
        parts = path.strip("/").split("/")
        return places.get(int(parts[depth]), own) if len(parts) > depth else own

    for is_now, path, item_id, status, overdue, many in _by_state(session, site, period, zone, at):
        found = figures.fate(status, overdue=bool(overdue))
        for line in (total, place_of(path), kinds.setdefault(item_id, KindLine())):
            (line.now if is_now else line.then).add(found, many)

    took: dict[Stage, list[float]] = {stage: [] for stage in Stage}
    for path, item_id, placed, stars, *moments in _moments(session, site, period, zone):
        for stage, seconds in figures.stage_seconds(placed, dict(zip(Stage, moments, strict=True))).items():
            took[stage].append(seconds)
        if stars is not None:
            for line in (total, place_of(path), kinds.setdefault(item_id, KindLine())):
                line.ratings.append(stars)

    lines = [*places.values(), *([own] if own.now.asked or own.then.asked else [])]
    for item in session.scalars(select(ServiceItem).where(ServiceItem.id.in_([key for key in kinds if key]))):
        kinds[item.id].item = item
    everybody = sum(total.ratings) / len(total.ratings) if total.ratings else 0.0
    for line in (total, *lines, *kinds.values()):
        line.stars = figures.stars(line.ratings, everybody)
    ranked = sorted(kinds.values(), key=lambda line: (-line.now.asked, -line.then.asked, line.item.id if line.item else 0))
    return Counts(total, lines, ranked, {stage: figures.times(seconds) for stage, seconds in took.items()})


def _by_state(session: Session, site: Site, period: Period, zone: ZoneInfo, at: datetime) -> Iterable[Any]:
    begins, ends = period.moments(zone)
    earlier, _ = period.before.moments(zone)
    is_now = case((ServiceOrder.placed_at >= begins, 1), else_=0)
    overdue = case((ServiceOrder.due_at < at, 1), else_=0)
    keys = (is_now, ServiceOrder.site_path, ServiceOrder.item_id, ServiceOrder.status, overdue)
    asked = and_(ServiceOrder.placed_at >= earlier, ServiceOrder.placed_at < ends)
    inside = and_(asked, under([site.path], ServiceOrder.site_path), counted())
    return session.execute(select(*keys, func.count()).where(inside).group_by(*keys))


def _moments(session: Session, site: Site, period: Period, zone: ZoneInfo) -> Iterable[Any]:
    begins, ends = period.moments(zone)
    found = (
        select(
            ServiceOrder.site_path, ServiceOrder.item_id, ServiceOrder.placed_at, Rating.stars, ServiceOrder.verified_at,
            FIRST_OFFER, ServiceOrder.accepted_at, ServiceOrder.served_at, Rating.at,
        )
        .outerjoin(Rating, and_(Rating.order_id == ServiceOrder.id, following.showing()))
        .where(ServiceOrder.placed_at >= begins, ServiceOrder.placed_at < ends, under([site.path], ServiceOrder.site_path))
        .where(counted())
    )  # fmt: skip
    return session.execute(found)
