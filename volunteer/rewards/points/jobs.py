"""What goes on by itself around points: trials of rules are counted, wishes whose time is over are taken back."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from volunteer.access import SYSTEM
from volunteer.kernel.clock import local_date, zone_of
from volunteer.kernel.words import N_
from volunteer.rewards.points import trying, wishing
from volunteer.rewards.points.lifecycle import WishState
from volunteer.rewards.points.models import PointTrial, SmallWish

NOT_IN_TIME = N_("Not enough points in time.")


def try_rules(session: Session, at: datetime) -> int:
    """Go on with a trial of a draft, some people at a time. Returns how many."""
    session.execute(delete(PointTrial).where(PointTrial.done_at < at - trying.KEPT))
    return trying.go_on(session, at)


def end_wishes(session: Session, at: datetime) -> int:
    """Take back the next wish that was not full in time: every giver has their points again. Returns how many.

    One in a transaction: a wish is held before the accounts of its givers, so nobody waits in a ring.
    """
    today = local_date(at, zone_of(session))
    due = select(SmallWish.id).where(SmallWish.state == WishState.OPEN, SmallWish.until < today)
    number = session.scalar(due.order_by(SmallWish.id).limit(1))
    if number is None:
        return 0
    wishing.cancel(session, SYSTEM, number, NOT_IN_TIME, at=at)
    return 1
