"""What a team can do and when, from what its members can: the rule behind ``team_skills`` and ``Team.hours``. No I/O."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

ALL_WEEK = (1 << 168) - 1
BEST = 2  # a team is as good at something as the mean of its best two


@dataclass(frozen=True, slots=True)
class Held:
    """A skill that a member has: how well (0 to 1), and whether and until when there is a licence."""

    proficiency: float
    licensed: bool
    licence_until: date | None

    def counts(self, day: date) -> bool:
        """Whether it may be used on ``day``: licensed work needs a licence that still holds."""
        return not self.licensed or (self.licence_until is not None and self.licence_until >= day)

    def until(self, insured: date) -> date:
        """Return the last day on which it may be used for risky work by somebody who is insured until ``insured``."""
        return min(insured, self.licence_until) if self.licensed and self.licence_until is not None else insured


def insured(members: Iterable[tuple[Mapping[int, Held], date | None]], day: date) -> tuple[date | None, dict[int, date]]:
    """Return until when an adult member is insured, and by skill id until when one who has it is.

    A member is what they can do, and the day to which they are insured: None for who is not, or is not known to be an adult.
    """
    last: date | None = None
    found: dict[int, date] = {}
    for held, until in members:
        if until is None:
            continue
        last = max(last or until, until)
        for skill_id, one in held.items():
            if one.counts(day):
                found[skill_id] = max(found.get(skill_id, one.until(until)), one.until(until))
    return last, found


def skills(members: Iterable[Mapping[int, Held]], day: date) -> dict[int, tuple[float, int]]:
    """Return by skill id how well the team covers it (0 to 1) and with how many members."""
    found: dict[int, list[float]] = {}
    for member in members:
        for skill_id, held in member.items():
            if held.counts(day):
                found.setdefault(skill_id, []).append(held.proficiency)
    return {skill_id: (_mean(sorted(levels)[-BEST:]), len(levels)) for skill_id, levels in found.items()}


def hours(members: Iterable[Iterable[tuple[int, int, int]]]) -> int:
    """Return the whole local hours of the week in which at least one member is willing: bit 0 is Monday 0:00.

    A member is (weekday from Monday 0, from minute, to minute) spans; one who said nothing is willing at any time.
    """
    week = 0
    for spans in members:
        said = list(spans)
        week |= ALL_WEEK if not said else 0
        for weekday, begins, ends in said:
            first, last = -(-begins // 60), ends // 60
            if last > first:
                week |= ((1 << (last - first)) - 1) << (weekday * 24 + first)
    return week & ALL_WEEK


def as_hex(week: int) -> str:
    """Return the week as it is stored: 42 hexadecimal digits."""
    return f"{week:042x}"


def _mean(levels: list[float]) -> float:
    return round(sum(levels) / len(levels), 4)
