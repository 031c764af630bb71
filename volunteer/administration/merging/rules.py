"""Whether two entries may be one person, and until when a merge can be taken apart. No I/O here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from volunteer.kernel.text import folded_name

UNDO_DAYS = 30
SHORTEST = 3  # characters from which on one that differs is a slip; 李明 and 李强 are two people


class Why(StrEnum):
    """What two entries have in common, the strongest first."""

    DOCUMENT = "document"  # the same identity number
    PHONE = "phone"  # the same telephone
    NAME = "name"  # the same name or nearly, and the same birthday


@dataclass(frozen=True, slots=True)
class Known:
    """What is compared of one entry: names in clear, telephone and document as blind indexes."""

    name: str
    search: str  # the name, its pinyin in full, its initials, as people are looked up
    phone: str | None
    document: str | None
    born_on: date | None
    volunteer: bool


def alike(one: Known, other: Known) -> tuple[Why, ...]:
    """Return what says that both are the same person; nothing when it is too little.

    A telephone is shared in many families: with another name it counts only between two volunteers without different
    birthdays. Different identity numbers are different people, whatever else is the same.
    """
    if one.document and other.document and one.document != other.document:
        return ()
    born_apart = None not in (one.born_on, other.born_on) and one.born_on != other.born_on
    named = near(one, other)
    found: list[Why] = []
    if one.document and one.document == other.document:
        found.append(Why.DOCUMENT)
    if one.phone and one.phone == other.phone and (named or (one.volunteer and other.volunteer)) and not born_apart:
        found.append(Why.PHONE)
    if named and one.born_on is not None and one.born_on == other.born_on:
        found.append(Why.NAME)
    return tuple(found)


def near(one: Known, other: Known) -> bool:
    """Return whether two names may be the same, typed differently: same sound, or one character of three or more differs."""
    first, second = folded_name(one.name), folded_name(other.name)
    if not first or not second:
        return False
    if first == second or (_sound(one.search) and _sound(one.search) == _sound(other.search)):
        return True
    return min(len(first), len(second)) >= SHORTEST and _one_slip(first, second)


def undo_until(at: datetime) -> datetime:
    """Return until when a merge of ``at`` may be taken apart."""
    return at + timedelta(days=UNDO_DAYS)


def keeps(one: Sequence[object], other: Sequence[object]) -> bool:
    """Return whether the first of two entries should stay, each told as (is a volunteer, has a log-in, since, id)."""
    return (not one[0], not one[1], *one[2:]) <= (not other[0], not other[1], *other[2:])


def _sound(search: str) -> str:
    """The pinyin run together: the second of the three parts that ``kernel.text.search_text`` writes."""
    parts = search.split(" ")
    return parts[-2] if len(parts) >= 3 else ""


def _one_slip(first: str, second: str) -> bool:
    """Whether one character was changed, left out or put in."""
    if len(first) > len(second):
        first, second = second, first
    if len(second) - len(first) > 1:
        return False
    differ = next((place for place, sign in enumerate(first) if sign != second[place]), len(first))
    if len(first) == len(second):
        return first[differ + 1 :] == second[differ + 1 :]
    return first[differ:] == second[differ + 1 :]
