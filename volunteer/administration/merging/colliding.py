"""What both entries have and only one may keep: a household, and how often a benefit was handed out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from volunteer.administration.merging import moves
from volunteer.administration.merging.models import Merge
from volunteer.kernel.clock import local_date, zone_of
from volunteer.kernel.errors import Conflict
from volunteer.kernel.words import N_
from volunteer.recognition.lifecycle import SEATS, HomeState, SeatAction
from volunteer.recognition.models_benefits import BenefitCount
from volunteer.recognition.models_homes import HomeMember


def must_not_live_twice(session: Session, kept_id: int, gone_id: int) -> None:
    """Raise Conflict when the two live in different households: only the person knows which it is."""
    homes = {one.person_id: one.home_id for one in _living(session, kept_id, gone_id)}
    if len(set(homes.values())) == 2:
        raise Conflict("two_homes", N_("The two entries are in different households. Let one of them leave its household first."))


def settle(session: Session, row: Merge, *, at: datetime) -> None:
    """Keep one seat in a household that both are in, and add up what each was handed out of a benefit."""
    living = {one.person_id: one for one in _living(session, row.kept_id, row.gone_id)}
    if len(living) == 2:
        leaving = living[row.gone_id]
        moves.set_value(session, row, leaving, "until", local_date(at, zone_of(session)))
        moves.set_value(session, row, leaving, "state", SEATS.next(leaving.state, SeatAction.LEAVE))
    mine = {(one.benefit_id, one.period): one for one in _counts(session, row.kept_id)}
    for other in _counts(session, row.gone_id):
        own = mine.get((other.benefit_id, other.period))
        if own is not None:
            moves.set_value(session, row, own, "used", own.used + other.used)


def _living(session: Session, *people: int) -> Sequence[HomeMember]:
    found = select(HomeMember).where(HomeMember.person_id.in_(people), HomeMember.state == HomeState.MEMBER)
    return session.scalars(found.order_by(HomeMember.id)).all()


def _counts(session: Session, volunteer_id: int) -> Sequence[BenefitCount]:
    found = select(BenefitCount).where(BenefitCount.volunteer_id == volunteer_id)
    return session.scalars(found.order_by(BenefitCount.benefit_id, BenefitCount.period)).all()
