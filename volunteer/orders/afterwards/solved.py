"""真的解决了吗？ "Yes" is written down; "no" opens the same order again, and counts for those who finished it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from volunteer.access import Actor
from volunteer.audit.recording import record
from volunteer.kernel.errors import Conflict
from volunteer.kernel.words import N_
from volunteer.orders import rating
from volunteer.orders.afterwards import later
from volunteer.orders.lifecycle import Action, Status
from volunteer.orders.models import ServiceOrder
from volunteer.orders.models_rating import RatedBy

SOLVED = "solved"  # a line of the diary that moves nothing


def say_solved(
    session: Session, actor: Actor, order_id: int, solved: bool, words: str = "", *, at: datetime, by_code: bool = False
) -> ServiceOrder:
    """Say whether it is really solved: by link, code or account, or through a clerk whom the resident has called.

    The same answer twice changes nothing. Raises Conflict for another answer, for an order that was not closed after a
    service, and for a "no" after the centre's days.
    """
    order = rating.own_or_callers(session, actor, order_id)
    if not solved and order.status is Status.VERIFIED and order.events and order.events[-1].what == Action.REOPEN:
        return order
    if order.in_parts and not solved:
        raise Conflict("reopen_a_part", N_("Please open the part that is not solved, and say it there."))
    if order.status is not Status.CLOSED or order.served_at is None:
        raise Conflict("not_asked", N_("There is nothing to answer now: look at where the order stands."))
    turn = later.this_turn(session, order)
    if turn.answered_at is not None:
        if turn.solved is solved:
            return order
        if turn.solved is False or solved:
            raise Conflict("said_already", N_("You have told us already. Thank you."))
    if not solved and not rating.can_reopen(session, order, at):
        raise Conflict("too_late_to_reopen", N_("That was too long ago. Please place a new order or call us."))

    how = rating.how(actor, order, by_code=by_code)
    turn.answered_at, turn.solved, turn.by = at, solved, how
    turn.clerk_id = actor.user_id if how is RatedBy.CLERK else None
    order.solved_ask_at = None
    if how is RatedBy.CLERK:
        record(session, actor, "solved_for_resident", f"order:{order.id}", at=at, site_path=order.site_path, solved=solved)
    if solved:
        for part in order.parts:
            if part.status is Status.CLOSED and later.answered(session, part) is None:
                say_solved(session, actor, part.id, True, at=at, by_code=by_code)
        order.write_down(SOLVED, actor, at)
        return order
    return rating.open_again(session, actor, order, words, at=at)
