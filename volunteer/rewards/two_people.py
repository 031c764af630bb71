"""Whether two who decide are two people, and not one with two accounts."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy.orm import Session

from volunteer.attendance.by_hand.queries import hand_of
from volunteer.attendance.by_hand.rules import same_human


def same_person(session: Session, one: int | None, other: int | None) -> bool:
    """Return whether two accounts are, or share a phone or a document with, one human being."""
    if one is None or other is None:
        return False
    return same_human(hand_of(session, one), hand_of(session, other))


def is_among(session: Session, one: int | None, others: Iterable[int | None]) -> bool:
    """Return whether ``one`` is any of the others, under whatever account."""
    return any(same_person(session, one, other) for other in others)
