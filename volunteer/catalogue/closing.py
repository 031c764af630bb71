"""What is on the menu is closed, never deleted; it can be opened again, and moved up and down."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from volunteer.access import Actor, Permission
from volunteer.audit.recording import record
from volunteer.catalogue.editing import must_write_for_all
from volunteer.catalogue.models import ServiceCategory, ServiceItem, Skill
from volunteer.catalogue.questions import swapped
from volunteer.kernel.db import load, lock
from volunteer.kernel.errors import Conflict, Invalid
from volunteer.kernel.words import N_
from volunteer.places.founding import stands_open

CLOSED_CATEGORY = N_("The category of this service is closed. Please open it first, or choose another.")
CLOSED_SKILL = N_("A skill that this service needs is closed. Please open it first.")
IN_USE = N_("Services on the menu still use this. Please change or close them first.")


def close_item(session: Session, actor: Actor, item_id: int, *, at: datetime) -> ServiceItem:
    """Take a service off the menu: it cannot be ordered any more, what was ordered goes on. Twice is no error."""
    item = _item(session, actor, item_id)
    if item.closed_at is None:
        item.closed_at = at
        record(session, actor, "item_closed", f"item:{item.id}", at=at, site_path=item.site.path)
    return item


def open_item(session: Session, actor: Actor, item_id: int, *, at: datetime) -> ServiceItem:
    """Put a service back on the menu. Raises Invalid while its site, category or a skill is closed."""
    item = _item(session, actor, item_id)
    if item.closed_at is None:
        return item
    stands_open(item.site)
    if item.category.closed_at is not None:
        raise Invalid.field("category", CLOSED_CATEGORY)
    if any(skill.closed_at is not None for skill in item.skills):
        raise Invalid.field("skills", CLOSED_SKILL)
    item.closed_at = None
    record(session, actor, "item_opened", f"item:{item.id}", at=at, site_path=item.site.path)
    return item


def move_item(session: Session, actor: Actor, item_id: int, step: int, *, at: datetime) -> ServiceItem:
    """Show a service one place earlier (-1) or later (1) in its category."""
    item = _item(session, actor, item_id)
    found = select(ServiceItem).where(ServiceItem.site_id == item.site_id, ServiceItem.closed_at.is_(None))
    rows = list(session.scalars(found.order_by(ServiceItem.position, ServiceItem.id)))
    peers = [row for row in rows if row.category_id == item.category_id]
    there = peers.index(item) + (1 if step > 0 else -1) if item in peers else -1
    if 0 <= there < len(peers):
        mine, other = rows.index(item), rows.index(peers[there])
        rows[mine], rows[other] = rows[other], rows[mine]
        for position, row in enumerate(rows, start=1):
            row.position = position
        record(session, actor, "item_moved", f"item:{item.id}", at=at, site_path=item.site.path)
    return item


def close_category(session: Session, actor: Actor, category_id: int, *, at: datetime) -> ServiceCategory:
    """Take an empty tile off the home page. Raises Conflict while an open service stands in it."""
    must_write_for_all(session, actor)
    category = lock(session, ServiceCategory, category_id)
    if category.closed_at is not None:
        return category
    if items_of_category(session, category.id):
        raise Conflict("category_in_use", IN_USE)
    category.closed_at = at
    record(session, actor, "category_closed", f"category:{category.id}", at=at)
    return category


def open_category(session: Session, actor: Actor, category_id: int, *, at: datetime) -> ServiceCategory:
    """Let services stand in it again."""
    must_write_for_all(session, actor)
    category = lock(session, ServiceCategory, category_id)
    if category.closed_at is not None:
        category.closed_at = None
        record(session, actor, "category_opened", f"category:{category.id}", at=at)
    return category


def move_category(session: Session, actor: Actor, category_id: int, step: int, *, at: datetime) -> ServiceCategory:
    """Show a tile one place earlier (-1) or later (1)."""
    must_write_for_all(session, actor)
    category = lock(session, ServiceCategory, category_id)
    found = select(ServiceCategory).where(ServiceCategory.closed_at.is_(None))
    rows = session.scalars(found.order_by(ServiceCategory.position, ServiceCategory.id)).all()
    if swapped(rows, category, step):
        record(session, actor, "category_moved", f"category:{category.id}", at=at)
    return category


def close_skill(session: Session, actor: Actor, skill_id: int, *, at: datetime) -> Skill:
    """Offer a skill no more. Raises Conflict while an open service needs it; volunteers keep what they have."""
    must_write_for_all(session, actor)
    skill = lock(session, Skill, skill_id)
    if skill.closed_at is not None:
        return skill
    if items_of_skill(session, skill.id):
        raise Conflict("skill_in_use", IN_USE)
    skill.closed_at = at
    record(session, actor, "skill_closed", f"skill:{skill.id}", at=at)
    return skill


def open_skill(session: Session, actor: Actor, skill_id: int, *, at: datetime) -> Skill:
    """Offer it again."""
    must_write_for_all(session, actor)
    skill = lock(session, Skill, skill_id)
    if skill.closed_at is not None:
        skill.closed_at = None
        record(session, actor, "skill_opened", f"skill:{skill.id}", at=at)
    return skill


def items_of_category(session: Session, category_id: int) -> Sequence[ServiceItem]:
    """Return the open services of a category."""
    found = select(ServiceItem).where(ServiceItem.category_id == category_id, ServiceItem.closed_at.is_(None))
    return session.scalars(found.order_by(ServiceItem.position, ServiceItem.id)).all()


def items_of_skill(session: Session, skill_id: int) -> Sequence[ServiceItem]:
    """Return the open services that need a skill."""
    found = select(ServiceItem).where(ServiceItem.skills.any(Skill.id == skill_id), ServiceItem.closed_at.is_(None))
    return session.scalars(found.order_by(ServiceItem.position, ServiceItem.id)).all()


def _item(session: Session, actor: Actor, item_id: int) -> ServiceItem:
    actor.must(Permission.MENU_MANAGE, at=load(session, ServiceItem, item_id).site.path)
    return lock(session, ServiceItem, item_id)
