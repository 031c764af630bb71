"""What goes on by itself: offers without an answer pass on, forgotten holds fall off. Small batches, safe to run twice."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from sqlalchemy import CursorResult, delete, exists, select, union
from sqlalchemy.orm import Session, aliased

from volunteer.access import SYSTEM
from volunteer.kernel.crypto import SealBroken
from volunteer.kernel.errors import DomainError
from volunteer.media.models import Photo
from volunteer.orders import telling
from volunteer.orders.dispatching import after_no, close_offer
from volunteer.orders.lifecycle import Action, Status
from volunteer.orders.models import Hold, Offer, OfferState, OrderPhoto, ServiceOrder
from volunteer.places.policies import clocks_at

BATCH = 20
STRAY = timedelta(days=2)  # longer than a signed name of a kept photo lives
REMINDED_AT_ONCE = 100
log = logging.getLogger(__name__)


def expire_offers(session: Session, at: datetime) -> int:
    """Mark offers that nobody answered in time and go on with their orders: the next team, or the desk above.

    Returns how many orders were looked after. Orders that another worker has in hand are left to it.
    """
    overdue = select(Offer.order_id).where(Offer.state == OfferState.OPEN, Offer.expires_at <= at)
    offered = aliased(ServiceOrder)
    waiting = exists().where(Offer.order_id == offered.id, Offer.state == OfferState.OPEN)
    stranded = select(offered.id).where(offered.status == Status.OFFERED, ~waiting)
    due = (
        select(ServiceOrder)
        .where(ServiceOrder.id.in_(union(overdue, stranded)))
        .order_by(ServiceOrder.id)
        .limit(BATCH)
        .with_for_update(skip_locked=True, key_share=True)
    )
    return sum(_go_on(session, order, at) for order in session.scalars(due).all())


def close_silent(session: Session, at: datetime) -> int:
    """Close orders whose rating never came within the centre's days. No rating is invented, and none is counted."""
    due = (
        select(ServiceOrder)
        .where(ServiceOrder.status == Status.SERVED, ServiceOrder.due_at <= at)
        .order_by(ServiceOrder.id)
        .limit(BATCH)
        .with_for_update(skip_locked=True, key_share=True)
    )
    orders = session.scalars(due).all()
    for order in orders:
        order.advance(Action.CLOSE_SILENT, by=SYSTEM, at=at)
        order.closed_at = at
        order.due_at = None
    return len(orders)


def remind_visits(session: Session, at: datetime) -> int:
    """Remind those who go, and the resident, before a visit begins; once for each time that was settled."""
    horizon = at + timedelta(hours=12)  # no centre reminds earlier
    due = (
        select(ServiceOrder)
        .where(
            ServiceOrder.status == Status.ACCEPTED,
            ServiceOrder.reminded_at.is_(None),
            ServiceOrder.visit_begins > at,
            ServiceOrder.visit_begins <= horizon,
        )
        .order_by(ServiceOrder.visit_begins)
        .limit(REMINDED_AT_ONCE)
        .with_for_update(skip_locked=True, key_share=True)
    )
    done = 0
    for order in session.scalars(due):
        before = timedelta(minutes=clocks_at(session, order.site_path, at).remind_minutes)
        if order.visit_begins is not None and order.visit_begins - at <= before:
            order.reminded_at = at
            telling.remind(session, order, order.visit_begins, at=at)
            done += 1
    return done


def drop_stray_photos(session: Session, at: datetime) -> int:
    """Forget photos that were kept for a form which was never accepted; their files are swept up afterwards."""
    attached = exists().where(OrderPhoto.photo_id == Photo.id)
    stray = select(Photo.id).where(Photo.stored_at <= at - STRAY, ~attached).order_by(Photo.id).limit(BATCH)
    ids = session.scalars(stray).all()
    session.execute(delete(Photo).where(Photo.id.in_(ids)))
    return len(ids)


def drop_holds(session: Session, at: datetime) -> int:
    """Drop holds whose time is over. Nobody minds one that stays: it only keeps the table small."""
    gone = session.execute(delete(Hold).where(Hold.until <= at))
    return gone.rowcount if isinstance(gone, CursorResult) else 0


def _go_on(session: Session, order: ServiceOrder, at: datetime) -> bool:
    """Go on with one order; one that cannot be gone on with must not keep the others waiting."""
    try:
        with session.begin_nested():
            lapsed = [offer for offer in order.offers if offer.state is OfferState.OPEN and offer.expires_at <= at]
            for offer in lapsed:
                close_offer(offer, OfferState.LAPSED, at)
            if order.status is Status.OFFERED:
                telling.tell_leaders(session, [o.team_id for o in lapsed], "offer_lapsed", {"number": order.number}, order, at=at)
                after_no(session, order, at)
    except (DomainError, SealBroken):
        log.exception("order %s cannot be passed on", order.number)
        return False
    return True
