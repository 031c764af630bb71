"""Who could help and does not, and where nobody can: idle teams and volunteers, and services without an able team near."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from sqlalchemy import ColumnElement, Select, case, func, or_, select
from sqlalchemy.orm import Session

from volunteer.accounts.models import Person
from volunteer.catalogue.models import ServiceItem, Skill, item_skills
from volunteer.insights.figures import Fate, statuses_of
from volunteer.insights.periods import Period
from volunteer.kernel.clock import local_date
from volunteer.kernel.db import under
from volunteer.kernel.geo import haversine
from volunteer.kernel.paging import Page, cut
from volunteer.orders.models import Offer, ServiceOrder, Visitor
from volunteer.orders.queries import counted
from volunteer.places.models import Site
from volunteer.teams.models import Team, Volunteer
from volunteer.teams.queries import TeamCard, directory, paused

TEAM_DAYS, VOLUNTEER_DAYS = 30, 90
PAGE = 50
SHOWN = 20


@dataclass(frozen=True)
class Gap:
    """A service asked for where no able team is near; ``able`` teams elsewhere, the nearest ``km`` away."""

    item: ServiceItem
    site: Site
    asked: int
    unmet: int
    able: int
    km: float | None


def idle_counts(session: Session, site: Site, zone: ZoneInfo, *, at: datetime) -> tuple[int, int]:
    """Return how many teams and how many volunteers of the subtree are idle. Three queries.

    Volunteers are counted as all less the busy ones: an index has all of them, and the busy are few.
    """
    teams = session.scalar(select(func.count()).select_from(Team).where(*_idle_teams(site, at))) or 0
    below = select(Site.id).where(under([site.path], Site.path))
    everybody = session.scalar(select(func.count()).where(Volunteer.site_id.in_(below))) or 0
    one_by_one = Volunteer.site_id + 0  # so that SQLite reads the table once from end to end, not by the site's index
    busy = or_(Volunteer.paused_until >= local_date(at, zone), Volunteer.id.in_(_visited(at)))
    return teams, everybody - (session.scalar(select(func.count()).where(one_by_one.in_(below), busy)) or 0)


def idle_teams(session: Session, site: Site, *, at: datetime, after: int = 0) -> Page[Team]:
    """Return a page of the idle teams, in the order in which they were founded."""
    rows = session.scalars(select(Team).where(*_idle_teams(site, at), Team.id > after).order_by(Team.id).limit(PAGE + 1)).all()
    return cut(rows, PAGE, [row.id for row in rows])


def idle_volunteers(session: Session, site: Site, zone: ZoneInfo, *, at: datetime, after: int = 0) -> Page[Any]:
    """Return a page of the idle volunteers: id, number, name, and the site's names."""
    found: Select[Any] = (
        select(Volunteer.id, Volunteer.number, Person.name, Site.name.label("site"), Site.name_en.label("site_en"))
        .join(Person, Person.id == Volunteer.id)
        .join(Site, Site.id == Volunteer.site_id)
        .where(*_idle_volunteers(site, zone, at), Volunteer.id > after)
    )
    rows = session.execute(found.order_by(Volunteer.id).limit(PAGE + 1)).all()
    return cut(rows, PAGE, [row.id for row in rows])


def gaps(session: Session, site: Site, period: Period, zone: ZoneInfo, *, at: datetime) -> list[Gap]:
    """Return the services asked for in villages from which no able team is within its reach, the most asked first."""
    begins, ends = period.moments(zone)
    unmet = func.sum(case((ServiceOrder.status.in_(sorted(statuses_of(Fate.UNMET))), 1), else_=0))
    asked = session.execute(
        select(ServiceOrder.item_id, ServiceOrder.site_id, func.count(), unmet)
        .where(
            ServiceOrder.placed_at >= begins, ServiceOrder.placed_at < ends, ServiceOrder.item_id.is_not(None),
            under([site.path], ServiceOrder.site_path), counted(),
        )
        .group_by(ServiceOrder.item_id, ServiceOrder.site_id)
    ).all()  # fmt: skip
    if not asked:
        return []
    county = f"/{site.path.split('/')[1]}/"
    cards = [card for card in directory(session).under(county) if not paused(card, at)]
    sites = {row.id: row for row in session.scalars(select(Site).where(Site.id.in_({row[1] for row in asked})))}
    items = {row.id: row for row in session.scalars(select(ServiceItem).where(ServiceItem.id.in_({row[0] for row in asked})))}
    wanted: dict[int, set[str]] = {}
    needs = select(item_skills.c.item_id, Skill.code).join(Skill, Skill.id == item_skills.c.skill_id)
    for item_id, code in session.execute(needs):
        wanted.setdefault(item_id, set()).add(code)
    metres = _metres(sites, cards)
    able = {item_id: _able(cards, wanted.get(item_id, set())) for item_id in items}
    reach = np.array([1000 * card.team.reach_km for card in cards])
    found = []
    for item_id, site_id, count, given_up in asked:
        can, away = able[item_id], metres[site_id]
        if not bool(np.any(can & (away <= reach))):
            near = float(away[can].min()) / 1000 if can.any() else None
            found.append(Gap(items[item_id], sites[site_id], count, int(given_up or 0), int(can.sum()), near))
    return sorted(found, key=lambda gap: (-gap.unmet, -gap.asked, gap.site.code))[:SHOWN]


def _metres(sites: dict[int, Site], cards: Sequence[TeamCard]) -> dict[int, Any]:
    points = np.array([card.point for card in cards], dtype=float).reshape(-1, 2)
    return {key: haversine((site.latitude, site.longitude), points) for key, site in sites.items()}


def _able(cards: Sequence[TeamCard], skills: set[str]) -> Any:
    return np.array([skills <= card.able.keys() for card in cards], dtype=bool)


def _idle_teams(site: Site, at: datetime) -> tuple[ColumnElement[bool], ...]:
    offered = select(Offer.id).where(Offer.team_id == Team.id, Offer.made_at >= at - timedelta(days=TEAM_DAYS)).exists()
    resting = Team.paused_until > at
    return under([site.path], Team.site_path), Team.closed_at.is_(None), ~func.coalesce(resting, False), ~offered


def _idle_volunteers(site: Site, zone: ZoneInfo, at: datetime) -> tuple[ColumnElement[bool], ...]:
    below = select(Site.id).where(under([site.path], Site.path))
    awake = or_(Volunteer.paused_until.is_(None), Volunteer.paused_until < local_date(at, zone))
    return Volunteer.site_id.in_(below), awake, Volunteer.id.not_in(_visited(at))


def _visited(at: datetime) -> Select[tuple[int]]:
    begins = func.coalesce(ServiceOrder.visit_begins, ServiceOrder.placed_at)
    found = select(Visitor.volunteer_id).join(ServiceOrder, ServiceOrder.id == Visitor.order_id)
    return found.where(begins >= at - timedelta(days=VOLUNTEER_DAYS))
