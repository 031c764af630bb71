"""The week as 168 bits: bit 0 is Monday 0:00 to 1:00 local time, bit 167 Sunday 23:00 to 24:00."""

from __future__ import annotations

from datetime import datetime, timedelta

Week = int  # a plain int, so that two weeks meet in one `&`
HOURS = 168
ALL_WEEK: Week = (1 << HOURS) - 1


def hours_of_week(start: datetime, end: datetime) -> Week:
    """Return the hours of the week that the local interval [start, end) touches.

    Both are local times (only weekday, hour and their distance count). A week or longer touches every hour.
    Raises ValueError when the end is not after the start.
    """
    if end <= start:
        raise ValueError(f"the window ends before it begins: {start} to {end}")
    if end - start >= timedelta(days=7):
        return ALL_WEEK
    first = start.replace(minute=0, second=0, microsecond=0)
    count = -(-(end - first) // timedelta(hours=1))  # rounded up
    begin = first.weekday() * 24 + first.hour
    bits = ((1 << min(count, HOURS)) - 1) << begin
    return (bits | bits >> HOURS) & ALL_WEEK


def week_of(*spans: tuple[int, int, int]) -> Week:
    """Return the week of (weekday 0 to 6 from Monday, from hour, to hour) spans, such as (5, 8, 12) for Saturday mornings."""
    week = 0
    for weekday, begin, end in spans:
        if not (0 <= weekday <= 6 and 0 <= begin < end <= 24):
            raise ValueError(f"not hours of a week: {weekday}, {begin} to {end}")
        week |= ((1 << (end - begin)) - 1) << (weekday * 24 + begin)
    return week
