"""Who was asked how often and what they said, whose budget is used up, who could have come and was not asked. Reads only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from sqlalchemy import Row, case, func, select
from sqlalchemy.orm import Session

from volunteer.access import Actor, Permission
from volunteer.catalogue.models import Skill, item_skills
from volunteer.kernel.clock import local_date, start_of_day, zone_of
from volunteer.kernel.db import under
from volunteer.kernel.geo import haversine
from volunteer.kernel.text import normalise
from volunteer.matching import waves
from volunteer.orders.lifecycle import OfferState
from volunteer.orders.models import Offer, OfferHow, ServiceOrder
from volunteer.orders.waves.asking import WEEK
from volunteer.places.policies import asking_at
from volunteer.teams import queries as teams
from volunteer.teams.models import Team
from volunteer.teams.queries import TeamCard

PAGE = 50
COUNTED = timedelta(days=90)  # answers that are shown
LOOKED_AT = 500  # the latest orders that others were asked about


@dataclass(frozen=True, slots=True)
class Standing:
    """How one team was asked. could: orders of late that others were asked about and that it could have done."""

    card: TeamCard
    today: int
    week: int
    asked: int
    yes: int
    no: int
    silent: int
    last: datetime | None
    full: waves.Why | None
    unasked_days: int
    could: int

    @property
    def forgotten(self) -> bool:
        """Whether it could have come and nobody asked."""
        return self.could > 0


@dataclass(frozen=True)
class Report:
    """A page of it: ``counts`` by tab, ``days`` after which a team counts as forgotten."""

    rows: list[Standing]
    counts: dict[str, int]
    days: int
    more: bool


def report(session: Session, actor: Actor, *, show: str, words: str, page: int, at: datetime) -> Report:
    """Return a page of the teams under the actor's desks. ``show``: all (most asked first), full, or forgotten."""
    scopes = actor.scopes(Permission.ASKING_SEE)
    cards = [card for card in teams.directory(session).cards.values() if card.site_path.startswith(scopes)]
    terms = asking_at(session, min(scopes, key=len), at)
    asked = _asked(session, scopes, at)
    founded = dict(session.execute(select(Team.id, Team.founded_at).where(under(scopes, Team.site_path))).tuples().all())
    unasked = {card.id: _unasked(card, asked.get(card.id), founded.get(card.id, at), at) for card in cards}
    idle = [
        card
        for card in cards
        if terms.forgotten_days and unasked[card.id] > terms.forgotten_days and not teams.paused(card, at) and card.team.capacity
    ]
    could = _could(session, scopes, idle, at - timedelta(days=terms.forgotten_days))
    everybody = [_standing(card, asked.get(card.id), unasked[card.id], could.get(card.id, 0), terms) for card in cards]
    tabs = {
        "all": sorted(everybody, key=lambda one: (-one.week, -one.asked, one.card.id)),
        "full": sorted((one for one in everybody if one.full), key=lambda one: (-one.week, one.card.id)),
        "forgotten": sorted((one for one in everybody if one.forgotten), key=lambda one: (-one.could, one.card.id)),
    }
    wanted = normalise(words)
    found = [one for one in tabs[show] if wanted in one.card.search]
    start = (page - 1) * PAGE
    counts = {name: len(rows) for name, rows in tabs.items()}
    return Report(found[start : start + PAGE], counts, terms.forgotten_days, len(found) > start + PAGE)


def _asked(session: Session, scopes: Sequence[str], at: datetime) -> dict[int, Row[Any]]:
    zone = zone_of(session)
    midnight = start_of_day(local_date(at, zone), zone)

    def count(*conditions: Any) -> Any:
        value: Any = 1
        for condition in conditions:
            value = case((condition, value), else_=0)
        return func.sum(value)

    rows = session.execute(
        select(
            Offer.team_id,
            count(Offer.made_at >= midnight).label("today"),
            count(Offer.made_at > at - WEEK).label("week"),
            func.count().label("asked"),
            count(Offer.state == OfferState.ACCEPTED).label("yes"),
            count(Offer.state == OfferState.DECLINED).label("no"),
            count(Offer.state == OfferState.LAPSED).label("silent"),
            func.max(Offer.made_at).label("last"),
        )
        .join(Team, Team.id == Offer.team_id)
        .where(Offer.made_at > at - COUNTED, Offer.how != OfferHow.POOL, under(scopes, Team.site_path))
        .group_by(Offer.team_id)
    )
    return {row.team_id: row for row in rows}


def _unasked(card: TeamCard, asked: Row[Any] | None, founded: datetime, at: datetime) -> int:
    since = max(asked.last if asked else founded, at - COUNTED, card.paused_until or founded)
    return max(0, (at - since).days)


def _standing(card: TeamCard, asked: Row[Any] | None, unasked: int, could: int, terms: waves.Terms) -> Standing:
    if asked is None:
        return Standing(card, 0, 0, 0, 0, 0, 0, None, None, unasked, could)
    budget = waves.Choice(card.id, 0.0, 0.0, asked_today=asked.today, asked_week=asked.week)
    full = waves.over_budget(budget, terms)
    return Standing(
        card, asked.today, asked.week, asked.asked, asked.yes, asked.no, asked.silent, asked.last, full, unasked, could
    )


def _could(session: Session, scopes: Sequence[str], idle: Sequence[TeamCard], since: datetime) -> dict[int, int]:
    """How many of the orders that others were asked about since then each of these teams could have done."""
    asked_about = select(Offer.order_id).where(Offer.made_at > since, Offer.how != OfferHow.POOL)
    orders = session.execute(
        select(ServiceOrder.item_id, ServiceOrder.latitude, ServiceOrder.longitude, ServiceOrder.site_path)
        .where(ServiceOrder.id.in_(asked_about), ServiceOrder.item_id.is_not(None), under(scopes, ServiceOrder.site_path))
        .order_by(ServiceOrder.id.desc())
        .limit(LOOKED_AT)
    ).all()
    if not orders or not idle:
        return {}
    needs: dict[int, set[str]] = {}
    for item_id, code in session.execute(
        select(item_skills.c.item_id, Skill.code).join(Skill, Skill.id == item_skills.c.skill_id)
    ):
        needs.setdefault(item_id, set()).add(code)
    points = np.array([(order.latitude, order.longitude) for order in orders], dtype=np.float64)
    found = {}
    for card in idle:
        close = np.flatnonzero(haversine(card.point, points) <= 1000 * card.team.reach_km)
        found[card.id] = sum(
            needs.get(orders[n].item_id, set()) <= card.able.keys() and teams.serves(card, orders[n].site_path)
            for n in close.tolist()
        )
    return found
