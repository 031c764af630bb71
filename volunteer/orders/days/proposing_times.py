"""A team asks the resident for another time: where the visits of its day clash. Nothing moves before the resident says yes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from volunteer.access import Actor
from volunteer.kernel.clock import zone_of
from volunteer.kernel.db import load
from volunteer.kernel.errors import Conflict, Invalid, NotFound
from volunteer.kernel.words import N_
from volunteer.orders import telling
from volunteer.orders.accepting import led, team_words
from volunteer.orders.changing import own_order
from volunteer.orders.days.day_plans import minutes_of
from volunteer.orders.households.lifecycle import MoveAction, MoveState
from volunteer.orders.households.models_standing import Move
from volunteer.orders.lifecycle import Status
from volunteer.orders.models import ServiceOrder, WhenKind

PROPOSED, AGREED, REFUSED = "time_proposed", "time_agreed", "time_refused"  # lines of the diary, and messages
FURTHEST = timedelta(days=31)


def propose_time(session: Session, actor: Actor, order_id: int, begins: datetime, *, at: datetime) -> Move:
    """Ask the resident whether the team may come at ``begins`` instead. Until they agree the old time stays.

    Asked again for the same time nothing changes; another time takes the place of the one before. Raises Conflict when the visit
    has begun, or when the resident waits for the team's own answer, Invalid for a time that has passed.
    """
    order = led(session, actor, order_id)
    if order.status is not Status.ACCEPTED:
        raise Conflict("order_wrong_status", N_("The visit is under way already: its time cannot be changed."))
    if not at < begins < at + FURTHEST:
        raise Invalid.field("begins", N_("That time has passed."))
    session.refresh(order, ["moves"])
    asked = [move for move in order.moves if move.state is MoveState.ASKED]
    if any(not move.by_team for move in asked):
        raise Conflict("move_open", N_("The resident has asked for another time: please answer that first."))
    for move in asked:
        if move.begins == begins:
            return move
        move.advance(MoveAction.REPLACE, at)

    ends = begins + timedelta(minutes=minutes_of(order))
    move = Move(order=order, team_id=order.team_id, begins=begins, ends=ends, asked_at=at, by_team=True)
    session.add(move)
    order.write_down(PROPOSED, actor, at)
    when = telling.stamp(begins, zone_of(session))
    telling.tell_resident(session, order, PROPOSED, at=at, when=when, team=team_words(order))
    return move


def answer_time(session: Session, actor: Actor, order_id: int, move_id: int, yes: bool, *, at: datetime) -> ServiceOrder:
    """Say whether the other time suits. Yes: it is the visit's time now, and whoever goes hears it. No: the old time stays.

    The same answer twice changes nothing. Raises NotFound for another order's, Conflict when it is no longer asked.
    """
    order = own_order(session, actor, order_id)
    move = load(session, Move, move_id)
    if move.order_id != order.id or not move.by_team:
        raise NotFound("move")
    session.refresh(move)  # it may have been answered meanwhile
    answer = MoveState.AGREED if yes else MoveState.REFUSED
    if move.state is answer:
        return order
    if move.state is not MoveState.ASKED or order.status is not Status.ACCEPTED or order.team_id != move.team_id:
        raise Conflict("move_over", N_("The team no longer asks for this time."))
    if yes and move.begins <= at:
        raise Conflict("move_over", N_("That time has passed."))

    move.advance(MoveAction.AGREE if yes else MoveAction.REFUSE, at, by=actor)
    when = telling.stamp(move.begins, zone_of(session))
    order.write_down(AGREED if yes else REFUSED, actor, at)
    if yes:
        order.when_kind, order.window_begins, order.window_ends = WhenKind.WINDOW, move.begins, move.ends
        order.due_at, order.reminded_at = move.ends, None
        if order.visitors:
            order.visit_begins, order.visit_ends = move.begins, move.ends
            telling.tell_crew(session, order, "visit_moved", at=at, but=None)
    telling.tell_leaders(
        session, [move.team_id], AGREED if yes else REFUSED, {"number": order.number, "when": when}, order, at=at
    )
    return order


def proposed(moves: Iterable[Move]) -> Move | None:
    """Return the time that a team asks for and the resident has not answered yet."""
    return next((move for move in moves if move.state is MoveState.ASKED and move.by_team), None)
