"""Minutes and points of an entry that goes over: every single one is posted again, nothing is written over.

What still reaches the old account afterwards (a refund, a record written late) is carried on by the same steps each night.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from volunteer.administration.merging.models import Merge
from volunteer.ledger import book, points, queries
from volunteer.ledger.ageing import keep, lots_of
from volunteer.ledger.models import Transfer, Unit
from volunteer.ledger.origins import MERGE, key_of
from volunteer.ledger.rules import person

UNMERGE = "unmerge"


def carry_minutes(session: Session, merge: Merge, *, at: datetime) -> int:
    """Post every entry of minutes that stands once more, to the one who stays. Return how many minutes went over now."""
    source, target = person(merge.gone_id), person(merge.kept_id)
    done = _keys(session, f"{MERGE}:{merge.id}:")
    carried = 0
    for entry in queries.entries(session, source, Unit.MINUTES):
        key = key_of(merge.id, entry.id)
        if key in done:
            continue
        book.move(
            session, Unit.MINUTES, entry.amount, source=source, target=target, reason=MERGE, key=key, at=at,
            about=entry.about, day=entry.day, grade=entry.grade, policy_version=entry.policy_version,
        )  # fmt: skip
        carried += entry.amount
    return carried


def carry_points(session: Session, merge: Merge, *, at: datetime) -> int:
    """Post every lot of points that is left to the one who stays, with the day it was earned. Return how many went over now."""
    source, target = person(merge.gone_id), person(merge.kept_id)
    points.hold(session, source, target)  # lots are read from transfers that nobody adds to meanwhile
    done = len(_keys(session, f"{MERGE}:{merge.id}-points:"))
    carried = 0
    for number, lot in enumerate(lots_of(session, source), done):
        book.move(
            session, Unit.POINTS, lot.points, source=source, target=target, reason=MERGE,
            key=f"{MERGE}:{merge.id}-points:{number}", at=at, about=f"merge:{merge.id}", day=lot.born, policy_version=lot.version,
        )  # fmt: skip
        carried += lot.points
    keep(session, {source: merge.gone_id, target: merge.kept_id}, at)
    return carried


def give_back(session: Session, merge: Merge, note: str, *, at: datetime) -> int:
    """Take every posting of the merge back. Return how many points could not go back, because they were spent meanwhile."""
    found = select(Transfer).where(Transfer.reason == MERGE, Transfer.key.like(f"{MERGE}:{merge.id}:%")).order_by(Transfer.id)
    for transfer in session.scalars(found).all():
        book.reverse(session, transfer, note=note, at=at)  # doing it twice is harmless: one that was taken back before stays so
    source, target = person(merge.kept_id), person(merge.gone_id)
    points.hold(session, source, target)
    lots = select(Transfer).where(Transfer.reason == MERGE, Transfer.key.like(f"{MERGE}:{merge.id}-points:%"))
    short = 0
    for transfer in session.scalars(lots.order_by(Transfer.id)).all():
        left = queries.balance(session, source, Unit.POINTS)
        if left >= transfer.amount:
            book.reverse(session, transfer, note=note, at=at)
            continue
        short += transfer.amount - left
        if left:
            book.move(
                session, Unit.POINTS, left, source=source, target=target, reason=UNMERGE,
                key=f"{UNMERGE}:{merge.id}:{transfer.id}", at=at, about=transfer.about, day=transfer.day,
                policy_version=transfer.policy_version, note=note,
            )  # fmt: skip
    keep(session, {source: merge.kept_id, target: merge.gone_id}, at)
    return short


def _keys(session: Session, begin: str) -> frozenset[str]:
    return frozenset(session.scalars(select(Transfer.key).where(Transfer.key.like(f"{begin}%"))))
