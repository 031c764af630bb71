"""May this member go on this visit, and if not, why not. No I/O, no clock.

What the law asks is never waived: a licence in date for licensed work, insurance and adults for dangerous work
(志愿服务条例 art. 16, 17). Weekly hours are only what a member said in general: whoever agreed to this very time may go.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from volunteer.kernel.geo import Point, geodesic_metres
from volunteer.kernel.words import N_

ADULT = 18
METRES_PER_MINUTE = 20_000 / 60  # about the town: 20 km in an hour as the crow flies
SETTLING = timedelta(minutes=5)  # to find the door, and to leave
NEXT_DOOR = 150.0  # metres within which nobody travels
DAY_MINUTES = 24 * 60


class Obstacle(StrEnum):
    """What keeps a member from going."""

    NO_SKILL = "no_skill"
    NO_LICENCE = "no_licence"
    NOT_INSURED = "not_insured"
    NOT_ADULT = "not_adult"
    PAUSED = "paused"
    OUT_OF_HOURS = "out_of_hours"
    OVERLAP = "overlap"
    TRAVEL = "travel"


WORDS = {
    Obstacle.NO_SKILL: N_("lacks the skill"),
    Obstacle.NO_LICENCE: N_("has no licence that is in date"),
    Obstacle.NOT_INSURED: N_("is not insured for risky work"),
    Obstacle.NOT_ADULT: N_("is not known to be an adult, and the work is risky"),
    Obstacle.PAUSED: N_("is taking a break"),
    Obstacle.OUT_OF_HOURS: N_("is usually not free then"),
    Obstacle.OVERLAP: N_("is on another visit then"),
    Obstacle.TRAVEL: N_("cannot get there in time from another visit"),
}
WAIVABLE = frozenset({Obstacle.OUT_OF_HOURS})


@dataclass(frozen=True, slots=True)
class Visit:
    """Another promise of the same member: from when to when, and where."""

    begins: datetime
    ends: datetime
    point: Point


@dataclass(frozen=True, slots=True)
class Task:
    """What is to be done. ``skills`` are codes; ``licensed`` those of them that the law wants a licence for."""

    skills: frozenset[str]
    licensed: frozenset[str]
    risky: bool
    begins: datetime
    ends: datetime
    point: Point


@dataclass(frozen=True, slots=True)
class Member:
    """What is known about a member. ``skills``: code → end of the licence, None without one.

    ``hours``: (weekday, from minute, to minute) of the local week, Monday 0; empty when nothing was said.
    """

    id: int
    skills: Mapping[str, date | None]
    born_on: date | None = None
    insured_until: date | None = None
    paused_until: date | None = None
    hours: tuple[tuple[int, int, int], ...] = ()
    visits: tuple[Visit, ...] = ()


def obstacles(member: Member, task: Task, zone: ZoneInfo) -> list[Obstacle]:
    """Return everything that keeps ``member`` from ``task``, in the order of WORDS; empty when they may go."""
    day = task.begins.astimezone(zone).date()
    last = task.ends.astimezone(zone).date()
    found: list[Obstacle] = []
    if task.skills and not usable(member, task, last):
        found.append(Obstacle.NO_LICENCE if task.skills & member.skills.keys() else Obstacle.NO_SKILL)
    if task.risky and (member.insured_until is None or member.insured_until < last):
        found.append(Obstacle.NOT_INSURED)
    if task.risky and (member.born_on is None or years_old(member.born_on, day) < ADULT):
        found.append(Obstacle.NOT_ADULT)
    if member.paused_until is not None and member.paused_until >= day:
        found.append(Obstacle.PAUSED)
    if member.hours and not _willing(member.hours, task.begins.astimezone(zone), task.ends.astimezone(zone)):
        found.append(Obstacle.OUT_OF_HOURS)
    if any(overlaps(visit, task) for visit in member.visits):
        found.append(Obstacle.OVERLAP)
    elif any(too_close(visit, task) for visit in member.visits):
        found.append(Obstacle.TRAVEL)
    return found


def usable(member: Member, task: Task, day: date) -> frozenset[str]:
    """Return the wanted skills that the member may use on ``day``: held, and licensed where the law wants it."""
    held = task.skills & member.skills.keys()
    return frozenset(skill for skill in held if skill not in task.licensed or _in_date(member.skills[skill], day))


def uncovered(members: Iterable[Member], task: Task, zone: ZoneInfo) -> frozenset[str]:
    """Return the wanted skills that nobody of those who go brings: each brings one, together they bring all."""
    day = task.ends.astimezone(zone).date()
    return task.skills.difference(*(usable(member, task, day) for member in members))


def overlaps(visit: Visit, task: Task) -> bool:
    """Return whether two promises share time."""
    return visit.begins < task.ends and task.begins < visit.ends


def too_close(visit: Visit, task: Task) -> bool:
    """Return whether the time between two promises is shorter than the way from one to the other."""
    gap = max(task.begins - visit.ends, visit.begins - task.ends)
    return gap < travel_time(visit.point, task.point)


def travel_time(one: Point, other: Point) -> timedelta:
    """Return how long the way takes: the straight line at 20 km/h and five minutes, in whole minutes; nothing next door."""
    metres = geodesic_metres(one, other)
    if metres <= NEXT_DOOR:
        return timedelta()
    return SETTLING + timedelta(minutes=math.ceil(metres / METRES_PER_MINUTE))


def years_old(born_on: date, day: date) -> int:
    """Return the completed years of age on ``day``."""
    return day.year - born_on.year - ((day.month, day.day) < (born_on.month, born_on.day))


def _in_date(until: date | None, day: date) -> bool:
    return until is not None and until >= day


def _willing(hours: Sequence[tuple[int, int, int]], begins: datetime, ends: datetime) -> bool:
    """Whether weekly hours cover the local time [begins, ends), over midnight and over Sunday night too."""
    start = begins.weekday() * DAY_MINUTES + begins.hour * 60 + begins.minute
    length = math.ceil((ends - begins).total_seconds() / 60)
    week = 7 * DAY_MINUTES
    if length > week:
        return False
    spans = sorted((weekday * DAY_MINUTES + begin + turn * week, weekday * DAY_MINUTES + end + turn * week)
                   for weekday, begin, end in hours for turn in (0, 1))  # fmt: skip
    reached = start
    for begin, end in spans:
        if begin <= reached < end:
            reached = end
    return reached >= start + length
