"""What in a text must not be shown before a person has looked: phones, identity numbers, names, insults. Pure.

Spaces, stops, full-width letters and Chinese figures do not hide anything. A text is only ever held back by this: whether
it is shown, shown with parts masked, or kept hidden is decided by a person, and the text itself is never changed.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from pypinyin import lazy_pinyin

FILLERS = frozenset(" \t\r\n\u3000\u200b\u200c\u200d\u2060\ufeff.,·•*_-–—~、，。|/\\'\"“”()（）[]【】+=#")
FIGURES = dict(zip("〇零一二三四五六七八九幺两", "0012345678912", strict=True))
PHONE = re.compile(r"(?<!\d)(?:86)?1[3-9]\d{9}(?!\d)|(?<!\d)0\d{9,11}(?!\d)")
IDENTITY = re.compile(r"(?<!\d)[1-9]\d{16}[\dx](?!\d)|(?<!\d)[1-9]\d{5}\d{2}(?:0[1-9]|1[0-2])\d{5}(?!\d)")
TITLES = ("师傅", "老师", "队长", "组长", "阿姨", "叔叔", "大叔", "大姐", "大哥", "医生", "护士", "主任", "书记", "奶奶", "爷爷")
MASK = "＊"
SHORTEST_PINYIN = 5  # letters of a name in pinyin: shorter ones are words of every language
MORNING, EVENING = time(8), time(21)


class FindingKind(StrEnum):
    """Why a part of a text is held back."""

    PHONE = "phone"
    IDENTITY = "identity"
    NAME = "name"
    INSULT = "insult"


@dataclass(frozen=True, slots=True)
class Finding:
    """A part of the text, from ``start`` up to ``end``, and what it is."""

    kind: FindingKind
    start: int
    end: int


def findings(text: str, names: Iterable[str] = ()) -> list[Finding]:
    """Return what must be looked at in ``text``, in its order. ``names``: of those who came, who lead, who asked."""
    tight = _tight(text)
    found = [*_numbers(text), *_names(text, tight, names), *_insults(text, tight)]
    return sorted(set(found), key=lambda one: (one.start, one.end, one.kind))


def masked(text: str, found: Sequence[Finding]) -> str:
    """Return ``text`` with the parts that were found covered; everything else stays as it was written."""
    covered = {place for one in found for place in range(one.start, one.end)}
    return "".join(MASK if place in covered and character.strip() else character for place, character in enumerate(text))


def due_by(start: date, days: int, calendar: dict[date, bool]) -> date:
    """Return the last of ``days`` working days after ``start``: as the calendar says, else Monday to Friday."""
    day, left = start, days
    while left > 0:
        day += timedelta(days=1)
        left -= calendar.get(day, day.weekday() < 5)
    return day


def by_day(at: datetime, zone: ZoneInfo) -> datetime:
    """Return ``at``, or the next morning when people should not be disturbed: nothing rings from 21 to 8 o'clock."""
    local = at.astimezone(zone)
    if MORNING <= local.time() < EVENING:
        return at
    day = local.date() + timedelta(days=local.time() >= EVENING)
    return datetime.combine(day, MORNING, tzinfo=zone).astimezone(at.tzinfo)


@dataclass(frozen=True, slots=True)
class _Tight:
    """A text without fillers, and where each of its characters stood."""

    text: str
    places: tuple[int, ...]

    def finding(self, kind: FindingKind, start: int, end: int) -> Finding:
        return Finding(kind, self.places[start], self.places[end - 1] + 1)


def _tight(text: str, figures: bool = False) -> _Tight:
    kept: list[str] = []
    places: list[int] = []
    for place, character in enumerate(text):
        if character in FILLERS:
            continue
        for one in unicodedata.normalize("NFKC", character).lower():
            kept.append(FIGURES.get(one, one) if figures else one)
            places.append(place)
    return _Tight("".join(kept), tuple(places))


def _numbers(text: str) -> list[Finding]:
    tight = _tight(text, figures=True)
    found = [tight.finding(FindingKind.IDENTITY, *one.span()) for one in IDENTITY.finditer(tight.text)]
    return found + [tight.finding(FindingKind.PHONE, *one.span()) for one in PHONE.finditer(tight.text)]


def _names(text: str, tight: _Tight, names: Iterable[str]) -> list[Finding]:
    found: list[Finding] = []
    for name in {"".join(name.split()) for name in names}:
        if len(name) < 2:
            continue
        spoken = [name.lower(), *(name[0] + title for title in TITLES if "\u4e00" <= name[0] <= "\u9fff")]
        for word in spoken:
            found += _everywhere(tight, word, FindingKind.NAME)
        found += _pinyin(text, "".join(lazy_pinyin(name)).lower(), FindingKind.NAME)
    return found


def _insults(text: str, tight: _Tight) -> list[Finding]:
    characters, latin = insults()
    found: list[Finding] = []
    for word in characters:
        found += _everywhere(tight, word, FindingKind.INSULT)
    for one in latin.finditer(unicodedata.normalize("NFKC", text).lower()):
        if len(unicodedata.normalize("NFKC", text)) == len(text):  # else places are not the same: the whole text is looked at
            found.append(Finding(FindingKind.INSULT, *one.span()))
        else:
            found.append(Finding(FindingKind.INSULT, 0, len(text)))
    return found


def _everywhere(tight: _Tight, word: str, kind: FindingKind) -> list[Finding]:
    found, start = [], tight.text.find(word)
    while start >= 0:
        found.append(tight.finding(kind, start, start + len(word)))
        start = tight.text.find(word, start + 1)
    return found


def _pinyin(text: str, word: str, kind: FindingKind) -> list[Finding]:
    """A name in letters, as one word or in syllables."""
    if len(word) < SHORTEST_PINYIN or not word.isascii() or not word.isalpha():
        return []
    spaced = re.compile(r"(?<![a-z])" + r"[\s.\-]?".join(word) + r"(?![a-z])", re.IGNORECASE)
    return [Finding(kind, *one.span()) for one in spaced.finditer(text)]


@cache
def insults() -> tuple[tuple[str, ...], re.Pattern[str]]:
    """Return the list of insults: words of characters, and a pattern of those in letters."""
    data = tomllib.loads((Path(__file__).parent / "data" / "insults.toml").read_text(encoding="utf-8"))
    words = sorted((re.escape(word).replace(r"\ ", r"[\s.\-*]*") for word in data["latin"]), key=len, reverse=True)
    return tuple(data["characters"]), re.compile(rf"(?<![a-z0-9])(?:{'|'.join(words)})(?![a-z0-9])")
