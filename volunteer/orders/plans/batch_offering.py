"""一键派单, the doing: the chosen lines of a plan become offers, each in a small act of its own, and what goes on by itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeVar

from sqlalchemy import func, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from volunteer.access import NOBODY, Actor
from volunteer.accounts.queries import load_actor
from volunteer.kernel import errands
from volunteer.kernel.db import lock
from volunteer.kernel.errors import Conflict, DomainError, Invalid, NotFound
from volunteer.kernel.words import N_
from volunteer.orders.candidates import asked_in_round, look
from volunteer.orders.dispatching import escalate, must_dispatch, propose
from volunteer.orders.holding import grip, release_hold
from volunteer.orders.lifecycle import Action, next_status
from volunteer.orders.models import Offer, OfferHow, ServiceOrder
from volunteer.orders.placing import said
from volunteer.orders.plans import batching, planning, queries_runs
from volunteer.orders.plans.lifecycle import AT_WORK, LineAction, LineState, RunState
from volunteer.orders.plans.models_runs import DispatchLine, DispatchRun
from volunteer.orders.plans.planning_lines import NOT_ANY_MORE

Done = TypeVar("Done")
FEW = 5  # offers in one transaction: others wait for its end
HAND = timedelta(seconds=5)  # so long a new plan is left to the request that asked for it


def offer_next(session: Session, run_id: int, *, at: datetime) -> int:
    """Make the offers of the next few chosen lines, each for itself; return how many were looked at, 0 when none is left.

    A refusal is written beside its line, not raised: the others go on.
    """
    found = select(DispatchLine).where(DispatchLine.run_id == run_id, DispatchLine.state == LineState.CHOSEN)
    lines = session.scalars(found.order_by(DispatchLine.id).limit(FEW).with_for_update(skip_locked=True)).all()
    for line in lines:
        acting = load_actor(session, line.chosen_by or 0, at)
        offer = _try(session, line, partial(_offer, session, acting.actor if acting else NOBODY, line, at))
        if offer is not None:
            line.advance(LineAction.OFFER)
            line.offer_id = offer.id
    if lines:
        batching.finish_if_done(session, run_id, at=at)
    return len(lines)


def pass_up_lines(
    session: Session, actor: Actor, run_id: int, line_ids: Sequence[int], reason: str, *, at: datetime
) -> list[DispatchLine]:
    """Give orders for which the plan has nobody to the desk above, with the reason; return these lines.

    An order that cannot be passed up keeps the others from nothing: why stands beside its line. Raises Invalid without a
    reason or a line, NotFound for a line of another plan or one that has a team.
    """
    run, reason = batching.ready_run(session, actor, run_id), said(reason)
    if not line_ids:
        raise Invalid.field("line", N_("Choose at least one line."))
    here = (DispatchLine.run_id == run.id, DispatchLine.state.in_((LineState.UNSERVED, LineState.PASSED_UP)))
    lines = list(session.scalars(select(DispatchLine).where(*here, DispatchLine.id.in_(line_ids)).order_by(DispatchLine.id)))
    if len(lines) != len(set(line_ids)):
        raise NotFound("line")

    for line in lines:
        if line.state is LineState.UNSERVED:
            went = _try(session, line, partial(_up, session, actor, line, reason, at))
            if went is not None:
                line.advance(LineAction.ESCALATE)
    return lines


def _up(session: Session, actor: Actor, line: DispatchLine, reason: str, at: datetime) -> ServiceOrder:
    order = escalate(session, actor, line.order_id, reason, at=at)
    release_hold(session, actor, order.id, at=at)
    return order


def _try(session: Session, line: DispatchLine, act: Callable[[], Done]) -> Done | None:
    """Do something to one order of a plan; a refusal is written beside its line."""
    try:
        with session.begin_nested():
            return act()
    except DomainError as refused:
        line.advance(LineAction.FIND_HELD if refused.code == "order_held" else LineAction.MOVE_ON)
        line.note = refused.message
        line.facts = {name: str(value) for name, value in refused.context.items()}
    except StaleDataError:
        line.advance(LineAction.MOVE_ON)
        line.note = NOT_ANY_MORE
    return None


def _offer(session: Session, actor: Actor, line: DispatchLine, at: datetime) -> Offer:
    """Offer by hand has the same conditions, but what was overruled then is refused here: nobody has looked at it."""
    order = lock(session, ServiceOrder, line.order_id)
    must_dispatch(actor, order)
    hold = grip(session, actor, order, at)
    next_status(order.status, Action.OFFER)
    found, team_id = look(session, actor, order, at=at), line.team_id or 0
    if team_id in asked_in_round(order) or found.match_of(team_id) is None:
        raise Conflict("team_not_able", NOT_ANY_MORE)

    (offer,) = propose(session, actor, found, [team_id], at, how=OfferHow.BATCH)
    offer.run_id = line.run_id
    offer.reasons = offer.reasons | {"plan": _of_the_plan(session, line)}
    if hold.since == at:
        release_hold(session, actor, order.id, at=at)
    return offer


def _of_the_plan(session: Session, line: DispatchLine) -> dict[str, Any]:
    """What the plan knew beyond the order: what a place of the team was worth to others, who would come first without them."""
    uses = queries_runs.uses(session, line.run, [line.first_team_id or 0])
    return {
        "run": line.run_id,
        "place": float(line.run.prices.get(str(line.team_id), 0.0)),
        "first": line.first_team_id,
        "uses": uses.get(line.first_team_id or 0, 0),
        "wished": line.wished,
    }


def step(session: Session, *, at: datetime) -> int:
    """Do one small piece of what plans wait for; return how much. Only the solving itself takes place outside of it."""
    if ended := batching.end_stale(session, at=at):
        return ended
    writing = select(DispatchRun.id).where(DispatchRun.state == RunState.WRITING).order_by(DispatchRun.id).limit(1)
    if (run_id := session.scalar(writing)) is not None:
        return batching.write_lines(session, run_id, at=at)
    chosen = select(func.min(DispatchLine.run_id)).where(DispatchLine.state == LineState.CHOSEN)
    if (run_id := session.scalar(chosen)) is not None and (made := offer_next(session, run_id, at=at)):
        return made
    return _plan_one(session, at)


def _plan_one(session: Session, at: datetime) -> int:
    found = select(DispatchRun.id, DispatchRun.state, DispatchRun.until, DispatchRun.started_at)
    for run_id, state, until, started_at in session.execute(
        found.where(DispatchRun.state.in_(sorted(AT_WORK))).order_by(DispatchRun.id)
    ).all():
        waits = state is RunState.WAITING and started_at <= at - HAND
        if waits or (state is RunState.PLANNING and until <= at):
            task = batching.begin_plan(session, run_id, at=at)
            if task is not None:
                _solve_later(session, task)
            return 1
    return 0


def _solve_later(session: Session, task: planning.Task) -> None:
    """Solve outside of any transaction: nobody waits for a large board."""

    def keep(session: Session, answer: Any, at: datetime) -> None:
        batching.keep_plan(session, task, answer, at=at)

    errands.leave(session, errands.Errand(task.answer, keep))
