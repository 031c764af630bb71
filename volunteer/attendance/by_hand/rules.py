"""Who may have a hand in hours written in afterwards, and how many there may be. No I/O, no clock."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from volunteer.accounts.humans import Hand, same_human
from volunteer.attendance.tariff import Stay, seconds_by_day
from volunteer.kernel.clock import local_date

DAY_MINUTES = 24 * 60
SHORTEST = timedelta(minutes=1)


class Tie(StrEnum):
    """Why somebody may not decide."""

    ASKED = "asked"  # they asked for it themselves
    OWN = "own"  # the hours would be theirs
    TEAM = "team"  # they lead the team that it is for


def tie_of(decider: Hand, asked_by: Hand, volunteer: Hand, *, leads: bool) -> Tie | None:
    """Return what keeps ``decider`` from deciding, None when they have no part in it. Any other account of theirs counts too."""
    if same_human(decider, volunteer):
        return Tie.OWN
    if same_human(decider, asked_by):
        return Tie.ASKED
    return Tie.TEAM if leads else None


def month_of(at: datetime, zone: ZoneInfo) -> date:
    """Return the first day of the local month in which ``at`` lies."""
    return local_date(at, zone).replace(day=1)


def is_past(limit: int, used: int, more: int) -> bool:
    """Return whether ``more`` minutes beside ``used`` pass a ``limit``; 0 limits nothing."""
    return bool(limit) and used + more > limit


def too_long_days(stay: Stay, others: Iterable[Stay], zone: ZoneInfo) -> list[date]:
    """Return the local days on which ``stay`` and everything else of one person would come to more than 24 hours.

    Overlap counts twice here, on purpose: whoever was in two places all day was in neither.
    """
    claimed: dict[date, float] = {}
    for one in (stay, *others):
        for day, seconds in seconds_by_day(one, zone):
            claimed[day] = claimed.get(day, 0) + seconds
    mine = {day for day, _ in seconds_by_day(stay, zone)}
    return sorted(day for day in mine if claimed[day] > DAY_MINUTES * 60)
