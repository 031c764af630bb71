"""Another time without starting over: the order keeps its number, its link and its history.

Before a team has accepted it simply changes; afterwards the team is asked, and says yes or no.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from volunteer.access import Actor, Permission
from volunteer.kernel.clock import zone_of
from volunteer.kernel.db import load, lock
from volunteer.kernel.errors import Conflict, NotFound
from volunteer.kernel.words import N_
from volunteer.orders import reach, telling
from volunteer.orders.households.lifecycle import MoveAction, MoveState
from volunteer.orders.households.models_standing import Move
from volunteer.orders.lifecycle import Action, Status
from volunteer.orders.models import OrderEvent, ServiceOrder, WhenKind
from volunteer.places.policies import clocks_at

ASKED, AGREED, REFUSED = "move_asked", "move_agreed", "move_refused"  # lines of the diary
ANOTHER_TIME = N_("Another time")
TOO_OFTEN = N_("You have changed the time often already. Please call us instead.")
TOO_LATE = N_("The visit is too near to change its time here. Please call us.")


def move_refusal(session: Session, order: ServiceOrder, at: datetime) -> str | None:
    """Return why the time cannot be changed now (a msgid), or None when it can. Limits are the centre's."""
    if order.status not in {Status.PLACED, Status.VERIFIED, Status.OFFERED, Status.ACCEPTED, Status.REJECTED}:
        return N_("It is too late to change this. Please call us.")
    clocks = clocks_at(session, order.site_path, at)
    begins = order.visit_begins
    if order.status is Status.ACCEPTED and begins is not None and begins - at < timedelta(minutes=clocks.move_minutes):
        return TOO_LATE
    changes = (OrderEvent.what == ASKED) | ((OrderEvent.what == Action.CORRECT.value) & (OrderEvent.note == ANOTHER_TIME))
    made = session.scalar(select(func.count()).where(OrderEvent.order_id == order.id, changes)) or 0
    return TOO_OFTEN if made >= clocks.moves_most else None


def ask_to_move(session: Session, actor: Actor, order: ServiceOrder, begins: datetime, ends: datetime, *, at: datetime) -> Move:
    """Ask the team that has accepted whether it can come then instead. What was asked before is over. The order is locked."""
    asked = open_move(session, order.id)
    if asked is not None and (asked.begins, asked.ends) == (begins, ends):
        return asked
    if order.team_id is None or order.status is not Status.ACCEPTED:
        raise Conflict("order_wrong_status", N_("It is too late to change this. Please call us."))
    if asked is not None:
        asked.advance(MoveAction.REPLACE, at)
    move = Move(order=order, team_id=order.team_id, begins=begins, ends=ends, asked_at=at)
    session.add(move)
    order.write_down(ASKED, actor, at)
    params = {"number": order.number, "when": _window(session, begins, ends)}
    telling.tell_leaders(session, [order.team_id], "move_asked", params, order, at=at)
    return move


def answer_move(session: Session, actor: Actor, move_id: int, yes: bool, *, at: datetime) -> ServiceOrder:
    """Say whether the team can come at the other time.

    Yes: the window is the new one, and the team says who goes and when. No: the old time stays, and the desk is told, which
    may look for another team. The same answer twice changes nothing. Raises NotFound for another team's.
    """
    move = load(session, Move, move_id)
    order = lock(session, ServiceOrder, move.order_id)
    session.refresh(move)  # it may have been answered meanwhile
    if move.by_team or move.team_id not in actor.leads or order.team_id != move.team_id:
        raise NotFound("move")
    reach.must(actor, Permission.VISIT_LEAD, order)
    answer = MoveState.AGREED if yes else MoveState.REFUSED
    if move.state is answer:
        return order
    if move.state is not MoveState.ASKED or order.status is not Status.ACCEPTED:
        raise Conflict("move_over", N_("The resident no longer asks for this time."))

    move.advance(MoveAction.AGREE if yes else MoveAction.REFUSE, at, by=actor)
    when = _window(session, move.begins, move.ends)
    order.write_down(AGREED if yes else REFUSED, actor, at)
    if yes:
        order.when_kind, order.window_begins, order.window_ends = WhenKind.WINDOW, move.begins, move.ends
        order.visit_begins = order.visit_ends = order.reminded_at = None
        order.due_at = move.ends
        telling.tell_crew(session, order, "visit_moved", at=at, but=actor.user_id)
        telling.tell_resident(session, order, "move_agreed", at=at, when=when)
    else:
        telling.tell_resident(session, order, "move_refused", at=at, when=when)
        telling.tell_staff(session, order, "move_refused_desk", at=at, when=when)
    return order


def open_move(session: Session, order_id: int) -> Move | None:
    """Return the other time that a team was asked for and has not answered yet."""
    found = select(Move).where(Move.order_id == order_id, Move.state == MoveState.ASKED, Move.by_team.is_(False))
    return session.scalars(found.order_by(Move.id.desc())).first()


def open_of(moves: Iterable[Move]) -> Move | None:
    """Return the open one of an order's moves, which its page has already."""
    return next((move for move in moves if move.state is MoveState.ASKED and not move.by_team), None)


def _window(session: Session, begins: datetime, ends: datetime) -> str:
    zone = zone_of(session)
    return f"{telling.stamp(begins, zone)}–{ends.astimezone(zone):%H:%M}"
