"""What a week, a stretch of days and a team's figures may be. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from volunteer.kernel.words import N_

DAY = 24 * 60
MOST_SPANS = 60
DAYLIGHT = (7 * 60, 21 * 60)  # "never at night"
PARTS = (
    ("morning", 8 * 60, 12 * 60),
    ("afternoon", 12 * 60, 18 * 60),
    ("evening", 18 * 60, 21 * 60),
    ("night", 21 * 60, 24 * 60),
)
MOST_CAPACITY = 50
LONGEST_REACH = 100.0

Span = tuple[int, int, int]


def check_week(spans: Sequence[Span]) -> str:
    """Return what is wrong with weekly hours (a msgid), or nothing."""
    if len(spans) > MOST_SPANS:
        return N_("These are too many times.")
    right = all(0 <= day <= 6 and 0 <= begins < ends <= DAY for day, begins, ends in spans)
    return "" if right else N_("A time begins before it ends, on a day of the week.")


def merged(spans: Iterable[Span]) -> list[Span]:
    """Return the same hours with spans that touch or overlap run together, in the order of the week."""
    found: list[Span] = []
    for day, begins, ends in sorted(spans):
        if found and found[-1][0] == day and found[-1][2] >= begins:
            found[-1] = (day, found[-1][1], max(found[-1][2], ends))
        else:
            found.append((day, begins, ends))
    return found


def by_daylight(spans: Sequence[Span]) -> list[Span]:
    """Return the hours of somebody who never wants to be asked at night; who said nothing is free all day."""
    first, last = DAYLIGHT
    asked = spans or [(day, first, last) for day in range(7)]
    return [(day, max(begins, first), min(ends, last)) for day, begins, ends in asked if max(begins, first) < min(ends, last)]


def cells(spans: Sequence[Span]) -> set[str]:
    """Return which squares of the week ("2-morning") are covered whole: what the grid of a form shows as ticked."""
    return {
        f"{weekday}-{part}"
        for weekday in range(7)
        for part, begins, ends in PARTS
        if any(day == weekday and first <= begins and ends <= last for day, first, last in merged(spans))
    }


def spans_of(ticked: Iterable[str]) -> list[Span]:
    """Return the hours of ticked squares; a square that does not exist is left out."""
    known = {f"{weekday}-{part}": (weekday, begins, ends) for weekday in range(7) for part, begins, ends in PARTS}
    return merged(known[cell] for cell in set(ticked) if cell in known)
