"""A draft of rules beside the version that holds, over the same hours: sums for one person, bands of change. No I/O here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from volunteer.ledger.models import Grade
from volunteer.ledger.point_rules import SoFar, Terms, bonus_for, capped, points_for, runs_out

BANDS = ("nothing", "new", "half_more", "more", "same", "less", "half_less", "lost")


@dataclass(frozen=True, slots=True)
class Hour:
    """Minutes that were booked once: what the rules ask about them. ``stars``: of a rating that shows, 0 without one."""

    minutes: int
    kind: str
    grade: Grade | None
    holiday: bool
    day: date
    about: str
    stars: int = 0


def earned(hours: Iterable[Hour], terms: Terms) -> dict[date, int]:
    """Return the points of one person by the first day of the month, caps and bonus included, in the order of days."""
    activity: dict[str, int] = {}
    by_day: dict[date, int] = {}
    by_month: dict[date, int] = {}
    for hour in sorted(hours, key=lambda one: one.day):
        month = hour.day.replace(day=1)
        for points in (points_for(hour.minutes, hour.kind, hour.grade, hour.holiday, terms), bonus_for(hour.stars, terms)):
            before = SoFar(activity.get(hour.about, 0), by_day.get(hour.day, 0), by_month.get(month, 0))
            given = capped(points, before, terms)
            activity[hour.about] = before.activity + given
            by_day[hour.day] = before.day + given
            by_month[month] = before.month + given
    return {month: points for month, points in by_month.items() if points}


def band(before: int, after: int) -> str:
    """Return how somebody's points change: by more than half, by more than a tenth, or not to speak of."""
    if not before:
        return "new" if after else "nothing"
    if not after:
        return "lost"
    if 2 * after >= 3 * before:
        return "half_more"
    if 10 * after > 11 * before:
        return "more"
    if 2 * after <= before:
        return "half_less"
    return "less" if 10 * after < 9 * before else "same"


def alive(months: Mapping[date, int], terms: Terms, today: date) -> int:
    """Return how many of the points would not have run out by ``today``, if nobody had spent any."""
    last = {month: runs_out(month, terms.months) for month in months}
    return sum(points for month, points in months.items() if (ends := last[month]) is None or ends >= today)
