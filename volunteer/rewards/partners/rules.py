"""Rates, limits, retries and the daily comparison of two books: arithmetic only."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

from volunteer.kernel.errors import Invalid
from volunteer.kernel.words import N_

# Standard Webhooks 1.0: 0, 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h, 24 h
WAITS = tuple(timedelta(seconds=seconds) for seconds in (5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400))
JITTER = 0.2
HOLD = timedelta(hours=24)  # how long a reservation holds
WIRE = re.compile(r"[A-Za-z0-9_-]{8,64}")
ACCOUNT = re.compile(r"[A-Za-z0-9._@-]{4,64}")
CODE = re.compile(r"[a-z][a-z0-9-]{1,29}")
LARGEST = 10_000_000


@dataclass(frozen=True, slots=True)
class Rate:
    """So many points of ours are worth so many of theirs."""

    ours: int
    theirs: int

    def to_theirs(self, ours: int) -> int:
        """Return what ``ours`` becomes over there. Raises Invalid unless it comes out even: nothing is rounded away."""
        if ours <= 0 or ours % self.ours:
            raise Invalid.field("points", N_("Please choose a multiple of %(step)s points."), step=self.ours)
        return ours // self.ours * self.theirs

    def fits(self, ours: int, theirs: int) -> bool:
        """Return whether the pair is exactly by this rate."""
        return ours > 0 and theirs > 0 and ours * self.theirs == theirs * self.ours


@dataclass(frozen=True, slots=True)
class Limits:
    """What may move in one local day: by one person, and by all together; out and in are counted apart."""

    person: int
    everybody: int

    def must_allow(self, points: int, *, of_person: int, of_all: int) -> None:
        """Raise Invalid when ``points`` more would be too much today."""
        if of_person + points > self.person:
            left = max(0, self.person - of_person)
            raise Invalid(
                "limit_person", N_("That is more than one person may move in a day: %(left)s are left today."), left=left
            )
        if of_all + points > self.everybody:
            raise Invalid("limit_all", N_("So much is moved today already that this does not fit. Please try again tomorrow."))


def wait_before(attempt: int, chance: float) -> timedelta | None:
    """Return how long to wait after ``attempt`` tries failed, ``chance`` (0 to 1) spreading it by a fifth; None: give up."""
    if attempt > len(WAITS):
        return None
    wait = WAITS[max(1, attempt) - 1]
    return wait * (1 + JITTER * (2 * chance - 1))


def mask(account: str) -> str:
    """Return an account's number as it may be shown: its last four signs."""
    return f"****{account[-4:]}" if len(account) > 6 else f"****{account[-2:]}"


class Doubled(ValueError):
    """A key of the JSON stands there twice: two programs would read two different things."""


def strict_json(text: bytes) -> dict[str, Any]:
    """Return a JSON object without doubled keys, NaN, endless numbers or signs that no text has: halves of a pair, NUL.

    Raises ValueError (Doubled for a doubled key).
    """
    found = json.loads(
        text.decode("utf-8"), object_pairs_hook=_pairs, parse_constant=_no_constant, parse_int=_whole, parse_float=_no_constant
    )
    if not isinstance(found, dict):
        raise ValueError("no object")
    if b"\0" in b"".join(_texts(found)):
        raise ValueError("NUL")
    return found


def _texts(value: Any) -> Iterator[bytes]:
    """Every text in a value, keys too, as it would be stored. Raises ValueError for half of a surrogate pair."""
    if isinstance(value, str):
        yield value.encode()
    elif isinstance(value, dict):
        for part in (*value.keys(), *value.values()):
            yield from _texts(part)
    elif isinstance(value, list):
        for part in value:
            yield from _texts(part)


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise Doubled
    return made


def _no_constant(text: str) -> Any:
    raise ValueError(text[:20])


def _whole(text: str) -> int:
    if len(text) > 12:
        raise ValueError("number")
    return int(text)


class Difference(StrEnum):
    """How two books differ about one transfer."""

    ONLY_OURS = "only_ours"
    ONLY_THEIRS = "only_theirs"
    STATUS = "status"
    POINTS = "points"


@dataclass(frozen=True, slots=True)
class Entry:
    """One transfer as one side has it."""

    sender: str
    wire: str
    status: str
    ours: int
    theirs: int

    @property
    def key(self) -> tuple[str, str]:
        """By which both sides know it."""
        return self.sender, self.wire


SAME = {"held": "open", "reserved": "open", "returned": "undone", "cancelled": "undone", "expired": "undone"}


def compare(
    ours: Iterable[Entry], theirs: Sequence[Entry]
) -> list[tuple[Difference, tuple[str, str], Entry | None, Entry | None]]:
    """Return what differs, by key. What was undone, or is still open, on one side need not be known to the other."""
    here, there = {one.key: one for one in ours}, {one.key: one for one in theirs}
    found = []
    for key in sorted(here.keys() | there.keys()):
        a, b = here.get(key), there.get(key)
        if a is None or b is None:
            known = a or b
            if known is not None and known.status == "confirmed":
                found.append((Difference.ONLY_THEIRS if a is None else Difference.ONLY_OURS, key, a, b))
        elif SAME.get(a.status, a.status) != SAME.get(b.status, b.status):
            found.append((Difference.STATUS, key, a, b))
        elif (a.ours, a.theirs) != (b.ours, b.theirs):
            found.append((Difference.POINTS, key, a, b))
    return found
