"""From raw times to minutes that count, under the dated policy of a centre. No I/O, no clock.

There is no national rounding or daily cap (rules of the Ministry say only "actual service time"), so every figure here
is the centre's. What is raw is kept elsewhere and never changed by this.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from volunteer.kernel.clock import end_of_day, local_date
from volunteer.kernel.errors import Invalid
from volunteer.kernel.words import N_

LONGEST = timedelta(days=3)  # whatever is longer is a forgotten check-out
BREAK_AFTER = timedelta(hours=4)  # a stay longer than this has a break in it


class HoursTerms(Protocol):
    """What a centre's policy of hours says. All in minutes; ``rounding`` is "down", "nearest" or "up"; 0 caps nothing."""

    @property
    def round_to(self) -> int: ...
    @property
    def rounding(self) -> str: ...
    @property
    def max_per_activity(self) -> int: ...
    @property
    def max_per_day(self) -> int: ...
    @property
    def break_minutes(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Stay:
    """From when to when somebody was there. Raises Invalid when it ends before it begins, or after more than three days."""

    began: datetime
    ended: datetime

    def __post_init__(self) -> None:
        if self.ended < self.began:
            raise Invalid.field("ended_at", N_("The end cannot be before the beginning."))
        if self.ended - self.began > LONGEST:
            raise Invalid.field("ended_at", N_("This is longer than three days. Please say when you really left."))


@dataclass(frozen=True, slots=True)
class Counted:
    """A stay of the same person that was counted before, and how many minutes it brought."""

    stay: Stay
    minutes: int


def minutes_for(stay: Stay, before: Sequence[Counted], terms: HoursTerms, zone: ZoneInfo) -> int:
    """Return the whole minutes that ``stay`` adds to what one person was given for ``before``.

    Time that another stay covers already is not counted again. A break is taken off a stay of more than four hours.
    What is left is capped for each local day it touches (with what ``before`` brought on that day) and for the
    activity, then rounded; rounding up never passes a cap. What lies on the way is no service: who travels has not
    come yet. Raises nothing.
    """
    rest = _break_off(_without(stay, [counted.stay for counted in before]), stay, terms.break_minutes)
    given: dict[date, int] = {}
    for counted in before:
        _spread(counted, zone, given, terms.round_to)
    by_day: dict[date, float] = {}
    for piece in rest:
        for day, seconds in seconds_by_day(piece, zone):
            by_day[day] = by_day.get(day, 0) + seconds
    room = {day: _room(terms.max_per_day, given.get(day, 0), seconds) for day, seconds in by_day.items()}
    total = int(sum(min(seconds, room[day] * 60) for day, seconds in by_day.items()) // 60)
    most = sum(room.values()) if terms.max_per_day else None
    if terms.max_per_activity:
        total = min(total, terms.max_per_activity)
        most = terms.max_per_activity if most is None else min(most, terms.max_per_activity)
    rounded = _round(total, terms.round_to, terms.rounding)
    return rounded if most is None else min(rounded, most)


def suggested_end(began: datetime, usual_minutes: int, at: datetime) -> datetime:
    """Return what a form may suggest when the check-out was forgotten: the usual length, not later than ``at``.

    Only a suggestion: nothing is counted until the leader says when they left.
    """
    return min(began + timedelta(minutes=usual_minutes), at)


def looks_forgotten(began: datetime, usual_minutes: int, at: datetime) -> bool:
    """Return whether the check-out was probably forgotten: after three times the usual length, but at least four hours."""
    return at - began > max(timedelta(minutes=3 * usual_minutes), timedelta(hours=4))


def _room(cap: int, given: int, seconds: float) -> int:
    """Minutes that a day still has room for; without a cap, as many as were spent."""
    return max(0, cap - given) if cap else int(-(-seconds // 60))


def _round(minutes: int, step: int, rounding: str) -> int:
    if step <= 1:
        return minutes
    if rounding == "up":
        return -(-minutes // step) * step
    if rounding == "nearest":
        return (2 * minutes + step) // (2 * step) * step
    return minutes // step * step


def _without(stay: Stay, others: Iterable[Stay]) -> list[Stay]:
    """The parts of ``stay`` that no other stay covers, in order."""
    rest = [stay]
    for other in others:
        left: list[Stay] = []
        for piece in rest:
            if other.ended <= piece.began or other.began >= piece.ended:
                left.append(piece)
                continue
            if other.began > piece.began:
                left.append(Stay(piece.began, other.began))
            if other.ended < piece.ended:
                left.append(Stay(other.ended, piece.ended))
        rest = left
    return rest


def _break_off(rest: list[Stay], stay: Stay, break_minutes: int) -> list[Stay]:
    """Take the break off the end of what is left of a long stay."""
    to_go = timedelta(minutes=break_minutes) if stay.ended - stay.began > BREAK_AFTER else timedelta()
    left = list(rest)
    while left and to_go > timedelta():
        last = left.pop()
        length = last.ended - last.began
        if length > to_go:
            left.append(Stay(last.began, last.ended - to_go))
        to_go -= min(length, to_go)
    return left


def seconds_by_day(stay: Stay, zone: ZoneInfo) -> list[tuple[date, float]]:
    """Return the local days that a stay touches, with the seconds on each."""
    pieces: list[tuple[date, float]] = []
    began = stay.began
    while began < stay.ended:
        day = local_date(began, zone)
        until = min(stay.ended, end_of_day(day, zone))
        pieces.append((day, (until - began).total_seconds()))
        began = until
    return pieces


def _spread(counted: Counted, zone: ZoneInfo, given: dict[date, int], step: int) -> None:
    """Put what was counted before onto its days. Over midnight each day is charged with the most that it can have brought:
    which part a cap had cut is not known any more, and no day may pass its cap.
    """
    pieces = seconds_by_day(counted.stay, zone) or [(local_date(counted.stay.began, zone), 0.0)]
    for day, seconds in pieces:
        most = counted.minutes if len(pieces) == 1 else min(counted.minutes, int(-(-seconds // 60)) + max(step, 1) - 1)
        given[day] = given.get(day, 0) + most
