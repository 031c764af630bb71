"""Whether two requests look like one: how alike they are by kind, place, day and household. No I/O."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

SAME_ITEM, SAME_CATEGORY, UNSORTED = 1.0, 0.6, 0.5  # how much of one kind two requests are; own words may mean anything
KIND, NEAR, RECENT = 0.5, 0.3, 0.2  # what each is worth
ENOUGH = 0.5  # from here on it is worth asking
SHOWN = 3


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as far as likeness goes. ``metres``: from the other one; None where one of the two named only a village."""

    item_id: int | None
    category_id: int | None
    placed_at: datetime
    metres: float | None = None
    same_household: bool = False


def likeness(new: Asked, other: Asked, *, near_metres: float, days: float) -> float:
    """Return 0 to 1: 0 for what cannot be the same; a household that asks twice within the days counts as at one place.

    Two requests without a place in common are the same only for the same household. 0 days or metres: never.
    """
    if days <= 0 or near_metres <= 0:
        return 0.0
    age = abs(new.placed_at - other.placed_at)
    if age > timedelta(days=days):
        return 0.0
    distance = 0.0 if other.same_household else other.metres
    if distance is None or distance > near_metres:
        return 0.0
    kind = _kind(new, other)
    if kind == 0.0 or (kind < SAME_ITEM and not other.same_household):
        return 0.0
    return KIND * kind + NEAR * (1 - distance / near_metres) + RECENT * (1 - age / timedelta(days=days))


def best(scores: Iterable[tuple[float, int]]) -> list[int]:
    """Return the ids of those that are alike enough, by (likeness, id): the most alike first, ties by id."""
    return [number for _, number in sorted((-score, number) for score, number in scores if score >= ENOUGH)[:SHOWN]]


def _kind(new: Asked, other: Asked) -> float:
    if new.item_id is None or other.item_id is None:
        return UNSORTED if new.item_id is None and other.item_id is None else SAME_CATEGORY
    if new.item_id == other.item_id:
        return SAME_ITEM
    same = new.category_id is not None and new.category_id == other.category_id
    return SAME_CATEGORY if same else 0.0
