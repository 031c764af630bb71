"""From services to the facts of a certificate: which count, how they add up, who recorded them. No I/O here."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

FORMAT = 2  # of the frozen facts: 1 had one kind of certificate; a paper of any format must be printable for ten years


@dataclass(frozen=True, slots=True)
class Entry:
    """One service done by one volunteer, as it was recorded; names in Chinese and English."""

    day: date  # local day on which the service began
    service: tuple[str, str]  # class, e.g. ("水电维修", "Power and water repair")
    content: tuple[str, str]  # what was done
    place: tuple[str, str]
    unit: tuple[str, str]  # who recorded it
    unit_path: str  # "/1/12/"
    minutes: int
    grade: str  # "a" to "d"
    county: tuple[str, str] = ("", "")  # for whose residents; empty where no order says so
    county_path: str = ""  # "/1/"


@dataclass(frozen=True, slots=True)
class ServiceLine:
    """All services of one class: how often, how long, and how many minutes of each evidence grade."""

    service: tuple[str, str]
    times: int
    minutes: int
    grades: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Statement:
    """What a volunteer did between two days (both included), counting only the grades asked for."""

    first: date
    last: date
    grades: tuple[str, ...]
    entries: tuple[Entry, ...]
    services: tuple[ServiceLine, ...]

    @property
    def times(self) -> int:
        """Return how many services it counts."""
        return len(self.entries)

    @property
    def minutes(self) -> int:
        """Return whole minutes of service."""
        return sum(entry.minutes for entry in self.entries)


def state(entries: Iterable[Entry], first: date, last: date, grades: Iterable[str]) -> Statement:
    """Return the statement of those ``entries`` from ``first`` to ``last`` whose grade is taken.

    Entries come out by day; classes by minutes, the most first, ties by name, so equal input gives an equal paper.
    """
    taken = tuple(sorted(set(grades)))
    counted = sorted(
        (entry for entry in entries if first <= entry.day <= last and entry.grade in taken),
        key=lambda entry: (entry.day, entry.service, entry.content, entry.place, -entry.minutes, entry.grade),
    )
    kinds: dict[tuple[str, str], list[Entry]] = {}
    for entry in counted:
        kinds.setdefault(entry.service, []).append(entry)
    lines = sorted((_line(kind, group) for kind, group in kinds.items()), key=lambda line: (-line.minutes, line.service))
    return Statement(first, last, taken, tuple(counted), tuple(lines))


def _line(service: tuple[str, str], entries: Sequence[Entry]) -> ServiceLine:
    grades: dict[str, int] = {}
    for entry in entries:
        grades[entry.grade] = grades.get(entry.grade, 0) + entry.minutes
    return ServiceLine(service, len(entries), sum(grades.values()), tuple(sorted(grades.items())))


def common_path(paths: Iterable[str]) -> str:
    """Return the deepest site path that all ``paths`` lie under: who certifies what several units recorded.

    "/1/12/140/" and "/1/12/" give "/1/12/"; the one that recorded certifies, and its parent where there were several.
    """
    split = [path.strip("/").split("/") for path in paths]
    shared: list[str] = []
    for level in zip(*split, strict=False):
        if len(set(level)) > 1:
            break
        shared.append(level[0])
    return f"/{'/'.join(shared)}/" if shared and shared[0] else "/"


def as_facts(statement: Statement) -> dict[str, Any]:
    """Return ``statement`` as plain JSON values: the part of a certificate's facts that is about service."""
    return {
        "format": FORMAT,
        "first": statement.first.isoformat(),
        "last": statement.last.isoformat(),
        "grades": list(statement.grades),
        "times": statement.times,
        "minutes": statement.minutes,
        "services": [
            {
                "service": list(line.service),
                "times": line.times,
                "minutes": line.minutes,
                "grades": [list(g) for g in line.grades],
            }
            for line in statement.services
        ],
        "entries": [
            {
                "day": entry.day.isoformat(),
                "service": list(entry.service),
                "content": list(entry.content),
                "place": list(entry.place),
                "unit": list(entry.unit),
                "minutes": entry.minutes,
                "grade": entry.grade,
            }
            for entry in statement.entries
        ],
    }


def canonical(facts: dict[str, Any]) -> str:
    """Return ``facts`` as JSON with sorted keys and no spaces: equal facts, equal text."""
    return json.dumps(facts, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def digest(facts: dict[str, Any]) -> str:
    """Return the SHA-256 of the canonical text of ``facts``, in hexadecimal."""
    return hashlib.sha256(canonical(facts).encode()).hexdigest()
