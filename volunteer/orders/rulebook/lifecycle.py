"""An application for an order of the pool, as one table. No I/O here."""

from __future__ import annotations

from enum import StrEnum

from volunteer.kernel.lifecycle import Lifecycle
from volunteer.kernel.words import N_


class ApplicationState(StrEnum):
    """What became of an application."""

    OPEN = "open"
    CHOSEN = "chosen"
    PASSED = "passed"  # another team goes, or the order went another way
    WITHDRAWN = "withdrawn"


class ApplicationAction(StrEnum):
    """What moves an application."""

    APPLY = "apply"  # by the team: for the first time, with other words, or after it was taken back
    WITHDRAW = "withdraw"  # by the team
    CHOOSE = "choose"  # by the dispatcher
    GO_BY = "go_by"  # the order went another way


S, A = ApplicationState, ApplicationAction

APPLICATIONS = Lifecycle(
    {
        (S.WITHDRAWN, A.APPLY): S.OPEN,
        (S.OPEN, A.APPLY): S.OPEN,
        (S.OPEN, A.WITHDRAW): S.WITHDRAWN,
        (S.OPEN, A.CHOOSE): S.CHOSEN,
        (S.OPEN, A.GO_BY): S.PASSED,
    },
    "not_applied",
    N_("This team has not applied, or no longer. Please choose another one."),
)
