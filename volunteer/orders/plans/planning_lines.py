"""One line of a plan: the team and why it, who else could, who would come first for this order alone; or why nobody."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from volunteer.access import Actor
from volunteer.kernel.errors import DomainError
from volunteer.kernel.words import N_
from volunteer.orders.candidates import Candidate, Look, choose, look
from volunteer.orders.models import ServiceOrder
from volunteer.orders.plans.lifecycle import LineAction
from volunteer.orders.plans.models_runs import DispatchLine

OTHERS = 5  # teams that are offered instead
NOT_ANY_MORE = N_("The team can no longer take this on.")


def write_line(
    session: Session, actor: Actor, line: DispatchLine, order: ServiceOrder, one: dict[str, Any], *, at: datetime
) -> None:
    """Fill in the order's line from the solver's answer, with the reasons that an offer by hand has."""
    line.order_version, line.team_id = order.version, one.get("team")
    line.wished, line.offer_id, line.chosen_by, line.note = one.get("wished", False), None, None, ""
    line.obstacle, line.facts = one.get("why", ""), one.get("facts", {})
    line.first_team_id, line.others, line.reasons = None, [], {}
    line.rank = line.candidates = 0
    line.score = line.price = line.metres = 0.0
    if "kept" in one:
        line.advance(LineAction.KEEP)
        line.team_id = one["kept"]
        return
    line.advance(LineAction.LEAVE_OUT if "out" in one else LineAction.PROPOSE if line.team_id else LineAction.FIND_NOBODY)
    try:
        _explain(line, look(session, actor, order, at=at))
    except DomainError as refused:  # the order moved on between the solver and now
        line.advance(LineAction.MOVE_ON)
        line.note, line.facts = refused.message, {k: str(v) for k, v in refused.context.items()}
    except ValueError:  # the matcher cannot read it, and said so
        line.advance(LineAction.FIND_NOBODY)


def _explain(line: DispatchLine, found: Look) -> None:
    chosen = choose(found, OTHERS + 1)
    best, line.candidates = chosen.shown, chosen.able
    line.first_team_id = best[0].card.id if best else None
    line.others = [_other(one) for one in best if one.card.id != line.team_id][:OTHERS]
    if line.team_id is None:
        return
    match = found.match_of(line.team_id)
    if match is None:
        line.advance(LineAction.MOVE_ON)
        line.note = NOT_ANY_MORE
        return
    line.rank, line.score, line.price = match.rank, match.score, match.price
    line.metres = round(found.metres(found.card(line.team_id)), 1)
    line.reasons = asdict(match.reasons)


def _other(one: Candidate) -> dict[str, Any]:
    match = one.match
    return {"team": one.card.id, "rank": match.rank, "metres": round(one.metres), "net": round(match.score - match.price, 4)}
