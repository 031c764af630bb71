"""没人来: the resident says that nobody came. The desk and the team hear it at once; the order can be dispatched again."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from volunteer.access import Actor
from volunteer.kernel.errors import Conflict
from volunteer.kernel.words import N_
from volunteer.orders import telling
from volunteer.orders.changing import own_order
from volunteer.orders.lifecycle import Status
from volunteer.orders.models import ServiceOrder
from volunteer.orders.reasons import NOBODY_CAME
from volunteer.places.policies import visits_at

SAID = "nobody_came"  # a line of the diary
PROMISED = frozenset({Status.ACCEPTED, Status.UNDER_WAY})


def nobody_came(session: Session, actor: Actor, order_id: int, *, at: datetime) -> ServiceOrder:
    """Say that the promised time has passed and nobody was there. Twice changes nothing; nobody is blamed by it.

    The order stays with its team, which may still come, until the desk takes it back. Raises Conflict before the time.
    """
    order = own_order(session, actor, order_id)
    if order.reason == NOBODY_CAME:
        return order
    if not may_say(session, order, at):
        raise Conflict("too_early", N_("Please wait a little: they may be on their way. You can also call us."))

    order.reason, order.due_at = NOBODY_CAME, at
    order.write_down(SAID, actor, at)
    telling.tell_staff(session, order, "nobody_came", at=at)
    telling.tell_team_leaders(session, order, "nobody_came_team", at=at)
    return order


def may_say(session: Session, order: ServiceOrder, at: datetime) -> bool:
    """Return whether the promised time has passed long enough ago, and nobody has checked in."""
    promised = order.visit_begins or order.window_ends
    if order.status not in PROMISED or promised is None or order.reason == NOBODY_CAME or at < promised:
        return False
    return at >= promised + timedelta(minutes=visits_at(session, order.site_path, at).late_minutes)
