"""Two entries that may be one person, from the suggestion to the answer, as one table. No I/O here."""

from __future__ import annotations

from enum import StrEnum

from volunteer.kernel.lifecycle import Lifecycle
from volunteer.kernel.words import N_


class PairState(StrEnum):
    """What became of a pair. A refused one is never suggested again."""

    OPEN = "open"
    REFUSED = "refused"
    MERGED = "merged"


class PairAction(StrEnum):
    """What a person says to it."""

    MERGE = "merge"
    PART = "part"  # a merge is taken back: they are two people
    REFUSE = "refuse"
    REOPEN = "reopen"  # somebody asks for it by hand


PAIRS = Lifecycle(
    {
        (PairState.OPEN, PairAction.MERGE): PairState.MERGED,
        (PairState.OPEN, PairAction.REFUSE): PairState.REFUSED,
        (PairState.REFUSED, PairAction.MERGE): PairState.MERGED,
        (PairState.REFUSED, PairAction.REOPEN): PairState.OPEN,
        (PairState.MERGED, PairAction.PART): PairState.REFUSED,
    },
    "pair_decided",
    N_("Somebody has decided about this already."),
    {PairState.MERGED: N_("These entries are merged. Please take them apart first.")},
)
