"""A good rating brings points to whoever served: when it shows and the minutes are booked, whichever comes last."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from volunteer.accounts.queries import selves_of
from volunteer.attendance import checking
from volunteer.ledger import points
from volunteer.orders.models import ServiceOrder
from volunteer.orders.models_rating import Rating
from volunteer.orders.turns import minutes_key, round_of


def thank(session: Session, order: ServiceOrder, rating: Rating, *, at: datetime) -> None:
    """Give the points of a rating that shows, for the turn of service that it is about. Doing it twice gives them once."""
    if order.served_at is None or rating.at < order.served_at:
        return  # reopened meanwhile: it is about those who came before
    present = selves_of(session, {row.volunteer_id for row in checking.attendances(session, round_of(order))})
    keys = [minutes_key(order, who) for several in present.values() for who in several]  # of a merged person: as it was booked
    points.praise(session, keys, rating.stars, at=at)
