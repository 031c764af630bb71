"""How far hours carry towards the next star. No I/O here.

Hours make a person eligible; the award itself is an act with a body, a day and a public notice, and comes later.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

THRESHOLDS = (6_000, 18_000, 36_000, 60_000, 90_000)  # minutes; the usual 100, 300, 600, 1,000, 1,500 hours


@dataclass(frozen=True, slots=True)
class Progress:
    """``stars`` reached, the ``share`` (0–1) of the way from there to the ``next`` star, the minutes still ``left``."""

    stars: int
    share: float
    next: int | None  # None: all stars are reached
    left: int


def progress(minutes: int, thresholds: Sequence[int] = THRESHOLDS) -> Progress:
    """Return where ``minutes`` of service stand among ``thresholds`` (rising, in minutes)."""
    stars = sum(minutes >= threshold for threshold in thresholds)
    if stars == len(thresholds):
        return Progress(stars, 1.0, None, 0)
    begin, end = (thresholds[stars - 1] if stars else 0), thresholds[stars]
    return Progress(stars, (minutes - begin) / (end - begin), stars + 1, end - minutes)
