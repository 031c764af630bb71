"""What the pages about hours share."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from volunteer.attendance.by_hand.lifecycle import AskStatus
from volunteer.attendance.contests.lifecycle import ContestStatus
from volunteer.catalogue.models import ServiceCategory, ServiceItem
from volunteer.kernel.words import N_
from volunteer.web import filters
from volunteer.web.county import zone

LOCAL = "%Y-%m-%dT%H:%M"
ASK_STATES = {
    AskStatus.ASKED: (N_("waits for an answer"), "soon", "clock"),
    AskStatus.BOOKED: (N_("written in"), "ok", "circle-check"),
    AskStatus.REFUSED: (N_("not accepted"), "late", "circle-x"),
    AskStatus.WITHDRAWN: (N_("taken back"), "grey", "undo-2"),
}
CONTEST_STATES = {
    ContestStatus.OPEN: (N_("waits for an answer"), "soon", "clock"),
    ContestStatus.ACCEPTED: (N_("accepted"), "ok", "circle-check"),
    ContestStatus.REFUSED: (N_("stays as it is"), "grey", "circle-x"),
    ContestStatus.WITHDRAWN: (N_("taken back"), "grey", "undo-2"),
}


def ask_states() -> dict[str, tuple[str, str, str]]:
    """Return the chip of each status of hours that were asked for."""
    return {state.value: (_(words), tone, icon) for state, (words, tone, icon) in ASK_STATES.items()}


def contest_states() -> dict[str, tuple[str, str, str]]:
    """Return the chip of each status of an objection."""
    return {state.value: (_(words), tone, icon) for state, (words, tone, icon) in CONTEST_STATES.items()}


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
