"""Volunteers with booked hours, and those who award stars."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import count

from sqlalchemy.orm import Session

from tests.support import builders as make
from tests.support.builders import NOON
from volunteer.access import Actor, Role
from volunteer.ledger import book
from volunteer.ledger.models import Grade, Transfer, Unit
from volunteer.ledger.rules import issued_by, person
from volunteer.places.models import Site
from volunteer.recognition import reviewing
from volunteer.recognition.models import Eligibility
from volunteer.teams.models import Volunteer

_keys = count(1)


def book_minutes(
    session: Session,
    volunteer: Volunteer,
    minutes: int,
    *,
    grade: Grade | None = Grade.B,
    day: date | None = None,
    at: datetime = NOON,
) -> Transfer:
    """Minutes of service in somebody's book, as a visit would have left them."""
    return book.move(
        session, Unit.MINUTES, minutes, source=issued_by(volunteer.site_id, Unit.MINUTES), target=person(volunteer.id),
        reason="service", key=f"test:{next(_keys)}:minutes", at=at, day=day or at.date(), grade=grade,
    )  # fmt: skip


def as_volunteer(volunteer: Volunteer) -> Actor:
    return make.an_actor(volunteer.person, (Role.VOLUNTEER, volunteer.site))


def review_all(session: Session, at: datetime = NOON) -> int:
    """Run the whole review of a night; return how many were looked at."""
    looked = 0
    while batch := reviewing.review(session, at, batch=3):
        looked += batch
    return looked


class Stars:
    """A county with a volunteer whose hours reach one star, and three who may award."""

    def __init__(self, session: Session, minutes: int = 6_000) -> None:
        self.session = session
        self.centre, self.branch, self.station = make.a_county(session)
        self.admin = make.staff(session, Role.SITE_ADMIN, self.centre, "钱试")
        self.other = make.staff(session, Role.DIRECTOR, self.centre, "孙试")
        self.volunteer = make.a_volunteer(session, self.station, "陈星")
        if minutes:
            book_minutes(session, self.volunteer, minutes)

    @property
    def site(self) -> Site:
        return self.centre

    def proposals(self) -> list[Eligibility]:
        return self.session.query(Eligibility).filter_by(volunteer_id=self.volunteer.id).order_by(Eligibility.stars).all()

    def proposed(self, at: datetime = NOON) -> Eligibility:
        """The proposal of tonight's review."""
        review_all(self.session, at)
        (one,) = (row for row in self.proposals() if row.state == "proposed")
        return one


def nights(number: int) -> datetime:
    return NOON + timedelta(days=number)
