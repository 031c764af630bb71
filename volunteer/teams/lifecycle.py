"""A paper that a volunteer shows, from being sent to the answer, as one table. No I/O here."""

from __future__ import annotations

from enum import StrEnum

from volunteer.kernel.lifecycle import Lifecycle
from volunteer.kernel.words import N_


class PaperState(StrEnum):
    """Whether the site has looked."""

    WAITING = "waiting"
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class PaperAction(StrEnum):
    """What the site, or the volunteer, does with it."""

    APPROVE = "approve"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"


PAPERS = Lifecycle(
    {
        (PaperState.WAITING, PaperAction.APPROVE): PaperState.APPROVED,
        (PaperState.WAITING, PaperAction.REFUSE): PaperState.REFUSED,
        (PaperState.WAITING, PaperAction.WITHDRAW): PaperState.WITHDRAWN,
    },
    "paper_checked",
    N_("This paper was checked or taken back already."),
)
