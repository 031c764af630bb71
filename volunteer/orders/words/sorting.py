"""Free words and the service that they mean: the resident's yes or no, and what staff settled.

What is kept of a correction is the order and the service, never a word: the words stay sealed in the order.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from volunteer.access import Actor
from volunteer.catalogue.models import ServiceItem
from volunteer.catalogue.queries import item_of_code
from volunteer.kernel.errors import Conflict, Invalid
from volunteer.kernel.words import N_
from volunteer.orders.lifecycle import Status
from volunteer.orders.models import ServiceOrder
from volunteer.orders.words.models_sorting import Sorting

SORTED = "sorted"  # a line of the diary


def settle_by_resident(session: Session, actor: Actor, order: ServiceOrder, code: str, *, at: datetime) -> ServiceOrder:
    """Say which service one's own words mean; "" means none of what was suggested. The order is locked and the actor's own.

    Staff still check it. The same answer twice changes nothing. Raises Conflict when staff have looked at it already.
    """
    row = session.get(Sorting, order.id)
    if row is not None and (order.item is None or order.item.code == code):
        return order
    if order.status is not Status.PLACED or order.item is not None:
        raise Conflict("order_wrong_status", N_("It is too late to change this. Please call us."))
    item = item_of_code(session, code, order.site_path) if code else None
    if code and item is None:
        raise Invalid.field("item", N_("This service is not on the menu any more. Please choose again."))

    session.add(Sorting(order_id=order.id, answer="yes" if item else "no", at=at))
    if item is not None:
        order.item = item
        order.write_down(SORTED, actor, at, item.name)
    return order


def answered(session: Session, order: ServiceOrder) -> bool:
    """Whether the resident has said already what they mean."""
    return session.get(Sorting, order.id) is not None


def keep_choice(session: Session, order: ServiceOrder, item: ServiceItem, *, at: datetime) -> None:
    """Keep which service staff settled for an order that was in free words, or was sorted otherwise before."""
    if order.words_sealed is None:
        return
    row = session.get(Sorting, order.id)
    if row is None:
        if item is order.item:
            return  # ordered from the menu, and it was right: the words say something else
        row = Sorting(order_id=order.id, answer="")
        session.add(row)
    row.item, row.at = item, at
