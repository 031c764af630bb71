"""派单: proposing an order to teams, taking it back, passing it up, giving it up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session, joinedload

from volunteer.access import Actor, Permission
from volunteer.catalogue.models import ServiceItem
from volunteer.kernel.clock import zone_of
from volunteer.kernel.db import lock
from volunteer.kernel.errors import Conflict, Invalid
from volunteer.kernel.words import N_
from volunteer.matching import Obstacle
from volunteer.orders import reach, telling
from volunteer.orders.candidates import ESCALATE, Look, asked_in_round, look, reasons_of
from volunteer.orders.holding import grip
from volunteer.orders.lifecycle import Action, OfferAction, OfferState, Status, next_status
from volunteer.orders.models import Offer, OfferHow, ServiceOrder
from volunteer.orders.parts import wholes
from volunteer.orders.placing import said
from volunteer.orders.reasons import OURS
from volunteer.orders.visits.lifecycle import LIVE, VisitorAction
from volunteer.orders.waves import asking
from volunteer.places.models import Site
from volunteer.places.policies import clocks_at
from volunteer.teams import queries as teams

MOST_AT_ONCE = 10
LOOKED_AT = (joinedload(ServiceOrder.item).joinedload(ServiceItem.skills),)


def offer_to(session: Session, actor: Actor, order_id: int, team_ids: Sequence[int], *, at: datetime) -> list[Offer]:
    """派单: propose the order to one team or a wave of several; the first yes wins.

    Each offer keeps its score, rank and reasons. A team that the machine left out because of distance, time or load may
    be chosen all the same (rank 0); one without the skill, or without insured adults for risky work, may not. Raises
    Invalid, Conflict, NotFound, Forbidden.
    """
    wanted = list(dict.fromkeys(team_ids))
    order = lock(session, ServiceOrder, order_id, *LOOKED_AT)
    must_dispatch(actor, order)
    if not wanted or len(wanted) > MOST_AT_ONCE:
        raise Invalid.field("team", N_("Choose one to %(most)s teams."), most=MOST_AT_ONCE)
    if made := _already(order, actor, wanted):
        return made
    _grip(session, actor, order, at)
    next_status(order.status, Action.OFFER)
    found = look(session, actor, order, at=at)
    must_be_askable(found, wanted)

    notes = asking.notes_by_hand(session, found, wanted, at=at) if len(wanted) > 1 else None
    return propose(session, actor, found, wanted, at, notes=notes)


def recall(session: Session, actor: Actor, order_id: int, reason: str, *, at: datetime) -> ServiceOrder:
    """Take the order back from the teams that were asked, or from the one that accepted and does not come."""
    order = lock(session, ServiceOrder, order_id)
    must_dispatch(actor, order)
    reason = said(reason)
    if order.status is Status.VERIFIED and _last_act(order, actor) == Action.RECALL:
        return order
    _grip(session, actor, order, at)
    next_status(order.status, Action.RECALL)

    was_accepted = order.status in {Status.ACCEPTED, Status.UNDER_WAY}
    live = {OfferState.OPEN, OfferState.ACCEPTED} if was_accepted else {OfferState.OPEN}
    taken = [offer for offer in order.offers if offer.state in live]
    told = {offer.team_id for offer in taken} | ({order.team_id} if order.team_id else set())
    for offer in taken:
        offer.advance(OfferAction.RECALL, at, by=actor, reason=reason)
    if was_accepted:
        telling.tell_crew(session, order, "visit_off", at=at)
        take_from_team(order, actor, at)
        order.reason = "" if order.reason in OURS else order.reason
        telling.tell_resident(session, order, "order_released", at=at)
    order.advance(Action.RECALL, by=actor, at=at, note=reason)
    order.due_at = at + _to_dispatch(session, order, at)
    telling.tell_leaders(session, told, "offer_recalled", {"number": order.number}, order, at=at)
    return order


def escalate(session: Session, actor: Actor, order_id: int, reason: str, *, at: datetime) -> ServiceOrder:
    """督办: pass the order to the desk above, with the reason. Raises Conflict at the centre: there is nobody above."""
    order = lock(session, ServiceOrder, order_id)
    must_dispatch(actor, order)
    reason = said(reason)
    _grip(session, actor, order, at)
    next_status(order.status, Action.HAND_OVER)
    above = order.desk.parent
    if above is None:
        raise Conflict("nobody_above", N_("There is no desk above this one."))

    return pass_up(session, actor, order, above, reason, at)


def give_up(session: Session, actor: Actor, order_id: int, reason: str, *, at: datetime) -> ServiceOrder:
    """Say honestly that nobody was found; the resident is told and may ask again later."""
    order = lock(session, ServiceOrder, order_id)
    must_dispatch(actor, order)
    reason = said(reason)
    if order.status is Status.UNMET and _last_act(order, actor) == Action.GIVE_UP:
        return order
    _grip(session, actor, order, at)
    if order.in_parts:
        raise Conflict("give_up_parts", N_("This request is in parts: give up the part that nobody can do."))

    order.advance(Action.GIVE_UP, by=actor, at=at, note=reason)
    order.reason = reason
    order.due_at = None
    order.closed_at = at
    telling.tell_resident(session, order, "order_unmet", at=at)
    wholes.after_part(session, order, actor, at=at, told=True)
    return order


def must_dispatch(actor: Actor, order: ServiceOrder) -> None:
    """Raise NotFound for an order of another place, Conflict when a desk above has taken it over."""
    reach.must(actor, Permission.ORDER_DISPATCH, order)
    if not actor.can(Permission.ORDER_DISPATCH, at=order.desk_path):
        raise Conflict("desk_moved", N_("%(desk)s has taken this order over."), desk=order.desk.name)


def _already(order: ServiceOrder, actor: Actor, wanted: Sequence[int]) -> list[Offer]:
    """The open offers of exactly these teams by the same person: the same button pressed twice."""
    made = [offer for offer in order.offers if offer.state is OfferState.OPEN and offer.made_by == actor.user_id]
    return made if {offer.team_id for offer in made} == set(wanted) else []


def must_be_askable(found: Look, wanted: Sequence[int]) -> None:
    """Raise Conflict for a team that a person may not ask either: asked already, on a break, without skill or insurance."""
    asked = asked_in_round(found.order)
    for team_id in wanted:
        card = found.card(team_id)
        if team_id in asked:
            raise Conflict("already_asked", N_("%(team)s was asked already."), team=card.name)
        if teams.paused(card, found.at):
            raise Conflict("team_paused", N_("%(team)s is taking a break."), team=card.name)
        against = {reason.obstacle for reason in found.obstacles(card)}
        if Obstacle.MISSING_SKILL in against:
            raise Conflict(
                "team_unskilled", N_("%(team)s does not have the skill for this. Please choose another team."), team=card.name
            )
        if Obstacle.NOT_INSURED in against:
            raise Conflict("team_uninsured", N_("This is risky work, and %(team)s has no insured adult for it."), team=card.name)


def propose(
    session: Session,
    actor: Actor,
    found: Look,
    wanted: Sequence[int],
    at: datetime,
    *,
    how: OfferHow = OfferHow.BY_HAND,
    notes: Mapping[int, Mapping[str, Any]] | None = None,
) -> list[Offer]:
    """Make the offers of a look that was checked, and tell the leaders. The order must not be with a team.

    ``notes``: by team id, what its offer keeps of why these were asked together.
    """
    order = found.order
    until = asking.answer_by(session, order, at)
    wave = max((offer.wave for offer in order.offers), default=0) + 1
    made = [offer_row(found, team_id, actor, how, wave, at, until) for team_id in wanted]
    for offer in made:
        if notes and offer.team_id in notes:
            offer.reasons["asking"] = dict(notes[offer.team_id])
    order.offers.extend(made)
    names = "、".join(found.card(team_id).name for team_id in wanted)
    order.advance(Action.OFFER, by=actor, at=at, note=names)
    order.reason, order.handed_back_at = "", None
    order.due_at = until
    telling.tell_leaders_of_offer(session, wanted, order, until, zone_of(session), at=at)
    session.flush()  # whoever called wants the offers' ids
    return made


def offer_row(found: Look, team_id: int, actor: Actor, how: OfferHow, wave: int, at: datetime, until: datetime) -> Offer:
    """Return an open offer of the order to a team, with what it keeps of why."""
    card, match = found.card(team_id), found.match_of(team_id)
    return Offer(
        team_id=team_id,
        state=OfferState.OPEN,
        how=how,
        wave=wave,
        made_by=actor.user_id,
        made_at=at,
        expires_at=until,
        score=match.score if match else 0.0,
        price=match.price if match else 0.0,
        rank=match.rank if match else 0,
        candidates=found.able,
        metres=round(found.metres(card), 1),
        reasons=reasons_of(found, card, match),
        policy_version=f"matching:{found.policy.version}",
    )


def pass_up(session: Session, actor: Actor, order: ServiceOrder, above: Site, reason: str, at: datetime) -> ServiceOrder:
    """Give the order to the desk above and tell it."""
    order.desk = above
    order.desk_path = above.path
    order.reason = reason
    order.due_at = at + _to_dispatch(session, order, at)
    order.write_down(ESCALATE, actor, at, reason)
    telling.tell_desk(session, order, reason, at=at)
    return order


def take_from_team(order: ServiceOrder, by: Actor, at: datetime) -> None:
    """Undo an acceptance: nobody is coming, and nothing is promised. What each was to the visit stays in their history."""
    order.team = None
    order.team_id = None
    order.accepted_at = order.visit_begins = order.visit_ends = None
    for visitor in order.crew:
        if visitor.state in LIVE:
            visitor.advance(VisitorAction.LET_OFF, by, at)


def _to_dispatch(session: Session, order: ServiceOrder, at: datetime) -> timedelta:
    return timedelta(minutes=clocks_at(session, order.desk_path, at).dispatch_minutes)


def _grip(session: Session, actor: Actor, order: ServiceOrder, at: datetime) -> None:
    if actor.user_id is not None:  # jobs hold nothing
        grip(session, actor, order, at)


def _last_act(order: ServiceOrder, actor: Actor) -> str | None:
    """What this person did last to the order, when nobody did anything after it."""
    last = order.events[-1] if order.events else None
    return last.what if last is not None and last.actor_id == actor.user_id else None
