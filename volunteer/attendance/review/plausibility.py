"""What looks odd in hours: pure detectors. Each says what it saw and on which entries; what it means, a person decides.

No I/O, no clock. The figures are wide on purpose: a false alarm costs somebody's time and somebody's trust.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from volunteer.attendance.review.lifecycle import FindingKind
from volunteer.kernel.geo import Point, geodesic_metres

KMH = 80.0  # in a straight line: faster than any bus, slower than a train
NEAR_METRES = 500.0  # two doors this near are no journey
TOGETHER = timedelta(hours=12)  # visits further apart in time are not compared
NIGHT_BEGINS, NIGHT_ENDS = 23, 5  # local hours in which hardly anybody writes records
NIGHT_ENTRIES = 10
DEVICE_PEOPLE = 3  # so many names on one phone within a week
PAIR_TIMES = 5  # the same two people and the same minutes, so often within the days looked at
SHARE_PRIOR = 30.0  # so many entries of the mean weigh as much as an approver's own
SHARE_FEWEST = 8  # entries by hand below which nobody is compared
SHARE_FACTOR = 3.0
UNRATED_FEWEST = 10
UNRATED_CHANCE = 0.001  # that a team like the others would be rated never


@dataclass(frozen=True, slots=True)
class Odd:
    """One thing that looks odd. ``key``: the same thing has the same key, whenever it is seen. ``about``: see Finding."""

    kind: FindingKind
    key: str
    person_id: int | None = None
    team_id: int | None = None
    evidence: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Visit:
    """Somebody's service as it was recorded; ``point`` is where it was, None when that is not known."""

    transfer_id: int
    volunteer_id: int
    began: datetime
    ended: datetime
    point: Point | None = None
    resident_id: int | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """An entry as it was written down: by whom and when."""

    transfer_id: int
    by_id: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Approver:
    """How many entries one approver let through by hand, of how many that were booked where they may decide."""

    person_id: int
    by_hand: int
    entries: int


@dataclass(frozen=True, slots=True)
class Rated:
    """How many services of a team ended in a period, and how many of them were rated."""

    team_id: int
    served: int
    rated: int


