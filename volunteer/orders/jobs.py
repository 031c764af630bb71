"""What goes on by itself: offers without an answer pass on, forgotten holds fall off. Small batches, safe to run twice."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Column, CursorResult, delete, exists, func, or_, select, union, update
from sqlalchemy.orm import Session, aliased

from volunteer.access import SYSTEM
from volunteer.attendance.models import Attendance
from volunteer.feedback.lifecycle import CaseStatus
from volunteer.feedback.models import Case
from volunteer.kernel.crypto import SealBroken
from volunteer.kernel.errors import DomainError
from volunteer.media.models import Photo
from volunteer.orders import telling
from volunteer.orders.afterwards import following, later
from volunteer.orders.households import standing
from volunteer.orders.households.lifecycle import StandingState
from volunteer.orders.households.models_standing import StandingOrder
from volunteer.orders.lifecycle import Action, OfferAction, OfferState, Status
from volunteer.orders.models import Hold, Offer, ServiceOrder, Visitor
from volunteer.orders.models_rating import RatingHold
from volunteer.orders.parts import wholes
from volunteer.orders.plans import batch_offering
from volunteer.orders.visits import absences, turnout
from volunteer.orders.visits.lifecycle import VisitorState
from volunteer.orders.visits.models_absences import Absence
from volunteer.orders.waves import passing_on
from volunteer.places.policies import clocks_at

BATCH = 20
LATELY = timedelta(days=3)  # so long after a visit its leader is asked about who did not check in
STRAY = timedelta(days=2)  # longer than a signed name of a kept photo lives
REMINDED_AT_ONCE = 100
SOONEST, LATEST = timedelta(minutes=1), timedelta(hours=1)  # until a job tries again what it could not do
SINCE = (  # the end of an order's first open offer
    select(func.min(Offer.expires_at))
    .where(Offer.order_id == ServiceOrder.id, Offer.state == OfferState.OPEN)
    .correlate(ServiceOrder)
    .scalar_subquery()
)
log = logging.getLogger(__name__)


def expire_offers(session: Session, at: datetime) -> int:
    """Mark offers that nobody answered in time and go on with their orders: the next team, or the desk above.

    Returns how many orders were looked after: the most overdue first. Orders that another worker has in hand are left to it;
    one with which nobody can go on is tried again later and later, so that it never stands before the others.
    """
    overdue = select(Offer.order_id).where(Offer.state == OfferState.OPEN, Offer.expires_at <= at)
    offered = aliased(ServiceOrder)
    waiting = exists().where(Offer.order_id == offered.id, Offer.state == OfferState.OPEN)
    stranded = select(offered.id).where(offered.status == Status.OFFERED, ~waiting)
    due = (
        select(ServiceOrder)
        .where(ServiceOrder.id.in_(union(overdue, stranded)))
        .where(ServiceOrder.stuck_until.is_(None) | (ServiceOrder.stuck_until <= at))
        .order_by(func.coalesce(SINCE, ServiceOrder.placed_at), ServiceOrder.id)
        .limit(BATCH)
        .with_for_update(skip_locked=True, key_share=True)
    )
    return sum(_go_on(session, order, at) for order in session.scalars(due).all())


def close_silent(session: Session, at: datetime) -> int:
    """Close orders whose rating never came within the centre's days. No rating is invented, and none is counted."""
    silent = (ServiceOrder.status == Status.SERVED, ServiceOrder.due_at <= at)
    first = select(ServiceOrder.id).where(*silent).order_by(ServiceOrder.id).limit(BATCH)
    wholes.hold_parts(session, *session.scalars(first).all())
    due = select(ServiceOrder).where(*silent).order_by(ServiceOrder.id).limit(BATCH)
    orders = session.scalars(due.with_for_update(skip_locked=True, key_share=True)).all()
    for order in orders:
        order.advance(Action.CLOSE_SILENT, by=SYSTEM, at=at)
        order.closed_at = at
        order.due_at = None
        wholes.close_parts(order, at)
        later.plan_question(session, order, at)
    return len(orders)


def ask_really_solved(session: Session, at: datetime) -> int:
    """Ask, some weeks after an order was closed, whether it is really solved; each resident once an order."""
    due = (
        select(ServiceOrder)
        .where(ServiceOrder.solved_ask_at <= at)
        .order_by(ServiceOrder.solved_ask_at, ServiceOrder.id)
        .limit(BATCH)
        .with_for_update(skip_locked=True, key_share=True)
    )
    orders = session.scalars(due).all()
    for order in orders:
        later.ask(session, order, at=at)
    return len(orders)


def show_ratings(session: Session, at: datetime) -> int:
    """Let low ratings count and show whose follow-up is closed, or has taken longer than the centre's days."""
    followed_up = exists().where(Case.id == RatingHold.case_id, Case.status == CaseStatus.CLOSED)
    due = (
        select(RatingHold.id)
        .where(RatingHold.released_at.is_(None), or_(RatingHold.until <= at, followed_up))
        .order_by(RatingHold.id)
        .limit(BATCH)
    )
    return sum(following.release(session, hold, at=at) for hold in session.scalars(due).all())


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


