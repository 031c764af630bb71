"""When the resident is asked whether it is really solved, and what is counted of the answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, case, false, func, or_, select
from sqlalchemy.orm import Session

from volunteer.feedback.rules import by_day
from volunteer.kernel.clock import zone_of
from volunteer.messaging.outbox import Recipient, tell
from volunteer.orders import telling
from volunteer.orders.afterwards.models_later import ReallySolved
from volunteer.orders.lifecycle import Action, Status
from volunteer.orders.models import ServiceOrder
from volunteer.places.policies import cases_at, clocks_at
from volunteer.teams.models import Team


@dataclass(frozen=True, slots=True)
class SolvedCount:
    """What residents said of a team's finished work: how many were asked, and what they answered. A number, not a judgement."""

    team: Team
    asked: int
    solved: int
    not_solved: int


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


def solved_by_team(session: Session, paths: Sequence[str], *, since: datetime) -> list[SolvedCount]:
    """Return by team what residents under the site ``paths`` said since then; teams of whom nothing was said are left out."""
    under = or_(false(), *(ReallySolved.site_path.startswith(path) for path in paths))
    lately = or_(ReallySolved.asked_at >= since, ReallySolved.answered_at >= since)
    rows = session.execute(
        select(Team, func.count(), _sum(ReallySolved.solved.is_(True)), _sum(ReallySolved.solved.is_(False)))
        .join(ReallySolved, ReallySolved.team_id == Team.id)
        .where(under, lately)
        .group_by(Team.id)
        .order_by(_sum(ReallySolved.solved.is_(False)).desc(), Team.id)
    )
    return [SolvedCount(*row) for row in rows]


def _sum(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)
