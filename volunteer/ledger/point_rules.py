"""What service is worth in 积分: weights and caps as whole numbers. No I/O here, and no fractions that a machine rounds.

A weight is in thousandths: 1500 counts one and a half. All weights are multiplied first and divided once at the end,
rounded down, so nobody gets a point for the rounding of a point.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import date
from typing import Any

from volunteer.ledger.models import Grade

ONE = 1000  # a weight that changes nothing
HOUR = 60
HEAVIEST = 10_000  # ten times
MOST = 100_000  # of any cap, and of points for an hour
LONGEST = 120  # months until points run out
STARS = ("3", "4", "5")  # a rating below never brings points
PREFIX = "points:"


@dataclass(frozen=True, kw_only=True)
class Terms:
    """One version of a centre's rule of points. A cap, a limit or a number of months of 0 says that there is none."""

    per_hour: int = 10  # points for an hour whose weights are all one
    categories: Mapping[str, int] = field(default_factory=dict)  # weight by class of service; others count one
    grades: Mapping[str, int] = field(default_factory=dict)  # weight by evidence; others count one
    holiday: int = ONE  # weight on a day off
    bonus: Mapping[str, int] = field(default_factory=dict)  # points for a rating of so many stars
    per_activity: int = 0
    per_day: int = 0
    per_month: int = 0
    months: int = 24  # whole months after the month in which they were booked
    warn_days: tuple[int, ...] = (60, 14)  # before they run out
    give_day: int = 200  # points that one person may give away
    give_month: int = 1000
    alone: int = 500  # points of a pool that one person may spend on a wish; above it takes two. A cap of 0: always two
    wish_most: int = 2000  # points that one wish may want

    @classmethod
    def read(cls, values: Mapping[str, Any]) -> Terms:
        """Return stored values as terms; names of another version of the programme are left out."""
        known = {one.name for one in fields(cls)}
        found = {name: value for name, value in values.items() if name in known}
        if "warn_days" in found:
            found["warn_days"] = tuple(found["warn_days"])
        return cls(**found)

    def stored(self) -> dict[str, Any]:
        """Return the terms as they are stored."""
        return asdict(self) | {"warn_days": list(self.warn_days)}


@dataclass(frozen=True, slots=True)
class SoFar:
    """What somebody was given before: for the same activity, on the same day, in the same month."""

    activity: int = 0
    day: int = 0
    month: int = 0

    def plus(self, points: int) -> SoFar:
        """Return the same with ``points`` more for this activity, day and month."""
        return SoFar(self.activity + points, self.day + points, self.month + points)


def points_for(minutes: int, kind: str, grade: Grade | None, holiday: bool, terms: Terms) -> int:
    """Return the points of ``minutes`` of service of a class (``kind``), rounded down once; caps are another step.

    minutes × points an hour × weight of the class × of the grade × of a day off ÷ (60 × 1000³).
    """
    if minutes <= 0:
        return 0
    weight = terms.categories.get(kind, ONE) * terms.grades.get(grade.value if grade else "", ONE)
    weight *= terms.holiday if holiday else ONE
    return minutes * terms.per_hour * weight // (HOUR * ONE**3)


def bonus_for(stars: int, terms: Terms) -> int:
    """Return the points of a rating; caps are another step."""
    return terms.bonus.get(str(stars), 0) if str(stars) in STARS else 0


def capped(points: int, before: SoFar, terms: Terms) -> int:
    """Return how much of ``points`` the caps leave, after what was given before."""
    for cap, used in ((terms.per_activity, before.activity), (terms.per_day, before.day), (terms.per_month, before.month)):
        if cap:
            points = min(points, cap - used)
    return max(points, 0)


def runs_out(born: date, months: int) -> date | None:
    """Return the last day of points booked on ``born``: the end of the month so many months later. None: they never do."""
    if not months:
        return None
    months += born.year * 12 + born.month  # the month after the last one
    return date.fromordinal(date(months // 12, months % 12 + 1, 1).toordinal() - 1)


def version_of(rule_id: int) -> str:
    """Return what a transfer says of the rule it was counted by: "points:7"."""
    return f"{PREFIX}{rule_id}"


def rule_of(version: str) -> int | None:
    """Return the rule that a transfer names, None for another kind of version."""
    number = version.removeprefix(PREFIX)
    return int(number) if version.startswith(PREFIX) and number.isascii() and number.isdecimal() else None
