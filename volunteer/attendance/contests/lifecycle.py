"""An objection to an entry, as one table. No I/O here."""

from __future__ import annotations

from enum import StrEnum

from volunteer.kernel.errors import Conflict
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


def next_status(current: ContestStatus, action: ContestAction) -> ContestStatus:
    """Return where ``action`` leads from ``current``, or raise Conflict."""
    try:
        return TRANSITIONS[current, action]
    except KeyError:
        raise Conflict(
            "contest_decided", N_("This has been answered or withdrawn already."), status=current.value, action=action.value
        ) from None
