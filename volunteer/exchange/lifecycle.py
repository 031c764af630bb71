"""An import of a sheet from being read to being taken back, as one table. No I/O here."""

from __future__ import annotations

from enum import StrEnum

from volunteer.kernel.lifecycle import Lifecycle
from volunteer.kernel.words import N_


class State(StrEnum):
    """Where an import stands."""

    READ = "read"  # understood, waits for a yes
    WRONG = "wrong"  # has faults; nothing can be done with it
    DONE = "done"
    UNDONE = "undone"
    DROPPED = "dropped"


class ImportAction(StrEnum):
    """What moves an import."""

    BRING_IN = "bring_in"  # by whoever uploaded it
    DROP = "drop"  # by whoever uploaded it, or by the job after some days
    UNDO = "undo"  # by whoever may bring such a sheet in


S, A = State, ImportAction

UPLOADED = frozenset({S.READ, S.WRONG})  # nothing has come of it yet

IMPORTS = Lifecycle(
    {
        (S.READ, A.BRING_IN): S.DONE,
        **{(state, A.DROP): S.DROPPED for state in sorted(UPLOADED)},
        (S.DONE, A.UNDO): S.UNDONE,
    },
    "sheet_not_ready",
    N_("This sheet cannot be brought in."),
    {S.DROPPED: N_("This file is not kept any more. Please upload it again.")},
)
