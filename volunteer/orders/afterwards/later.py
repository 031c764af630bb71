"""When the resident is asked whether it is really solved, and who is asked now."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from volunteer.feedback.rules import by_day
from volunteer.kernel.clock import zone_of
from volunteer.messaging.outbox import Recipient, tell
from volunteer.orders import telling
from volunteer.orders.afterwards.models_later import ReallySolved
from volunteer.orders.lifecycle import Action, Status
from volunteer.orders.models import ServiceOrder
from volunteer.places.policies import cases_at, clocks_at


def plan_question(session: Session, order: ServiceOrder, at: datetime) -> None:
    """Set when the resident is asked, for an order that was just closed after a service; each order is asked once.

    Nothing is planned when the centre never asks, or only after its days for reopening are over.
    """
    days = cases_at(session, order.site_path, at).solved_days
    asked = select(ReallySolved.id).where(ReallySolved.order_id == order.id, ReallySolved.asked_at.is_not(None))
    wanted = 0 < days <= clocks_at(session, order.site_path, at).reopen_days
    if order.served_at is not None and wanted and session.scalar(asked) is None:
        order.solved_ask_at = at + timedelta(days=days)


def ask(session: Session, order: ServiceOrder, *, at: datetime) -> bool:
    """Ask the resident of a closed order, by the phone that it names, not at night. Returns whether they were asked."""
    order.solved_ask_at = None
    if order.status is not Status.CLOSED or order.served_at is None:
        return False
    turn = this_turn(session, order)
    if turn.asked_at is not None or turn.answered_at is not None:
        return False
    turn.asked_at = at
    if not order.resident.is_forgotten:
        recipient = Recipient(order.resident_id, order.phone, order.resident.locale)
        secret, due = {"link": telling.link_of(session, order)}, by_day(at, zone_of(session))
        about = f"order:{order.id}"
        tell(session, recipient, "really_solved", {"number": order.number}, at=at, secret=secret, about=about, due_at=due)
    return True


def this_turn(session: Session, order: ServiceOrder) -> ReallySolved:
    """Return the row of the order's latest turn of service, made when missing."""
    number = 1 + sum(event.what == Action.REOPEN for event in order.events)
    found = session.scalar(select(ReallySolved).where(ReallySolved.order_id == order.id, ReallySolved.turn == number))
    if found is None:
        found = ReallySolved(
            order_id=order.id, turn=number, site_path=order.site_path, team_id=order.team_id, finished_by=finished_by(order)
        )
        session.add(found)
    return found


def finished_by(order: ServiceOrder) -> int | None:
    """Return who wrote the record of the latest service, else who checked out."""
    for what in ("record", Action.CHECK_OUT.value):
        for event in reversed(order.events):
            if event.what == Action.REOPEN:
                break
            if event.what == what:
                return event.actor_id
    return None


def answered(session: Session, order: ServiceOrder) -> ReallySolved | None:
    """Return what the resident said of the order's latest turn of service, or None; writes nothing."""
    number = 1 + sum(event.what == Action.REOPEN for event in order.events)
    found = select(ReallySolved).where(ReallySolved.order_id == order.id, ReallySolved.turn == number)
    return session.scalar(found.where(ReallySolved.answered_at.is_not(None)))


def open_question(session: Session, order: ServiceOrder) -> ReallySolved | None:
    """Return the question that waits for this order's resident, or None."""
    if order.status is not Status.CLOSED or order.closed_at is None:
        return None
    found = select(ReallySolved).where(
        ReallySolved.order_id == order.id, ReallySolved.asked_at >= order.closed_at, ReallySolved.answered_at.is_(None)
    )
    return session.scalars(found).first()


def asked_of(session: Session, orders: Sequence[ServiceOrder]) -> set[int]:
    """Return the ids of those orders whose resident is asked now, as ``open_question`` says of one."""
    closed = {order.id: order.closed_at for order in orders if order.status is Status.CLOSED and order.closed_at is not None}
    if not closed:
        return set()
    found = select(ReallySolved.order_id, ReallySolved.asked_at).where(
        ReallySolved.order_id.in_(sorted(closed)), ReallySolved.asked_at.is_not(None), ReallySolved.answered_at.is_(None)
    )
    return {number for number, asked in session.execute(found).tuples() if asked is not None and asked >= closed[number]}
