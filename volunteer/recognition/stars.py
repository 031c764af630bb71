"""How far hours carry towards the next star, and from when to when a notice hangs. No I/O here.

Hours make a person eligible; the award itself is an act with a body, a day and a public notice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from volunteer.ledger.models import Grade
from volunteer.ledger.rules import counts


@dataclass(frozen=True, slots=True)
class Progress:
    """``stars`` reached, the ``share`` (0–1) of the way from there to the ``next`` star, the minutes still ``left``."""

    stars: int
    share: float
    next: int | None  # None: all stars are reached
    left: int


@dataclass(frozen=True, slots=True)
class Notice:
    """The local days of a public notice, both included; ``until`` before ``begins``: there is none."""

    begins: date
    until: date

    def is_over(self, today: date) -> bool:
        """Whether nobody can object any more."""
        return today > self.until


@dataclass(frozen=True, slots=True)
class Proposal:
    """What the review makes of one volunteer: the star to propose, None when none is new."""

    stars: int
    propose: int | None


def progress(minutes: int, thresholds: Sequence[int]) -> Progress:
    """Return where ``minutes`` of service stand among ``thresholds`` (rising, in minutes)."""
    stars = reached(minutes, thresholds)
    if stars == len(thresholds):
        return Progress(stars, 1.0, None, 0)
    begin, end = (thresholds[stars - 1] if stars else 0), thresholds[stars]
    return Progress(stars, max(minutes - begin, 0) / (end - begin), stars + 1, end - minutes)


def reached(minutes: int, thresholds: Sequence[int]) -> int:
    """Return how many of ``thresholds`` are reached."""
    return sum(minutes >= threshold for threshold in thresholds)


def counted(by_grade: Mapping[Grade | None, int], weakest: str) -> int:
    """Return the minutes of those grades that count where ``weakest`` is the weakest that does; no grade counts as D."""
    return sum(minutes for grade, minutes in by_grade.items() if counts(grade or Grade.D, weakest))


def proposal(minutes: int, thresholds: Sequence[int], held: int, *, active: bool) -> Proposal:
    """Return what to propose for somebody with ``minutes`` who holds ``held`` stars: the highest star alone, and only upward."""
    stars = reached(minutes, thresholds)
    return Proposal(stars, stars if active and stars > held else None)


def notice_of(day: date, days: int) -> Notice:
    """Return the notice from the day of an award to ``days`` whole days after it; with 0 days it is over at once."""
    return Notice(day, day + timedelta(days=days) if days else day - timedelta(days=1))
