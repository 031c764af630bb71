"""What a statement adds up to, and the digest that freezes it. Arithmetic only."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

LARGEST = 10_000_000
SILENCE = timedelta(days=10)  # after which a merchant who says nothing is taken to agree
MONTH = re.compile(r"(20\d\d)-(0[1-9]|1[0-2])")


@dataclass(frozen=True, slots=True)
class Worth:
    """So many points are worth so many fen (分, a hundredth of a yuan)."""

    points: int
    fen: int

    def of(self, points: int) -> int:
        """Return what ``points`` are worth in fen, half a fen rounded up. Worked out once, over the whole statement."""
        return (2 * points * self.fen + self.points) // (2 * self.points)


@dataclass(frozen=True, slots=True)
class Line:
    """One entry of the books: points that were collected, or less that were taken back."""

    transfer_id: int
    points: int


def total(lines: Sequence[Line]) -> int:
    """Return the points of all lines together."""
    return sum(line.points for line in lines)


def digest(merchant_id: int, month: date, worth: Worth, lines: Sequence[Line]) -> str:
    """Return the hash of everything that counts: whoever accepted, accepted exactly this."""
    listed = [[line.transfer_id, line.points] for line in sorted(lines, key=lambda line: line.transfer_id)]
    facts = {"merchant": merchant_id, "month": month.isoformat(), "worth": [worth.points, worth.fen], "lines": listed}
    return hashlib.sha256(json.dumps(facts, separators=(",", ":"), sort_keys=True).encode()).hexdigest()


def read_month(typed: str) -> date | None:
    """Return the first day of a month written as "2026-10", None for anything else."""
    found = MONTH.fullmatch(typed.strip())
    return date(int(found[1]), int(found[2]), 1) if found else None


def yuan(fen: int) -> str:
    """Return fen as yuan: 12345 is 123.45."""
    sign = "-" if fen < 0 else ""
    return f"{sign}{abs(fen) // 100}.{abs(fen) % 100:02d}"
