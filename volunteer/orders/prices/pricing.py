"""Prices learned from finished days: how much the rest of a day wants each team of a centre.

Every night the orders of the last weeks are looked at once more with the teams, skills and places of today, as they were when
they were placed. From these come prices for the day that begins. They are used only when, played again over the last days with
prices learned from the days before each, they would have won more than the score alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np
from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from volunteer.catalogue.models import ServiceItem
from volunteer.kernel.clock import local_date, start_of_day, zone_of
from volunteer.matching import Policy, Ranking, Request, Roster
from volunteer.matching.online import Learning, OnlineDispatch
from volunteer.orders.candidates import request_of
from volunteer.orders.models import ServiceOrder
from volunteer.orders.prices.models_prices import PriceSet
from volunteer.places import policies
from volunteer.places.models import Site
from volunteer.teams.queries import directory

if TYPE_CHECKING:
    from numpy.typing import NDArray

TERMS = Learning(days=28, sample=600)
MOST = 3_000  # orders that are learned from, the latest
FEWEST = 10  # orders of a day that say something
PROVED = 14  # plays that decide whether prices are used
LEAST = 0.005  # a smaller price is none
Scores = tuple["NDArray[np.float64]", "NDArray[np.bool_]"]


@dataclass(frozen=True)
class Lesson:
    """Everything that a centre's prices are learned from, read at one moment: no database is needed to answer it."""

    days: tuple[tuple[Request, ...], ...]  # finished days, the oldest first
    roster: Roster
    policy: Policy

    def answer(self) -> Learned:
        """Return the prices for the next day, and what those learned without the last day would have won on it."""
        capacity = np.array([team.capacity for team in self.roster.teams], dtype=np.int64)
        learner, played, plain, priced = OnlineDispatch(TERMS), 0, 0.0, 0.0
        for turn, requests in enumerate(self.days):
            scores, able = self._scores(requests)
            if turn == len(self.days) - 1 and len(requests) >= FEWEST and learner.sizes:
                learner.start(capacity)
                played = len(requests)
                plain = play(scores, able, capacity, np.zeros(len(capacity)))
                priced = play(scores, able, capacity, self._of(learner))
            learner.finish(scores, able, capacity)
        learner.start(capacity)
        found = zip(self.roster.teams, self._of(learner).tolist(), strict=True)
        prices = {str(team.id): round(price, 4) for team, price in found if price >= LEAST}
        return Learned(sum(map(len, self.days)), len(self.days), prices, played, plain, priced)

    def _of(self, learner: OnlineDispatch) -> NDArray[np.float64]:
        return np.zeros(len(self.roster)) if learner.prices is None else learner.prices.astype(np.float64)

    def _scores(self, requests: tuple[Request, ...]) -> Scores:
        scores = np.full((len(requests), len(self.roster)), -np.inf)
        for row, one in enumerate(requests):
            ranking = Ranking(one, self.roster, self.policy)
            scores[row, ranking.columns.rows] = ranking.nets
        able = np.isfinite(scores)
        return np.where(able, scores, 0.0), able


@dataclass(frozen=True, slots=True)
class Learned:
    """What came of a lesson; the fields are those of a PriceSet."""

    orders: int
    days: int
    prices: Mapping[str, float]
    played: int
    plain: float
    priced: float


def play(scores: NDArray[np.float64], able: NDArray[np.bool_], capacity: NDArray[np.int64], prices: NDArray[np.float64]) -> float:
    """Return the score won when each order in turn goes to the free team with the highest score less price."""
    left, won = capacity.copy(), 0.0
    for one, can in zip(scores, able, strict=True):
        free = can & (left > 0)
        if free.any():
            team = int(np.where(free, one - prices, -np.inf).argmax())
            left[team] -= 1
            won += float(one[team])
    return won


def lesson_for(session: Session, centre: Site, *, at: datetime) -> Lesson | None:
    """Read what the prices of a centre can be learned from; None when it has no teams or nothing was ordered."""
    zone = zone_of(session)
    today = start_of_day(local_date(at, zone), zone)
    found = session.scalars(
        select(ServiceOrder)
        .where(ServiceOrder.placed_at >= today - timedelta(days=TERMS.days), ServiceOrder.placed_at < today)
        .where(ServiceOrder.site_path.startswith(centre.path), ServiceOrder.item_id.is_not(None))
        .options(joinedload(ServiceOrder.item).selectinload(ServiceItem.skills))
        .order_by(ServiceOrder.placed_at.desc(), ServiceOrder.id.desc())
        .limit(MOST)
    ).unique()
    by_day: dict[date, list[Request]] = {}
    for order in found:
        request = _request(order, zone)
        if request is not None:
            by_day.setdefault(local_date(order.placed_at, zone), []).append(request)
    here = directory(session)
    roster = here.roster(centre.path, {}, at=at)
    if not by_day or not len(roster):
        return None
    first, last = min(by_day), local_date(at, zone) - timedelta(days=1)
    days = [by_day.get(first + timedelta(days=n), [])[::-1] for n in range((last - first).days + 1)]
    policy = policies.matching_at(session, centre.path, at, mean=here.mean_rating(centre.path))
    return Lesson(tuple(map(tuple, days)), roster, policy)


def keep(session: Session, site_id: int, learned: Learned, *, at: datetime) -> PriceSet | None:
    """Write down a centre's prices for the local day; None when that was done before."""
    day = local_date(at, zone_of(session))
    if session.scalar(select(PriceSet.id).where(PriceSet.site_id == site_id, PriceSet.day == day)):
        return None
    plays = (
        select(PriceSet.plain, PriceSet.priced)
        .where(PriceSet.site_id == site_id, PriceSet.played > 0)
        .order_by(PriceSet.day.desc())
        .limit(PROVED - 1)
        .subquery()
    )
    plain, priced = session.execute(select(func.sum(plays.c.plain), func.sum(plays.c.priced))).one()
    helped = (priced or 0.0) + learned.priced > (plain or 0.0) + learned.plain
    row = PriceSet(
        site_id=site_id,
        day=day,
        made_at=at,
        orders=learned.orders,
        days=learned.days,
        prices=dict(learned.prices),
        played=learned.played,
        plain=learned.plain,
        priced=learned.priced,
        used=helped,
    )
    session.add(row)
    return row


def _request(order: ServiceOrder, zone: ZoneInfo) -> Request | None:
    try:
        return request_of(order, order.item, {}, at=order.placed_at, zone=zone) if order.item is not None else None
    except ValueError:  # a place that is not on earth teaches nothing
        return None
