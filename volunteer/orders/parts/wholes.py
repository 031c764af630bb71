"""What the parts of an order do to the whole: it is done with its last part, closed with it, and open again with any of them."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from volunteer.access import SYSTEM, Actor
from volunteer.kernel.db import lock
from volunteer.orders import telling
from volunteer.orders.lifecycle import Action, Status
from volunteer.orders.models import ServiceOrder
from volunteer.orders.parts import parting_rules
from volunteer.places.policies import clocks_at


def after_part(session: Session, part: ServiceOrder, actor: Actor, *, at: datetime, told: bool = False) -> None:
    """Go on with the whole after one of its parts was served, withdrawn or given up; nothing for an order that is no part.

    The resident is asked how it was once, for all the parts. ``told``: they know already how it ends.
    """
    if part.part_of_id is None or part.part_number is None:
        return
    whole = lock(session, ServiceOrder, part.part_of_id)
    if part.status is Status.SERVED:
        part.due_at = None  # it is rated, or closed without a word, together with the others
    move = parting_rules.outcome([one.status for one in whole.parts])
    if whole.status is not Status.IN_PARTS or move is None:
        return
    whole.advance(move, by=actor, at=at)
    if move is Action.GATHER:
        served = [one for one in whole.parts if one.served_at is not None]
        whole.served_at = max(one.served_at for one in served if one.served_at is not None)
        whole.recorded_at = at  # each part has its own record
        whole.due_at = at + timedelta(days=clocks_at(session, whole.site_path, at).silent_days)
        telling.ask_to_rate(session, whole, at=at)
        return
    whole.closed_at, whole.due_at, whole.reason = at, None, part.reason
    if not told:
        telling.tell_resident(session, whole, "order_unmet" if move is Action.GIVE_UP else "order_withdrawn", at=at)


def hold_parts(session: Session, *order_ids: int) -> None:
    """Lock the parts of orders, for a verb about the whole: before the whole itself, as the verbs about one part do."""
    parts = select(ServiceOrder.id).where(ServiceOrder.part_of_id.in_(order_ids)).order_by(ServiceOrder.id)
    for part_id in session.scalars(parts).all():
        lock(session, ServiceOrder, part_id)


def close_parts(whole: ServiceOrder, at: datetime) -> None:
    """Close the parts of a whole that was closed; no rating is invented."""
    for part in whole.parts:
        if part.status is Status.SERVED:
            part.advance(Action.CLOSE_SILENT, by=SYSTEM, at=at)
            part.closed_at, part.due_at = at, None


def resume(session: Session, part: ServiceOrder, actor: Actor, *, at: datetime) -> None:
    """A part was opened again: the whole waits for it once more."""
    if part.part_of_id is None or part.part_number is None:
        return
    whole = lock(session, ServiceOrder, part.part_of_id)
    if whole.status is Status.IN_PARTS:
        return
    whole.advance(Action.RESUME, by=actor, at=at)
    whole.reason = ""
    whole.due_at = whole.served_at = whole.confirmed_at = whole.closed_at = whole.solved_ask_at = None
