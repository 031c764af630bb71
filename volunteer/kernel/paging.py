"""A page of a long list, by the key of its last row: pages do not shift while somebody reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

Row = TypeVar("Row")


@dataclass(frozen=True)
class Page(Generic[Row]):
    """``rows`` of one page, and the key after which the next page begins; None on the last."""

    rows: Sequence[Row]
    next_key: int | None


def cut(rows: Sequence[Row], size: int, keys: Sequence[int]) -> Page[Row]:
    """Return the first ``size`` of ``rows``, which were read one more than that, with ``keys`` of the same length."""
    if len(rows) <= size:
        return Page(rows, None)
    return Page(rows[:size], keys[size - 1])
