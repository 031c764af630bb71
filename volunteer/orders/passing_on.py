"""After a no: the next teams are asked, or the desk above takes over."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from volunteer.access import SYSTEM
from volunteer.orders.candidates import asked_since_verified, look, waves_here
from volunteer.orders.dispatching import pass_up, propose
from volunteer.orders.lifecycle import Action, Status
from volunteer.orders.models import OfferHow, OfferState, ServiceOrder
from volunteer.orders.reasons import NOBODY_ABLE, NOBODY_AT_ALL, NOBODY_HERE
from volunteer.places.policies import clocks_at


def after_no(session: Session, order: ServiceOrder, at: datetime) -> ServiceOrder:
    """What follows a decline or a lapse: with no open offer left, ask the next best team, else pass the order up.

    Called in the transaction that closed the offer. Jobs act here, whoever has the order open: a resident waits. At the
    centre with nobody left the order stays verified, says why, and stands first on the board.
    """
    if order.status is not Status.OFFERED or any(offer.state is OfferState.OPEN for offer in order.offers):
        return order

    order.advance(Action.LAPSE, by=SYSTEM, at=at)
    while True:
        clocks = clocks_at(session, order.desk_path, at)
        asked, above = asked_since_verified(order), order.desk.parent
        if above is None or waves_here(order) < clocks.waves:
            found = look(session, SYSTEM, order, at=at)
            fresh = [match.team_id for match in found.matches if match.team_id not in asked][:1]
            if fresh:
                propose(session, SYSTEM, found, fresh, at, how=OfferHow.AGAIN)
                return order
        if above is None:
            order.reason = NOBODY_AT_ALL
            order.due_at = at
            order.write_down("nobody_left", SYSTEM, at, NOBODY_AT_ALL)
            return order
        pass_up(session, SYSTEM, order, above, NOBODY_HERE if asked else NOBODY_ABLE, at)