def impossible_travel(visits: Iterable[Visit]) -> list[Odd]:
    """Return pairs of visits of one person too far apart for the time between them; overlapping ones have none."""
    found = []
    by_person: dict[int, list[Visit]] = {}
    for visit in visits:
        if visit.point is not None:
            by_person.setdefault(visit.volunteer_id, []).append(visit)
    for person_id, rows in by_person.items():
        rows.sort(key=lambda one: (one.began, one.transfer_id))
        for before, after in pairwise(rows):
            gap = after.began - before.ended
            if gap > TOGETHER or before.point is None or after.point is None:
                continue
            metres = geodesic_metres(before.point, after.point)
            reach = max(gap, timedelta()).total_seconds() / 3600 * KMH * 1000
            if metres > NEAR_METRES + reach:
                low, high = sorted((before.transfer_id, after.transfer_id))
                evidence = {
                    "metres": round(metres), "minutes": int(gap.total_seconds() // 60),
                    "transfers": [before.transfer_id, after.transfer_id],
                }  # fmt: skip
                found.append(Odd(FindingKind.TRAVEL, f"travel:{low}:{high}", person_id, evidence=evidence))
    return found


def same_pair(visits: Iterable[Visit]) -> list[Odd]:
    """Return who was with the same resident for exactly the same minutes again and again. Real visits differ by minutes."""
    groups: dict[tuple[int, int, int], list[Visit]] = {}
    for visit in visits:
        if visit.resident_id is not None:
            minutes = int((visit.ended - visit.began).total_seconds() // 60)
            groups.setdefault((visit.volunteer_id, visit.resident_id, minutes), []).append(visit)
    found = []
    for (volunteer_id, resident_id, minutes), rows in sorted(groups.items()):
        if minutes and len(rows) >= PAIR_TIMES:
            rounds = len(rows) // PAIR_TIMES
            evidence = {
                "times": len(rows), "minutes": minutes,
                "transfers": sorted(one.transfer_id for one in rows),
            }  # fmt: skip
            key = f"pair:{volunteer_id}:{resident_id}:{minutes}:{rounds}"
            found.append(Odd(FindingKind.PAIR, key, volunteer_id, evidence=evidence))
    return found


def night_bulk(entries: Iterable[Written], zone: ZoneInfo) -> list[Odd]:
    """Return who wrote down many entries in one night: one row for each night and hand."""
    nights: dict[tuple[int, str], list[Written]] = {}
    for one in entries:
        local = one.at.astimezone(zone)
        if local.hour >= NIGHT_BEGINS or local.hour < NIGHT_ENDS:
            night = (local - timedelta(hours=NIGHT_ENDS)).date().isoformat()
            nights.setdefault((one.by_id, night), []).append(one)
    return [
        Odd(
            FindingKind.NIGHT,
            f"night:{by_id}:{night}",
            by_id,
            evidence={"night": night, "entries": len(rows), "transfers": sorted(one.transfer_id for one in rows)[:50]},
        )
        for (by_id, night), rows in sorted(nights.items())
        if len({one.transfer_id for one in rows}) >= NIGHT_ENTRIES
    ]


def one_device(taps: Iterable[tuple[str, int, int]], week: str) -> list[Odd]:
    """Return devices on which many people checked teams in within ``week``; ``taps``: device, person, order."""
    people: dict[str, set[int]] = {}
    orders: dict[str, set[int]] = {}
    for device, person_id, order_id in taps:
        people.setdefault(device, set()).add(person_id)
        orders.setdefault(device, set()).add(order_id)
    return [
        Odd(
            FindingKind.DEVICE,
            f"device:{device[:20]}:{week}",
            evidence={"people": sorted(who), "count": len(who), "orders": sorted(orders[device])[:50]},
        )
        for device, who in sorted(people.items())
        if len(who) >= DEVICE_PEOPLE
    ]


def share_by_hand(approvers: Sequence[Approver], month: str) -> list[Odd]:
    """Return approvers with far more entries by hand than their peers, few entries being pulled to everybody's mean."""
    entries = sum(one.entries for one in approvers)
    if not entries:
        return []
    mean = sum(one.by_hand for one in approvers) / entries
    found = []
    for one in sorted(approvers, key=lambda one: one.person_id):
        others = entries - one.entries
        peers = (sum(two.by_hand for two in approvers) - one.by_hand) / others if others > 0 else mean
        shrunk = (one.by_hand + SHARE_PRIOR * peers) / (one.entries + SHARE_PRIOR)
        if one.by_hand >= SHARE_FEWEST and others > 0 and shrunk > SHARE_FACTOR * max(peers, 0.01):
            evidence = {
                "by_hand": one.by_hand, "entries": one.entries, "share": round(100 * one.by_hand / max(one.entries, 1)),
                "others": round(100 * peers),
            }  # fmt: skip
            found.append(Odd(FindingKind.SHARE, f"share:{one.person_id}:{month}", one.person_id, evidence=evidence))
    return found


def never_rated(teams: Sequence[Rated], month: str) -> list[Odd]:
    """Return teams none of whose services was rated, though a team rated like all others hardly ever comes to that."""
    served, rated = sum(one.served for one in teams), sum(one.rated for one in teams)
    usual = rated / served if served else 0.0
    return [
        Odd(
            FindingKind.UNRATED,
            f"unrated:{one.team_id}:{month}",
            team_id=one.team_id,
            evidence={"services": one.served, "usual": round(100 * usual)},
        )
        for one in sorted(teams, key=lambda one: one.team_id)
        if one.rated == 0 and one.served >= UNRATED_FEWEST and (1 - usual) ** one.served < UNRATED_CHANCE
    ]
