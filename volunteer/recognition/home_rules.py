"""每户每月一小时: which days count for which home, and how a month stands against its goal. Pure."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

FEW = 5  # below so many homes no share is shown: it would speak of single families
STATEMENT_DAY = 15  # of the month after: by then the records of a month are written (ten working days)


@dataclass(frozen=True, slots=True)
class Month:
    """A calendar month by its days, both included."""

    first: date
    last: date

    @property
    def before(self) -> Month:
        """The month before."""
        return month_of(self.first - timedelta(days=1))


@dataclass(frozen=True, slots=True)
class Stay:
    """Somebody in a home from a day to a day, both included; ``until`` None: still."""

    home_id: int
    person_id: int
    since: date
    until: date | None

    def covers(self, day: date) -> bool:
        """Whether they were in the home on ``day``."""
        return self.since <= day and (self.until is None or day <= self.until)


def month_of(day: date) -> Month:
    """Return the month of a day."""
    return Month(day.replace(day=1), day.replace(day=monthrange(day.year, day.month)[1]))


def minutes_by_home(stays: Iterable[Stay], served: Iterable[tuple[int, date, int]]) -> dict[int, int]:
    """Return each home's minutes: (person, day, minutes) counts for the home that the person was in on that day, and once.

    Whoever moved on the same day counts for the home that they left last: a day belongs to one home.
    """
    by_person: dict[int, list[Stay]] = {}
    total: dict[int, int] = {}
    for stay in stays:
        by_person.setdefault(stay.person_id, []).append(stay)
        total.setdefault(stay.home_id, 0)
    for person_id, day, minutes in served:
        there = [stay for stay in by_person.get(person_id, ()) if stay.covers(day)]
        if there:
            total[min(there, key=lambda stay: (stay.since, stay.home_id)).home_id] += minutes
    return {home_id: max(minutes, 0) for home_id, minutes in total.items()}


def share_of(minutes: int, goal: int) -> float:
    """Return how much of the goal is reached, 0 to 1."""
    return min(minutes / goal, 1.0) if goal else 1.0


def share_reached(homes: int, reached: int) -> float | None:
    """Return the share of homes that reached their goal; None where they are too few to speak of."""
    return reached / homes if homes >= FEW else None


def statement_month(today: date) -> Month:
    """Return the latest month whose statement may be written: the one before from the 15th on, the one before that until then."""
    before = month_of(today).before
    return before if today.day >= STATEMENT_DAY else before.before
