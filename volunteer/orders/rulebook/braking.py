"""The brake: a team with too much open gets nothing new, and cannot take more, until it has caught up. Reads only."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import CompoundSelect, Select, bindparam, exists, func, literal, select, union_all
from sqlalchemy.orm import Session, aliased

from volunteer.kernel.db import UtcDateTime
from volunteer.kernel.errors import Conflict
from volunteer.kernel.words import N_
from volunteer.matching import Obstacle, Reason
from volunteer.orders.lifecycle import WITH_TEAM, OfferState
from volunteer.orders.models import Offer, ServiceOrder
from volunteer.orders.rulebook.rules import Limits, Owing, TooMuch, too_much
from volunteer.places.policies import brake_at
from volunteer.places.terms import Brake

SERVED_BY, SINCE = bindparam("served_by", type_=UtcDateTime()), bindparam("since", type_=UtcDateTime())
IN_HAND = (
    select(literal("open_orders").label("what"), ServiceOrder.team_id, func.count())
    .where(ServiceOrder.status.in_(sorted(WITH_TEAM)), ServiceOrder.team_id.is_not(None))
    .group_by(ServiceOrder.team_id)
)
LATE = (  # worded as its partial index is: another condition sends SQLite through every order that was ever closed
    select(literal("late_records").label("what"), ServiceOrder.team_id, func.count())
    .where(ServiceOrder.recorded_at.is_(None), ServiceOrder.served_at.is_not(None), ServiceOrder.served_at < SERVED_BY)
    .group_by(ServiceOrder.team_id)
)
Later = aliased(Offer)
SILENT = (
    select(literal("unanswered").label("what"), Offer.team_id, func.count())
    .where(Offer.state == OfferState.LAPSED, Offer.expires_at > SINCE)
    .where(
        ~exists().where(
            Later.team_id == Offer.team_id,
            Later.state.in_((OfferState.ACCEPTED, OfferState.DECLINED)),
            Later.answered_at > Offer.made_at,
        )
    )
    .group_by(Offer.team_id)
)
FIGURES: dict[str, Select[Any]] = {"open_orders": IN_HAND, "late_records": LATE, "unanswered": SILENT}
WHAT_TO_DO = {
    "open_orders": N_("Your team has %(have)s requests in hand. From %(most)s on there is nothing new: finish one first."),
    "late_records": N_("%(have)s records of your team are not written yet. Write them first, then you can take more."),
    "unanswered": N_("Your team left %(have)s requests without an answer. Answer one, or take one here, and we ask you again."),
}
CLAIMABLE = ("unanswered",)  # whoever takes something has answered


def owing(session: Session, terms: Brake, *, at: datetime, loads: Mapping[int, int] | None = None) -> dict[int, Owing]:
    """Return what each team has open of that which ``terms`` limit; a team that owes nothing is left out. At most one query.

    ``loads``: the orders in hand by team, where somebody has counted them already.
    """
    found = {team_id: Owing(open_orders=count) for team_id, count in (loads or {}).items()} if terms.open_orders else {}
    limited = tuple(name for name in FIGURES if getattr(terms, name) and (loads is None or name != "open_orders"))
    if not limited:
        return found
    values = {"served_by": at - timedelta(days=terms.record_days), "since": at - timedelta(days=terms.unanswered_days)}
    for what, team_id, count in session.execute(_counted(limited), values):
        if team_id is not None:
            found[team_id] = found.get(team_id, Owing())._replace(**{what: count})
    return found


@lru_cache
def _counted(names: tuple[str, ...]) -> CompoundSelect[Any] | Select[Any]:
    """The counts of these figures by team; put together once."""
    return union_all(*(FIGURES[name] for name in names)) if len(names) > 1 else FIGURES[names[0]]


def braked_at(
    session: Session, site_path: str, *, at: datetime, loads: Mapping[int, int] | None = None
) -> dict[int, list[TooMuch]]:
    """Return the teams that get nothing new at a place, each with what is too much."""
    terms = brake_at(session, site_path, at)
    limits = limits_of(terms)
    owed = owing(session, terms, at=at, loads=loads)
    return {team_id: found for team_id, owes in owed.items() if (found := too_much(owes, limits))}


def limits_of(terms: Brake) -> Limits:
    """Return the limits that a policy sets."""
    return Limits(terms.open_orders, terms.late_records, terms.unanswered)


def reasons(found: list[TooMuch]) -> list[Reason]:
    """Return what stands in the way, in the matcher's words."""
    return [Reason(Obstacle.BRAKED, {"what": one.what, "have": one.have, "most": one.most}) for one in found]


def stops_taking(found: list[TooMuch]) -> list[TooMuch]:
    """Return what keeps a team from taking an order itself: silence does not, for taking one ends it."""
    return [one for one in found if one.what not in CLAIMABLE]


def is_silence(reason: Reason) -> bool:
    """Whether a reason is one that does not keep a team from taking an order itself."""
    return reason.obstacle is Obstacle.BRAKED and reason.facts.get("what") in CLAIMABLE


def must_be_free(braked: Mapping[int, list[TooMuch]], team_id: int) -> None:
    """Raise Conflict with what to do first when the team may not take anything new."""
    for one in stops_taking(braked.get(team_id, [])):
        raise Conflict("team_braked", WHAT_TO_DO[one.what], have=one.have, most=one.most)
