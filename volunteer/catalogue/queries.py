"""Look-ups in the 服务菜单: everything on it, one line of it, and what answers somebody's words. Reads only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from volunteer.catalogue.models import ServiceCategory, ServiceItem
from volunteer.catalogue.rules import likeness

ENOUGH = 1.0  # of likeness: one telling character


@dataclass(frozen=True)
class Section:
    """A category with its open items."""

    category: ServiceCategory
    items: list[ServiceItem]


def categories(session: Session) -> Sequence[ServiceCategory]:
    """Return every open category in the order of the tiles."""
    found = select(ServiceCategory).where(ServiceCategory.closed_at.is_(None))
    return session.scalars(found.order_by(ServiceCategory.position, ServiceCategory.id)).all()


def menu(session: Session, site_path: str = "/") -> list[Section]:
    """Return the menu that holds at ``site_path`` by category, empty categories left out. One query."""
    sections: dict[int, Section] = {}
    for item in session.scalars(_open(site_path).options(joinedload(ServiceItem.category))):
        sections.setdefault(item.category_id, Section(item.category, [])).items.append(item)
    return sorted(sections.values(), key=lambda section: (section.category.position, section.category.id))


def search(session: Session, words: str, site_path: str = "/", *, limit: int = 12) -> list[ServiceItem]:
    """Return the items that answer ``words`` (characters, pinyin, initials, or a whole sentence), the best first.

    Items that are far less like it than the best one are left out.
    """
    found = session.scalars(_open(site_path).options(joinedload(ServiceItem.category))).all()
    scored = [(likeness(words, item.search), item) for item in found]
    best = max((score for score, _ in scored), default=0.0)
    good = [(score, item) for score, item in scored if score >= max(ENOUGH, best / 4)]
    good.sort(key=lambda pair: (-pair[0], pair[1].position, pair[1].id))
    return [item for _, item in good[:limit]]


def item_of_code(session: Session, code: str, site_path: str = "/") -> ServiceItem | None:
    """Return the open item of that code with its questions, or None."""
    found = _open(site_path).where(ServiceItem.code == code).options(selectinload(ServiceItem.questions))
    return session.scalars(found.limit(1)).one_or_none()


def count_open(session: Session) -> int:
    """Return how many services can be ordered."""
    return session.scalar(select(func.count()).select_from(ServiceItem).where(ServiceItem.closed_at.is_(None))) or 0


def _open(site_path: str) -> Select[tuple[ServiceItem]]:
    """Open items of the sites above ``site_path``; "/" means of every centre."""
    found = select(ServiceItem).where(ServiceItem.closed_at.is_(None)).order_by(ServiceItem.position, ServiceItem.id)
    above = [int(part) for part in site_path.split("/") if part]
    return found.where(ServiceItem.site_id.in_(above)) if above else found
