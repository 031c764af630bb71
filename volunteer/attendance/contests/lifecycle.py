"""An objection to an entry, as one table. No I/O here."""

from __future__ import annotations

from enum import StrEnum

from volunteer.kernel.lifecycle import Lifecycle
from volunteer.kernel.words import N_


class ContestStatus(StrEnum):
    """Where an objection stands."""

    OPEN = "open"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class ContestAction(StrEnum):
    """What somebody does to it."""

    ACCEPT = "accept"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"


TRANSITIONS: dict[tuple[ContestStatus, ContestAction], ContestStatus] = {
    (ContestStatus.OPEN, ContestAction.ACCEPT): ContestStatus.ACCEPTED,
    (ContestStatus.OPEN, ContestAction.REFUSE): ContestStatus.REFUSED,
    (ContestStatus.OPEN, ContestAction.WITHDRAW): ContestStatus.WITHDRAWN,
}
CONTESTS = Lifecycle(TRANSITIONS, "contest_decided", N_("This has been answered or withdrawn already."))
next_status = CONTESTS.next
