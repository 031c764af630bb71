"""A shop that handed things over in February, and two who settle with it in March."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from tests.support import builders as make
from tests.support.builders import NOON
from tests.support.gifts import Street, a_street
from volunteer.access import Actor, Role
from volunteer.rewards.merchants import collecting, reserving
from volunteer.rewards.merchants.collecting import Shown
from volunteer.rewards.merchants.models import Redemption
from volunteer.rewards.settling import deciding, preparing
from volunteer.rewards.settling.models import Statement

FEBRUARY = date(2026, 2, 1)
IN_FEBRUARY = datetime(2026, 2, 10, 4, tzinfo=NOON.tzinfo)
HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Counter:
    """A street with its shop, and the two members of staff who approve."""

    street: Street
    first: Actor
    second: Actor

    @property
    def shop(self) -> int:
        return self.street.merchant.id

    @property
    def till(self) -> Actor:
        return self.street.till


def a_counter(session: Session, *, worth: bool = True, points: int = 400) -> Counter:
    """Ten points are worth a yuan here."""
    here = a_street(session, points=points, stock=50)
    first = make.staff(session, Role.DIRECTOR, here.centre, "赵试")
    second = make.staff(session, Role.SITE_ADMIN, here.centre, "钱试")
    if worth:
        made = preparing.propose_worth(
            session, first, here.centre.id, 10, 100, date(2026, 1, 1), at=IN_FEBRUARY - timedelta(days=30)
        )
        preparing.decide_worth(session, second, made.id, True, at=IN_FEBRUARY - timedelta(days=29))
    return Counter(here, first, second)


def hand_over(session: Session, here: Street, at: datetime = IN_FEBRUARY) -> Redemption:
    """One gift goes over the counter."""
    made = reserving.reserve(session, here.volunteer, here.gift.id, seen=here.gift.points or 0, at=at)
    return collecting.collect(session, here.till, Shown(code=made.code), at=at + timedelta(minutes=5))


def accepted(session: Session, counter: Counter, at: datetime = NOON) -> Statement:
    """A statement that the shop has agreed to."""
    made = preparing.prepare(session, counter.first, counter.shop, FEBRUARY, at=at)
    return deciding.accept(session, counter.till, made.id, made.digest, at=at)


def approved(session: Session, counter: Counter, at: datetime = NOON) -> Statement:
    """A statement that two have agreed to, too."""
    made = accepted(session, counter, at)
    for who in (counter.first, counter.second):
        deciding.approve(session, who, made.id, made.digest, at=at)
    return made
