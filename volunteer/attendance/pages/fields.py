"""Fields of the forms about hours: a local time, and a line of the menu."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from volunteer.catalogue.models import ServiceCategory, ServiceItem
from volunteer.web import filters
from volunteer.web.county import zone

LOCAL = "%Y-%m-%dT%H:%M"


def local_input(at: datetime | None) -> str:
    """Return a moment as a field for a local time takes it."""
    return at.astimezone(zone()).strftime(LOCAL) if at else ""


def menu_options(session: Session) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return the open lines of the menu by class, for a select."""
    found: Sequence[Any] = session.execute(
        select(ServiceCategory, ServiceItem)
        .join(ServiceItem, ServiceItem.category_id == ServiceCategory.id)
        .where(ServiceItem.closed_at.is_(None))
        .order_by(ServiceCategory.position, ServiceCategory.id, ServiceItem.id)
    ).all()
    groups: dict[str, list[tuple[str, str]]] = {}
    for category, item in found:
        groups.setdefault(filters.named(category), []).append((str(item.id), filters.named(item)))
    return list(groups.items())
