"""Learning at night what free words mean, from the menu, our own sentences and what staff settled.

The sealed words are opened with the keyring and trained from in memory; what is stored are numbers for pieces of text that our
own texts have or that several residents wrote. Who is forgotten is gone from the next model: their words no longer open.
"""

from __future__ import annotations

import hashlib
import logging
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session, joinedload

from volunteer.catalogue.examples import MenuText, examples, mark_of
from volunteer.catalogue.models_words import WordModel
from volunteer.catalogue.sorting import Example, Proof, Sorter, train
from volunteer.catalogue.suggesting import NEWEST, menu_texts
from volunteer.kernel.crypto import SealBroken
from volunteer.kernel.errands import Errand, leave
from volunteer.orders.models import ServiceOrder
from volunteer.orders.models_sorting import Sorting

MOST = 2_000  # corrections that are learned from, the latest
MODELS = 3  # that are kept
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


def learn_words(session: Session, at: datetime) -> int:
    """Train a new model when there is something new to learn from: outside this transaction, so that nobody waits for it."""
    learned = lesson(session)
    if not learned.menu or session.scalar(NEWEST) == learned.digest:
        return 0
    leave(session, Errand(partial(_train, learned), partial(_store, learned.digest, len(learned.corrections))))
    return 0


def _train(learned: Lesson) -> tuple[bytes, Proof]:
    given = [*examples(learned.menu), *learned.corrections]
    sorter, proof = train(given, {one.code: one.category for one in learned.menu})
    return sorter.dump(), proof


def _store(digest: str, corrections: int, session: Session, outcome: Any, at: datetime) -> None:
    if isinstance(outcome, Exception):
        log.error("free words were not learned: %s", type(outcome).__name__)
        return
    data, proof = outcome
    Sorter.load(data)  # what cannot be read again is never stored
    session.execute(delete(WordModel).where(WordModel.digest == digest))
    session.add(
        WordModel(
            digest=digest,
            made_at=at,
            sentences=proof.sentences,
            corrections=corrections,
            first=proof.first,
            among_three=proof.among_three,
            calibration=proof.calibration,
            data=data,
        )
    )
    session.flush()
    kept = session.scalars(select(WordModel.id).order_by(WordModel.id.desc()).limit(MODELS)).all()
    session.execute(delete(WordModel).where(WordModel.id.not_in(kept)))


def _words(order: ServiceOrder) -> str:
    try:
        return order.words or ""
    except SealBroken:
        log.warning("words of order %s do not open", order.id)
        return ""
