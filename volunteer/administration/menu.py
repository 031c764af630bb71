"""The menu as those who keep it list it, and what depends on a line, a category or a skill. Reads only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, joinedload

from volunteer.access import Actor, Permission
from volunteer.administration.listing import Listed, listed
from volunteer.catalogue.models import ServiceCategory, ServiceItem, Skill, item_skills
from volunteer.kernel.db import under
from volunteer.kernel.text import like
from volunteer.orders.lifecycle import OPEN
from volunteer.orders.models import ServiceOrder
from volunteer.places.models import Site
from volunteer.teams.models import VolunteerSkill


@dataclass(frozen=True)
class Uses:
    """Where a category or a skill is used: open services, and people who can it."""

    items: int
    people: int = 0


def items(
    session: Session, actor: Actor, *, words: str = "", category: int = 0, closed: bool = False, page: int = 1
) -> Listed[ServiceItem]:
    """Return a page of the services of the sites whose menu the actor keeps, in the order of the menu."""
    found = select(ServiceItem).join(Site, Site.id == ServiceItem.site_id).join(ServiceCategory)
    found = found.where(under(actor.scopes(Permission.MENU_MANAGE), Site.path))
    found = found.where(ServiceItem.closed_at.is_not(None) if closed else ServiceItem.closed_at.is_(None))
    if category:
        found = found.where(ServiceItem.category_id == category)
    if words:
        pattern = like(words)
        found = found.where(or_(ServiceItem.search.like(pattern, escape="\\"), ServiceItem.code.ilike(pattern, escape="\\")))
    found = found.options(
        joinedload(ServiceItem.category), joinedload(ServiceItem.site).load_only(Site.name, Site.name_en, Site.path)
    )
    return listed(session, found.order_by(ServiceCategory.position, ServiceItem.position, ServiceItem.id), page)


def open_orders_of(session: Session, item: ServiceItem) -> int:
    """Return how many orders of a service are on their way."""
    living = ServiceOrder.status.in_(sorted(OPEN))
    return session.scalar(select(func.count()).select_from(ServiceOrder).where(ServiceOrder.item_id == item.id, living)) or 0


def categories(session: Session) -> list[tuple[ServiceCategory, Uses]]:
    """Return every category, open ones first in their order, with how many open services stand in it."""
    counted = (
        select(ServiceItem.category_id, func.count()).where(ServiceItem.closed_at.is_(None)).group_by(ServiceItem.category_id)
    )
    counts: dict[int, int] = dict(session.execute(counted).tuples().all())
    rows = session.scalars(select(ServiceCategory).order_by(ServiceCategory.position, ServiceCategory.id)).all()
    return [(row, Uses(counts.get(row.id, 0))) for row in sorted(rows, key=lambda one: one.closed_at is not None)]


def skills(session: Session, words: str = "") -> list[tuple[Skill, Uses]]:
    """Return every skill, open ones first, with how many open services need it and how many people can it."""
    rows: Sequence[Skill] = session.scalars(select(Skill).order_by(Skill.code)).all()
    needed = select(item_skills.c.skill_id, func.count()).join(ServiceItem, ServiceItem.id == item_skills.c.item_id)
    needed = needed.where(ServiceItem.closed_at.is_(None)).group_by(item_skills.c.skill_id)
    use: dict[int, int] = dict(session.execute(needed).tuples().all())
    can: dict[int, int] = dict(
        session.execute(select(VolunteerSkill.skill_id, func.count()).group_by(VolunteerSkill.skill_id)).tuples().all()
    )
    wanted = words.casefold()
    found = [row for row in rows if not wanted or wanted in f"{row.code} {row.name} {row.name_en}".casefold()]
    return [
        (row, Uses(use.get(row.id, 0), can.get(row.id, 0))) for row in sorted(found, key=lambda one: one.closed_at is not None)
    ]
