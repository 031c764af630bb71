"""The record is due so many working days after the service (ten by Order 67, art. 11). No I/O, no clock."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

SATURDAY = 5


def works(day: date, calendar: Mapping[date, bool]) -> bool:
    """Return whether ``day`` is worked: as the centre's calendar says, else Monday to Friday."""
    return calendar.get(day, day.weekday() < SATURDAY)


def working_days_left(served: date, today: date, calendar: Mapping[date, bool], allowed: int) -> int:
    """Return how many of the ``allowed`` working days remain for a record of what was done on ``served``.

    Equals ``allowed`` on the day of the service, 0 on the last day, and is negative when it is late.
    """
    if today <= served:
        return allowed
    gone = sum(works(served + timedelta(days=after), calendar) for after in range(1, (today - served).days + 1))
    return allowed - gone
