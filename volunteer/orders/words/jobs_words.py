"""Learning at night what free words mean, from the menu, our own sentences and what staff settled.

The sealed words are opened with the keyring and trained from in memory; what is stored are numbers for pieces of text that our
own texts have or that several residents wrote. Who is forgotten is gone from the next model: their words no longer open.
"""

from __future__ import annotations

import logging
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from volunteer.catalogue.examples import examples
from volunteer.catalogue.models_words import WordModel
from volunteer.catalogue.sorting import Proof, Sorter, train
from volunteer.catalogue.suggesting import NEWEST
from volunteer.kernel.errands import Errand, leave
from volunteer.orders.words.queries_words import Lesson, lesson

MODELS = 3  # that are kept
log = logging.getLogger(__name__)


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
    session.flush()  # its id is compared below
    kept = session.scalars(select(WordModel.id).order_by(WordModel.id.desc()).limit(MODELS)).all()
    session.execute(delete(WordModel).where(WordModel.id.not_in(kept)))