def place_standing(session: Session, at: datetime) -> int:
    """Place what is due of help that comes again. Each is looked at once a day, and whenever it was changed."""
    due = (
        select(StandingOrder)
        .where(StandingOrder.state != StandingState.ENDED, StandingOrder.look_at <= at)
        .order_by(StandingOrder.look_at, StandingOrder.id)
        .limit(BATCH)
        .with_for_update(skip_locked=True, key_share=True)
    )
    orders = session.scalars(due).all()
    for one in orders:
        try:
            with session.begin_nested():
                standing.place_due(session, one, at=at)
        except (DomainError, SealBroken):
            log.exception("standing order %s cannot be placed", one.id)
            one.look_at = at + standing.LOOK_AGAIN
    return len(orders)


def drop_stray_photos(session: Session, at: datetime) -> int:
    """Forget photos that were kept for a form which was never accepted; their files are swept up afterwards."""
    attached = or_(*(exists().where(column == Photo.id) for column in _photo_columns()))
    stray = select(Photo.id).where(Photo.stored_at <= at - STRAY, ~attached).order_by(Photo.id).limit(BATCH)
    ids = session.scalars(stray).all()
    session.execute(delete(Photo).where(Photo.id.in_(ids)))
    return len(ids)


def _photo_columns() -> list[Column[Any]]:
    """Every column of any table that points at a photo, so that nobody's photo is forgotten here."""
    photo = Photo.metadata.tables["photos"]
    columns = (column for table in Photo.metadata.sorted_tables for column in table.columns)
    return [column for column in columns if any(key.references(photo) for key in column.foreign_keys)]


def lapse_calls(session: Session, at: datetime) -> int:
    """Go on to the next where somebody who was asked to step in did not answer in time."""
    overdue = select(Visitor.order_id).where(Visitor.state == VisitorState.ASKED, Visitor.until <= at)
    due = select(ServiceOrder).where(ServiceOrder.id.in_(overdue)).order_by(ServiceOrder.id).limit(BATCH)
    orders = session.scalars(due.with_for_update(skip_locked=True, key_share=True)).all()
    return sum(turnout.lapse_call(session, order, at) for order in orders)


def propose_absences(session: Session, at: datetime) -> int:
    """Ask leaders about members who were to go and did not check in. Nothing is opened and nobody else is told."""
    there = exists().where(
        Attendance.volunteer_id == Visitor.volunteer_id,
        Attendance.about.like("order:%"),
        Attendance.left_at == ServiceOrder.served_at,
    )
    asked = exists().where(Absence.order_id == Visitor.order_id, Absence.volunteer_id == Visitor.volunteer_id)
    missing = (
        select(Visitor)
        .join(ServiceOrder, ServiceOrder.id == Visitor.order_id)
        .where(
            Visitor.state == VisitorState.GOING,
            ServiceOrder.team_id.is_not(None),
            ServiceOrder.served_at > at - LATELY,
            ServiceOrder.status.in_((Status.SERVED, Status.CLOSED)),
            ~there,
            ~asked,
        )
        .order_by(Visitor.order_id, Visitor.volunteer_id)
        .limit(BATCH)
    )
    found = session.scalars(missing).all()
    for visitor in found:
        absences.propose(session, visitor.order, visitor, at)
        telling.tell_team_leaders(session, visitor.order, "absence_proposed", at=at)
    return len(found)


def ask_waiting(session: Session, at: datetime) -> int:
    """Go on with orders that waited for the morning."""
    return passing_on.ask_waiting(session, at)


def drop_holds(session: Session, at: datetime) -> int:
    """Drop holds whose time is over. Nobody minds one that stays: it only keeps the table small."""
    gone = session.execute(delete(Hold).where(Hold.until <= at))
    return gone.rowcount if isinstance(gone, CursorResult) else 0


def plan_boards(session: Session, at: datetime) -> int:
    """Work on plans for whole boards, a small piece at a time: those that wait, those whose planner died, offers to be made."""
    return batch_offering.step(session, at=at)


def _go_on(session: Session, order: ServiceOrder, at: datetime) -> bool:
    """Go on with one order; one that cannot be gone on with must not keep the others waiting."""
    try:
        with session.begin_nested():
            lapsed = [offer for offer in order.offers if offer.state is OfferState.OPEN and offer.expires_at <= at]
            for offer in lapsed:
                offer.advance(OfferAction.LAPSE, at)
            if order.status is Status.OFFERED:
                telling.tell_leaders(session, [o.team_id for o in lapsed], "offer_lapsed", {"number": order.number}, order, at=at)
                passing_on.after_no(session, order, at)
    except (DomainError, SealBroken):
        log.exception("order %s cannot be passed on", order.number)
        overdue = at - min(
            (offer.expires_at for offer in order.offers if offer.state is OfferState.OPEN), default=order.placed_at
        )
        again = at + min(max(overdue, SOONEST), LATEST)  # each time twice as long overdue
        session.execute(update(ServiceOrder).where(ServiceOrder.id == order.id).values(stuck_until=again))
        return False
    return True
