"""Every night: entries that may be one person are looked for, and what still reached a merged entry is carried on."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String, cast, literal, select
from sqlalchemy.orm import Session

from volunteer.administration.merging import books, finding
from volunteer.administration.merging.models import Merge
from volunteer.ledger.models import Account

BATCH = 1  # its accounts are held in one transaction with nobody else's


def compare_people(session: Session, at: datetime) -> int:
    """Look for pairs among the next entries of the register; 0 when tonight's round is over."""
    return finding.compare_some(session, at)


def carry_on(session: Session, at: datetime) -> int:
    """Carry minutes and points that reached a merged entry after the merge (a refund, a record written late) to who stayed."""
    owner = literal("person:") + cast(Merge.gone_id, String)
    theirs = select(Account.id).where(Account.owner == owner, Account.balance > 0)
    waits = select(Merge).where(Merge.undone_at.is_(None), theirs.exists()).order_by(Merge.id).limit(BATCH)
    done = 0
    for merge in session.scalars(waits).all():
        done += bool(books.carry_minutes(session, merge, at=at) + books.carry_points(session, merge, at=at))
    return done
