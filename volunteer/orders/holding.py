"""A dispatcher's grip on an order: taken on opening, told to others, renewed by acts, gone after some minutes.

Taken and renewed by one statement, so that of two who open at once one has it, on both databases.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import and_, case, delete, or_, select
from sqlalchemy.orm import Session, joinedload

from volunteer.access import Actor, Permission
from volunteer.kernel.db import insert_into, lock
from volunteer.kernel.errors import Conflict
from volunteer.kernel.words import N_
from volunteer.orders import reach
from volunteer.orders.models import Hold, ServiceOrder
from volunteer.places.policies import clocks_at


def take_hold(session: Session, actor: Actor, order_id: int, *, at: datetime) -> Hold:
    """Take or renew the hold on an order. Raises Conflict with the holder's name while another dispatcher has it."""
    order = lock(session, ServiceOrder, order_id)
    reach.must(actor, Permission.ORDER_DISPATCH, order)
    return grip(session, actor, order, at)


def grip(session: Session, actor: Actor, order: ServiceOrder, at: datetime) -> Hold:
    """Take or renew the hold on an order that is locked. Raises Conflict while another dispatcher has it."""
    hold = try_hold(session, actor, order.id, order.desk_path, at=at)
    if hold.person_id != actor.user_id:
        raise Conflict("order_held", N_("%(name)s has this order open. Please take another one."), name=hold.person.name)
    return hold


def try_hold(session: Session, actor: Actor, order_id: int, desk_path: str, *, at: datetime) -> Hold:
    """Take or renew the hold when it is free or one's own; return whoever's hold there is then."""
    minutes = clocks_at(session, desk_path, at).hold_minutes
    mine = insert_into(session, Hold).values(
        order_id=order_id, person_id=actor.user_id, since=at, until=at + timedelta(minutes=minutes)
    )
    still_mine = and_(Hold.until > at, Hold.person_id == actor.user_id)
    taken = mine.on_conflict_do_update(
        index_elements=["order_id"],
        set_={
            "since": case((still_mine, Hold.since), else_=mine.excluded.since),
            "person_id": mine.excluded.person_id,
            "until": mine.excluded.until,
        },
        where=or_(Hold.until <= at, Hold.person_id == actor.user_id),
    )
    own = session.scalars(taken.returning(Hold), execution_options={"populate_existing": True}).one_or_none()
    return own or holder(session, order_id)


def holder(session: Session, order_id: int) -> Hold:
    """Return the hold on an order as the database has it now, with the person."""
    found = select(Hold).options(joinedload(Hold.person)).where(Hold.order_id == order_id)
    return session.scalars(found.execution_options(populate_existing=True)).one()


def release_hold(session: Session, actor: Actor, order_id: int, *, at: datetime, until: datetime | None = None) -> None:
    """Let go of an order; somebody else's hold stays, and one's own that was taken or renewed to another end than ``until``."""
    mine = delete(Hold).where(Hold.order_id == order_id, Hold.person_id == actor.user_id)
    session.execute(mine.where(Hold.until == until) if until else mine)
