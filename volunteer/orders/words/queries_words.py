"""What there is to learn about free words: the menu, and what staff settled so far, its sealed words opened. Reads only."""

from __future__ import annotations

import hashlib
import logging
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from volunteer.catalogue.examples import MenuText, mark_of
from volunteer.catalogue.sorting import Example
from volunteer.catalogue.suggesting import menu_texts
from volunteer.kernel.crypto import SealBroken
from volunteer.orders.models import ServiceOrder
from volunteer.orders.words.models_sorting import Sorting

MOST = 2_000  # corrections that are learned from, the latest
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Lesson:
    """All that a model is trained from; ``digest`` names it."""

    digest: str
    menu: list[MenuText]
    corrections: list[Example]


def lesson(session: Session) -> Lesson:
    """Return the menu, our sentences, and what was settled about free words so far, unsealed."""
    menu = menu_texts(session)
    codes = {one.code for one in menu}
    found = (
        select(Sorting)
        .where(Sorting.item_id.is_not(None))
        .options(joinedload(Sorting.item), joinedload(Sorting.order).joinedload(ServiceOrder.resident))
        .order_by(Sorting.at.desc(), Sorting.order_id.desc())
        .limit(MOST)
    )
    corrections: list[Example] = []
    marks: list[tuple[int, str]] = []
    for row in session.scalars(found):
        words = _words(row.order)
        if words and row.item is not None and row.item.code in codes:
            corrections.append(Example(words, row.item.code, own=False, writer=row.order.resident_id))
            marks.append((row.order_id, row.item.code))
    digest = hashlib.sha256(repr((mark_of(menu), marks)).encode()).hexdigest()
    return Lesson(digest, menu, corrections)


def _words(order: ServiceOrder) -> str:
    try:
        return order.words or ""
    except SealBroken:
        log.warning("words of order %s do not open", order.id)
        return ""
