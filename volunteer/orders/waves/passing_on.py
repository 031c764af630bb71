"""After a no: the next teams are asked at once, or in the morning, or the desk above takes over."""

from __future__ import annotations

import logging
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from volunteer.access import SYSTEM
from volunteer.kernel.clock import zone_of
from volunteer.kernel.crypto import SealBroken
from volunteer.kernel.errors import DomainError
from volunteer.orders import telling
from volunteer.orders.candidates import asked_since_verified, look, waves_here
from volunteer.orders.dispatching import offer_row, pass_up, propose
from volunteer.orders.lifecycle import Action, OfferState, Status
from volunteer.orders.models import Offer, OfferHow, ServiceOrder
from volunteer.orders.reasons import ASKED_ENOUGH, ASKED_ENOUGH_HERE, NOBODY_ABLE, NOBODY_AT_ALL, NOBODY_HERE, QUIET
from volunteer.orders.waves import asking
from volunteer.orders.waves.models_asking import AskLater
from volunteer.places.policies import clocks_at

BATCH = 20
log = logging.getLogger(__name__)


def after_no(session: Session, order: ServiceOrder, at: datetime) -> ServiceOrder:
    """What follows a decline or a lapse: whoever is needed to keep the wanted chance of a yes is asked at once.

    Called in the transaction that closed the offer. Jobs act here, whoever has the order open: a resident waits. With no
    open offer left and nobody to ask, the order goes up; at the centre it stays verified, says why, and stands first there.
    """
    if order.status is not Status.OFFERED:
        return order
    waiting = [offer for offer in order.offers if offer.state is OfferState.OPEN]
    if waiting:
        _replace(session, order, waiting, at)
        return order

    order.advance(Action.LAPSE, by=SYSTEM, at=at)
    return go_on(session, order, at)


def go_on(session: Session, order: ServiceOrder, at: datetime) -> ServiceOrder:
    """Ask the next wave about a verified order; pass it up where nobody is left; wait where it is night."""
    while True:
        asked, above = asked_since_verified(order), order.desk.parent
        tired = False
        if above is None or waves_here(order) < clocks_at(session, order.desk_path, at).waves:
            if until := asking.quiet_until(session, order, at):
                return _wait(session, order, until, at)
            found = look(session, SYSTEM, order, at=at)
            following = asking.next_wave(session, found, at=at, without=asked)
            if team_ids := following.wave.team_ids:
                notes = {team_id: following.note(team_id) for team_id in team_ids}
                propose(session, SYSTEM, found, team_ids, at, how=OfferHow.AGAIN, notes=notes)
                return order
            tired = bool(following.wave.passed_over)
        if above is None:
            return _stay(session, order, at, tired=tired)
        reason = ASKED_ENOUGH_HERE if tired else NOBODY_HERE if asked else NOBODY_ABLE
        pass_up(session, SYSTEM, order, above, reason, at)


def ask_waiting(session: Session, at: datetime) -> int:
    """Go on with orders that waited for the end of the quiet hours, or for teams to be asked again. Returns how many."""
    due = (
        select(ServiceOrder)
        .where(ServiceOrder.id.in_(select(AskLater.order_id).where(AskLater.at <= at)))
        .order_by(ServiceOrder.id)
        .limit(BATCH)
        .with_for_update(skip_locked=True, key_share=True)
    )
    return sum(_resume(session, order, at) for order in session.scalars(due).all())


def _replace(session: Session, order: ServiceOrder, waiting: list[Offer], at: datetime) -> None:
    """Ask whoever is needed beside those that have not answered yet; they belong to the same wave as long as it is not full."""
    if order.item is None or asking.quiet_until(session, order, at):
        return
    found = look(session, SYSTEM, order, at=at)
    following = asking.next_wave(session, found, at=at, without=asked_since_verified(order), waiting=waiting)
    wave = max(offer.wave for offer in waiting)
    if sum(offer.wave == wave for offer in order.offers) >= following.terms.most:
        wave += 1
        if order.desk.parent is not None and waves_here(order) >= clocks_at(session, order.desk_path, at).waves:
            return
    if not following.wave.team_ids:
        return
    until = asking.answer_by(session, order, at)
    for team_id in following.wave.team_ids:
        offer = offer_row(found, team_id, SYSTEM, OfferHow.AGAIN, wave, at, until)
        offer.reasons["asking"] = following.note(team_id)
        order.offers.append(offer)
    names = "、".join(found.card(team_id).name for team_id in following.wave.team_ids)
    order.write_down(Action.OFFER, SYSTEM, at, names)
    order.due_at = until if order.due_at is None else max(until, order.due_at)
    telling.tell_leaders_of_offer(session, following.wave.team_ids, order, until, zone_of(session), at=at)


def _resume(session: Session, order: ServiceOrder, at: datetime) -> bool:
    """Go on with one order; one that cannot be gone on with is the dispatcher's, and must not keep the others waiting."""
    waits = session.get(AskLater, order.id)
    if waits is None or waits.at > at:
        return False
    session.delete(waits)
    session.flush()  # the same order may wait once more
    try:
        with session.begin_nested():
            if order.status is Status.VERIFIED and order.reason in (QUIET, ASKED_ENOUGH):  # nobody has acted meanwhile
                go_on(session, order, at)
    except (DomainError, SealBroken):
        log.exception("order %s cannot be passed on", order.number)
    return True


def _wait(session: Session, order: ServiceOrder, until: datetime, at: datetime) -> ServiceOrder:
    session.merge(AskLater(order_id=order.id, at=until))
    order.reason = QUIET
    order.due_at = until
    order.write_down("quiet", SYSTEM, at, QUIET)
    return order


def _stay(session: Session, order: ServiceOrder, at: datetime, *, tired: bool) -> ServiceOrder:
    order.reason = ASKED_ENOUGH if tired else NOBODY_AT_ALL
    order.due_at = at
    order.write_down("nobody_left", SYSTEM, at, order.reason)
    if tired:
        session.merge(AskLater(order_id=order.id, at=asking.tomorrow(session, order, at)))
    return order
