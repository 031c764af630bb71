"""Weekly hours in one cell: 周一 9:00-11:30; 周末 14:00-18:00. Pure."""

from __future__ import annotations

import re
import unicodedata
from itertools import pairwise

from volunteer.exchange.columns import Wrong
from volunteer.kernel.words import ENGLISH, N_

Span = tuple[int, int, int]  # weekday from Monday 0, from minute, to minute

HAN = "一二三四五六日"
LATIN = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
GROUPS = {
    "每天": range(7), "天天": range(7), "daily": range(7), "every day": range(7),
    "工作日": range(5), "weekdays": range(5), "周末": range(5, 7), "weekend": range(5, 7), "weekends": range(5, 7),
}  # fmt: skip
DAY = r"(?:(?:周|星期|礼拜)[一二三四五六日天]|mon|tue|wed|thu|fri|sat|sun)"
DAYS = re.compile(rf"^(?P<first>{DAY})[a-z]*(?:\s*(?:至|到|-|~|to)\s*(?P<last>{DAY}|[一二三四五六日天])[a-z]*)?")
TIMES = re.compile(r"(\d{1,2})(?:[:点时](\d{2})?)?分?\s*(?:-|~|至|到|to)\s*(\d{1,2})(?:[:点时](\d{2})?)?分?")
PARTS = re.compile(r"[;；\n]+")
NOT_HOURS = N_("Please write times like: Mon 9:00-11:30; Sat 14:00-18:00")


def read_hours(text: str) -> tuple[Span, ...]:
    """Return the spans that ``text`` names, sorted. Raises Wrong."""
    spans: list[Span] = []
    for part in PARTS.split(unicodedata.normalize("NFKC", text).lower().replace("—", "-").replace("–", "-")):
        if not (part := part.strip().strip(",").strip()):
            continue
        days, rest = _days(part)
        times = list(TIMES.finditer(rest))
        if not times or TIMES.sub("", rest).strip(" ,、和及and"):
            raise Wrong(NOT_HOURS)
        spans += [(day, *_span(one)) for day in days for one in times]
    spans = sorted(set(spans))
    for (day, _, ends), (next_day, begins, _) in pairwise(spans):
        if day == next_day and begins < ends:
            raise Wrong(N_("Two of these times overlap."))
    return tuple(spans)


def write_hours(spans: tuple[Span, ...], locale: str) -> str:
    """Return the spans as ``read_hours`` reads them."""
    by_day: dict[int, list[str]] = {}
    for day, begins, ends in spans:
        by_day.setdefault(day, []).append(f"{begins // 60}:{begins % 60:02d}-{ends // 60}:{ends % 60:02d}")
    words = [name.title() for name in LATIN] if locale == ENGLISH else [f"周{sign}" for sign in HAN]
    return "; ".join(f"{words[day]} {', '.join(times)}" for day, times in sorted(by_day.items()))


def _days(part: str) -> tuple[range, str]:
    for word, days in GROUPS.items():
        if part.startswith(word):
            return days, part[len(word) :]
    found = DAYS.match(part)
    if not found:
        raise Wrong(NOT_HOURS)
    first = _day(found["first"])
    last = _day(found["last"]) if found["last"] else first
    if last < first:
        raise Wrong(NOT_HOURS)
    return range(first, last + 1), part[found.end() :]


def _day(word: str) -> int:
    return LATIN.index(word) if word in LATIN else HAN.index(word[-1].replace("天", "日"))


def _span(found: re.Match[str]) -> tuple[int, int]:
    begins = int(found[1]) * 60 + int(found[2] or 0)
    ends = int(found[3]) * 60 + int(found[4] or 0)
    if int(found[2] or 0) > 59 or int(found[4] or 0) > 59 or not begins < ends <= 24 * 60:
        raise Wrong(N_("A time must begin before it ends, between 0:00 and 24:00."))
    return begins, ends
