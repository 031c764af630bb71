"""May this member go on this visit, and if not, why not. No I/O, no clock.

What the law asks is never waived: a licence in date for licensed work, insurance and adults for dangerous work, nobody
under age alone (志愿服务条例 art. 16, 17). What a member once said about hours, kinds and distance is a wish: whoever agreed
to this very visit may go, for people are asked and never sent (art. 25). A break and days off are a no that was said.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from volunteer.kernel.clock import local_date
from volunteer.kernel.geo import Point, geodesic_metres
from volunteer.kernel.words import N_

ADULT = 18
NEXT_DOOR = 150.0  # metres within which nobody travels
DAY_MINUTES = 24 * 60


class Obstacle(StrEnum):
    """What keeps a member from going."""

    NO_SKILL = "no_skill"
    NO_LICENCE = "no_licence"
    NOT_INSURED = "not_insured"
    NOT_ADULT = "not_adult"
    NO_CONSENT = "no_consent"
    PAUSED = "paused"
    AWAY = "away"
    UNWISHED = "unwished"
    TOO_FAR = "too_far"
    OUT_OF_HOURS = "out_of_hours"
    OVERLAP = "overlap"
    TRAVEL = "travel"


WORDS = {
    Obstacle.NO_SKILL: N_("lacks the skill"),
    Obstacle.NO_LICENCE: N_("has no licence that is in date"),
    Obstacle.NOT_INSURED: N_("is not insured for risky work"),
    Obstacle.NOT_ADULT: N_("is not known to be an adult, and the work is risky"),
    Obstacle.NO_CONSENT: N_("is under age, and a guardian has not agreed yet"),
    Obstacle.PAUSED: N_("is taking a break"),
    Obstacle.AWAY: N_("has said that they are away then"),
    Obstacle.UNWISHED: N_("would rather not do this kind of work"),
    Obstacle.TOO_FAR: N_("would rather not go so far"),
    Obstacle.OUT_OF_HOURS: N_("is usually not free then"),
    Obstacle.OVERLAP: N_("is on another visit then"),
    Obstacle.TRAVEL: N_("cannot get there in time from another visit"),
}
WAIVABLE = frozenset({Obstacle.OUT_OF_HOURS, Obstacle.UNWISHED, Obstacle.TOO_FAR})  # wishes: whoever was asked may say yes


class Reason(NamedTuple):
    """One obstacle with its facts: ``until`` is the day to which a paper held, ``skill`` a code, ``km`` a distance."""

    obstacle: Obstacle
    facts: Mapping[str, Any] = {}


@dataclass(frozen=True, slots=True)
class Pace:
    """How people get about: kilometres in an hour as the crow flies, and minutes to leave and to find the door."""

    kmh: float = 20.0
    minutes: float = 5.0


USUAL_PACE = Pace()


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
    kind: str = ""  # code of its category


@dataclass(frozen=True, slots=True)
class Member:
    """What is known about a member. ``skills``: code → end of the licence, None without one.

    ``hours``: (weekday, from minute, to minute) of the local week, Monday 0; empty when nothing was said. ``away``: first
    and last day. ``extra``: a day with minutes in which they are willing although the week says otherwise.
    ``unwished``: codes of the kinds of work that they would rather not do.
    """

    id: int
    skills: Mapping[str, date | None]
    born_on: date | None = None
    insured_until: date | None = None
    paused_until: date | None = None
    hours: tuple[tuple[int, int, int], ...] = ()
    visits: tuple[Visit, ...] = ()
    guarded: bool = True  # of age, or a guardian has agreed
    away: tuple[tuple[date, date], ...] = ()
    extra: tuple[tuple[date, int, int], ...] = ()
    unwished: frozenset[str] = field(default_factory=frozenset)
    home: Point | None = None
    reach_km: float | None = None


def obstacles(member: Member, task: Task, zone: ZoneInfo, pace: Pace = USUAL_PACE) -> list[Obstacle]:
    """Return everything that keeps ``member`` from ``task``, in the order of WORDS; empty when they may go."""
    return [reason.obstacle for reason in reasons(member, task, zone, pace)]


def reasons(member: Member, task: Task, zone: ZoneInfo, pace: Pace = USUAL_PACE) -> list[Reason]:
    """Return everything that keeps ``member`` from ``task`` with its facts, in the order of WORDS."""
    begins, ends = task.begins.astimezone(zone), task.ends.astimezone(zone)
    return [*_lawful(member, task, begins.date(), ends.date()), *_wished(member, task, begins, ends), *_free(member, task, pace)]


def lawful(member: Member, task: Task, zone: ZoneInfo) -> list[Reason]:
    """Return what the law has against it, of skills, insurance, age and consent: what is asked again at the door."""
    return _lawful(member, task, local_date(task.begins, zone), local_date(task.ends, zone))


def together(members: Iterable[Member], task: Task, zone: ZoneInfo) -> Obstacle | None:
    """Return what keeps those who go from going together: a skill nobody brings (NO_SKILL), no adult among them (NOT_ADULT)."""
    going = list(members)
    if uncovered(going, task, zone):
        return Obstacle.NO_SKILL
    day = task.begins.astimezone(zone).date()
    return Obstacle.NOT_ADULT if going and all(is_minor(member, day) for member in going) else None


def is_minor(member: Member, day: date) -> bool:
    """Return whether a member is known to be under age on ``day``."""
    return member.born_on is not None and years_old(member.born_on, day) < ADULT


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


def too_close(visit: Visit, task: Task, pace: Pace = USUAL_PACE) -> bool:
    """Return whether the time between two promises is shorter than the way from one to the other."""
    gap = max(task.begins - visit.ends, visit.begins - task.ends)
    return gap < travel_time(visit.point, task.point, pace)


def travel_time(one: Point, other: Point, pace: Pace = USUAL_PACE) -> timedelta:
    """Return how long the way takes: the straight line at that pace, in whole minutes; nothing next door."""
    metres = geodesic_metres(one, other)
    if metres <= NEXT_DOOR:
        return timedelta()
    return timedelta(minutes=math.ceil(metres * 60 / (max(pace.kmh, 1.0) * 1000) + pace.minutes))


def years_old(born_on: date, day: date) -> int:
    """Return the completed years of age on ``day``."""
    return day.year - born_on.year - ((day.month, day.day) < (born_on.month, born_on.day))


def _lawful(member: Member, task: Task, day: date, last: date) -> list[Reason]:
    found: list[Reason] = []
    if task.skills and not usable(member, task, last):
        found.append(_unskilled(member, task))
    if task.risky and not _in_date(member.insured_until, last):
        found.append(Reason(Obstacle.NOT_INSURED, _until(member.insured_until)))
    if task.risky and (member.born_on is None or is_minor(member, day)):
        found.append(Reason(Obstacle.NOT_ADULT))
    if not member.guarded:
        found.append(Reason(Obstacle.NO_CONSENT))
    return found


def _unskilled(member: Member, task: Task) -> Reason:
    """The skill itself is missing, or the paper for it: then the one that held longest is named."""
    held = sorted(task.skills & member.skills.keys(), key=lambda code: (member.skills[code] or date.min, code))
    if not held:
        return Reason(Obstacle.NO_SKILL, {"skill": min(task.skills)})
    return Reason(Obstacle.NO_LICENCE, {"skill": held[-1]} | _until(member.skills[held[-1]]))


def _wished(member: Member, task: Task, begins: datetime, ends: datetime) -> list[Reason]:
    found: list[Reason] = []
    if member.paused_until is not None and member.paused_until >= begins.date():
        found.append(Reason(Obstacle.PAUSED, _until(member.paused_until)))
    for first, last in member.away:
        if first <= ends.date() and begins.date() <= last:
            found.append(Reason(Obstacle.AWAY, _until(last)))
            break
    if task.kind in member.unwished:
        found.append(Reason(Obstacle.UNWISHED))
    if member.home is not None and member.reach_km is not None:
        km = geodesic_metres(member.home, task.point) / 1000
        if km > member.reach_km:
            found.append(Reason(Obstacle.TOO_FAR, {"km": round(km, 1)}))
    extra = tuple((day.weekday(), first, last) for day, first, last in member.extra if day in {begins.date(), ends.date()})
    if member.hours and not _willing((*member.hours, *extra), begins, ends):
        found.append(Reason(Obstacle.OUT_OF_HOURS))
    return found


def _free(member: Member, task: Task, pace: Pace) -> list[Reason]:
    for visit in member.visits:
        if overlaps(visit, task):
            return [Reason(Obstacle.OVERLAP, {"begins": visit.begins, "ends": visit.ends})]
    for visit in member.visits:
        if too_close(visit, task, pace):
            return [Reason(Obstacle.TRAVEL, {"begins": visit.begins, "ends": visit.ends})]
    return []


def _until(day: date | None) -> dict[str, Any]:
    return {} if day is None else {"until": day}


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
