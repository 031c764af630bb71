"""The calendar of help that comes again: which days, at what time, what is left out. No I/O, no clock."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

LONGEST = timedelta(days=366 * 3)  # how far a rhythm is followed when nothing ends it
MOST_WEEKS = 8  # between two times
PLACED, SKIPPED, HOLIDAY, COMING, LOST = "placed", "skipped", "holiday", "coming", "lost"


@dataclass(frozen=True, slots=True)
class Rhythm:
    """Weekdays (Monday is 0) of every so many weeks, from a day on; minutes count from the local midnight."""

    weekdays: frozenset[int]
    every_weeks: int
    begins: date
    ends: date | None
    from_minute: int
    to_minute: int

    def falls_on(self, day: date) -> bool:
        """Whether ``day`` is one of its days. Weeks begin on Monday; the first is the one in which it begins."""
        if day < self.begins or (self.ends is not None and day > self.ends) or day.weekday() not in self.weekdays:
            return False
        return (_monday(day) - _monday(self.begins)).days // 7 % self.every_weeks == 0

    def days(self, since: date) -> Iterator[date]:
        """Return its days from ``since`` on, in order; for at most three years."""
        day = max(since, self.begins)
        last = min(self.ends or date.max, max(since, self.begins) + LONGEST)
        while day <= last:
            if self.falls_on(day):
                yield day
            day += timedelta(days=1)

    def window(self, day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """Return from when until when somebody may come on ``day``, by the clocks on the walls of ``zone``."""
        return _at(day, self.from_minute, zone), _at(day, self.to_minute, zone)


@dataclass(frozen=True, slots=True)
class Planned:
    """One day as a page shows it: placed, skipped, holiday, coming or lost; and why there is nothing on it."""

    day: date
    state: str
    name: str = ""


def plan(
    rhythm: Rhythm,
    since: date,
    *,
    decided: Mapping[date, str],
    holidays: Mapping[date, str],
    left: int | None,
    limit: int,
) -> list[Planned]:
    """Return the next ``limit`` days from ``since`` on.

    ``decided``: what became of days already; ``holidays``: days without service, by name; ``left``: how many more times it
    comes, None without end. A day that is skipped or a holiday does not use one up.
    """
    found: list[Planned] = []
    for day in rhythm.days(since):
        if len(found) == limit or (left is not None and left <= 0 and day not in decided):
            break
        if day in decided:
            found.append(Planned(day, decided[day], holidays.get(day, "")))
        elif day in holidays:
            found.append(Planned(day, HOLIDAY, holidays[day]))
        else:
            found.append(Planned(day, COMING))
            left = None if left is None else left - 1
    return found


def undecided(rhythm: Rhythm, since: date, until: date, decided: Collection[date]) -> Iterator[date]:
    """Return the days from ``since`` to ``until``, both included, about which nothing was decided yet."""
    for day in rhythm.days(since):
        if day > until:
            return
        if day not in decided:
            yield day


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _at(day: date, minute: int, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(minute // 60, minute % 60), tzinfo=zone)
