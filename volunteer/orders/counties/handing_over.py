"""层层派单: an order goes down the tree, to a desk nearer to where it is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from volunteer.access import Actor, Role
from volunteer.accounts.models import Person, RoleGrant
from volunteer.kernel.db import lock
from volunteer.kernel.errors import Conflict, Invalid
from volunteer.kernel.words import N_
from volunteer.orders import telling
from volunteer.orders.candidates import PASS_DOWN
from volunteer.orders.dispatching import must_dispatch
from volunteer.orders.holding import grip
from volunteer.orders.lifecycle import Action, next_status
from volunteer.orders.models import ServiceOrder
from volunteer.orders.placing import said
from volunteer.places.models import Site
from volunteer.places.policies import clocks_at


def desks_below(session: Session, order: ServiceOrder, *, at: datetime) -> Sequence[Site]:
    """Return the desks between the order's desk and its site at which somebody dispatches, the highest first."""
    if not order.site_path.startswith(order.desk_path):
        return []
    on_the_way = [int(part) for part in order.site_path.removeprefix(order.desk_path).strip("/").split("/") if part]
    if not on_the_way:
        return []
    dispatches = (
        select(RoleGrant.id)
        .join(Person, Person.id == RoleGrant.person_id)
        .where(
            RoleGrant.site_id == Site.id,
            RoleGrant.role == Role.DISPATCHER,
            RoleGrant.since <= at,
            or_(RoleGrant.until.is_(None), RoleGrant.until > at),
            Person.disabled_at.is_(None),
        )
        .exists()
    )
    found = select(Site).where(Site.id.in_(on_the_way), Site.closed_at.is_(None), dispatches)
    return session.scalars(found.order_by(Site.path)).all()


def pass_down(session: Session, actor: Actor, order_id: int, site_id: int | None, reason: str, *, at: datetime) -> ServiceOrder:
    """Hand the order to a desk below on the way to where it is; its dispatchers are told and the clock starts anew.

    Twice changes nothing. Raises Conflict where nobody below dispatches, Invalid for another desk or without a reason.
    """
    order = lock(session, ServiceOrder, order_id)
    last = order.events[-1] if order.events else None
    if order.desk_id == site_id and last is not None and last.what == PASS_DOWN and last.actor_id == actor.user_id:
        return order
    must_dispatch(actor, order)
    reason = said(reason)
    grip(session, actor, order, at)
    next_status(order.status, Action.HAND_OVER)
    below = desks_below(session, order, at=at)
    if not below:
        raise Conflict("nobody_below", N_("Nobody dispatches below this desk on the way to where the request is."))
    target = next((site for site in below if site.id == site_id), None)
    if target is None:
        raise Invalid.field("desk", N_("Please choose one of these."))

    order.desk, order.desk_path, order.reason = target, target.path, reason
    order.due_at = at + timedelta(minutes=clocks_at(session, order.desk_path, at).dispatch_minutes)
    order.write_down(PASS_DOWN, actor, at, reason)
    telling.tell_desk(session, order, reason, "order_passed_down", at=at)
    return order
