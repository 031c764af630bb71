"""What a story looks at again and again stays in memory while it is told: the session alone would forget it after each line."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import event
from sqlalchemy.orm import Session

from volunteer.accounts.models import Person
from volunteer.catalogue.models import ServiceItem
from volunteer.kernel.db import Base
from volunteer.ledger.models import Account
from volunteer.orders.models import Offer, ServiceOrder, Visitor
from volunteer.places.models import Site
from volunteer.teams.models import Team, Volunteer

OFTEN = (Account, Offer, Person, ServiceItem, ServiceOrder, Site, Team, Visitor, Volunteer)


@contextmanager
def remembered(session: Session) -> Iterator[None]:
    """Hold every row of these kinds that is read or written."""
    held: set[Base] = set()

    def hold(_session: Session, row: Base) -> None:
        if isinstance(row, OFTEN):
            held.add(row)

    moments = ("loaded_as_persistent", "pending_to_persistent")
    for moment in moments:
        event.listen(session, moment, hold)
    try:
        yield
    finally:
        for moment in moments:
            event.remove(session, moment, hold)
