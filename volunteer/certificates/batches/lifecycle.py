"""A batch of certificates from the first question to the file that is removed, as one table. No I/O here."""

from __future__ import annotations

from enum import StrEnum

from volunteer.kernel.lifecycle import Lifecycle
from volunteer.kernel.words import N_


class BatchState(StrEnum):
    """Where a batch stands."""

    ASKING = "asking"  # volunteers are asked for their consent
    ISSUING = "issuing"  # the job freezes facts
    PACKING = "packing"  # the job prints and packs
    READY = "ready"  # the file waits for a second person, or to be fetched
    EMPTY = "empty"  # nobody agreed, or nobody had hours
    GONE = "gone"  # the file is removed
    DROPPED = "dropped"


class BatchAction(StrEnum):
    """What moves a batch: the job, or a person."""

    START = "start"
    PRINT = "print"
    FIND_NONE = "find_none"
    FINISH = "finish"
    REMOVE = "remove"
    DROP = "drop"


S, A = BatchState, BatchAction
AT_WORK = frozenset({BatchState.ISSUING, BatchState.PACKING})
GOING_ON = AT_WORK | {BatchState.ASKING, BatchState.READY}

BATCHES = Lifecycle(
    {
        (S.ASKING, A.START): S.ISSUING,
        (S.ISSUING, A.PRINT): S.PACKING,
        (S.ISSUING, A.FIND_NONE): S.EMPTY,
        (S.PACKING, A.FINISH): S.READY,
        (S.READY, A.REMOVE): S.GONE,
        (S.ASKING, A.DROP): S.DROPPED,
        (S.ISSUING, A.DROP): S.DROPPED,
        (S.PACKING, A.DROP): S.DROPPED,
        (S.READY, A.DROP): S.DROPPED,
    },
    "batch_over",
    N_("This is over already. Please look at it again."),
)
