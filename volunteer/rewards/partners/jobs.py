"""Calls that wait, reservations that ran out, what hangs overnight, and yesterday's lists."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from volunteer.kernel.clock import local_date, zone_of
from volunteer.kernel.db import lock
from volunteer.kernel.errands import Errand, leave
from volunteer.kernel.signing import TOLERANCE
from volunteer.rewards.partners import answering, calls, exchanging, reconciling
from volunteer.rewards.partners.lifecycle import Sender, Status
from volunteer.rewards.partners.models import CallKind, Exchange, Partner, PartnerAnswer, PartnerCall, PartnerSeen

ANSWERS_KEPT = timedelta(days=90)
CALLS_KEPT = timedelta(days=400)


def send_calls(session: Session, at: datetime) -> int:
    """Take one batch of due calls; the calling itself is left as errands for after the transaction."""
    parcels = calls.claim(session, at=at)
    for parcel in parcels:
        leave(session, Errand(parcel.go, partial(_settle, parcel.call_id)))
    return len(parcels)


def _settle(call_id: int, session: Session, outcome: Any, at: datetime) -> None:
    answering.settle(session, call_id, outcome, at)


def expire_exchanges(session: Session, at: datetime) -> int:
    """End the next transfer that nobody confirmed in time. Returns how many.

    One in a transaction: it is held before the person's account, so nobody waits in a ring.
    """
    ends = (Exchange.status == Status.HELD) | ((Exchange.status == Status.RESERVED) & (Exchange.sender == Sender.PARTNER))
    number = session.scalar(select(Exchange.id).where(ends, Exchange.expires_at <= at).order_by(Exchange.id).limit(1))
    if number is None:
        return 0
    exchanging.expire(session, lock(session, Exchange, number), at=at)
    return 1


def ask_about_open(session: Session, at: datetime) -> int:
    """Every night: ask the partner about what has been open for too long and has no call under way. Changes nothing itself."""
    waiting = select(PartnerCall.exchange_id).where(PartnerCall.exchange_id.is_not(None), PartnerCall.due_at.is_not(None))
    hanging = (
        Exchange.status == Status.RESERVED,
        Exchange.sender == Sender.CENTRE,
        Exchange.made_at < at - reconciling.HANGS,
        Exchange.id.not_in(waiting),
    )
    for exchange in session.scalars(select(Exchange).where(*hanging).order_by(Exchange.id).limit(500)):
        reconciling.ask_state(session, exchange, at=at)
    return 0


def ask_for_lists(session: Session, at: datetime) -> int:
    """Every night: ask each open partner for its lists of yesterday and of the day before, once."""
    today = local_date(at, zone_of(session))
    for partner in session.scalars(select(Partner).where(Partner.active, Partner.refused_at.is_(None), Partner.address != "")):
        for days in (1, 2):
            reconciling.ask_day(session, partner, today - timedelta(days=days), at=at)
    return 0


def forget_calls(session: Session, at: datetime) -> int:
    """Drop signatures whose time has passed, answers that nobody asks for again, and calls of long ago."""
    session.execute(delete(PartnerSeen).where(PartnerSeen.at < at - 3 * TOLERANCE))
    session.execute(delete(PartnerAnswer).where(PartnerAnswer.at < at - ANSWERS_KEPT))
    session.execute(delete(PartnerCall).where(PartnerCall.due_at.is_(None), PartnerCall.made_at < at - CALLS_KEPT))
    lists = (PartnerCall.kind == CallKind.DAY, PartnerCall.answered_at < at - ANSWERS_KEPT)
    session.execute(delete(PartnerCall).where(*lists))
    return 0
