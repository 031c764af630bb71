"""补录 from asking to the books, as one table. No I/O here."""

from __future__ import annotations

from enum import StrEnum

from volunteer.kernel.errors import Conflict
from volunteer.kernel.words import N_


class AskStatus(StrEnum):
    """Where a request for hours stands."""

    ASKED = "asked"
    BOOKED = "booked"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class AskAction(StrEnum):
    """What somebody does to it."""

    APPROVE = "approve"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"


TRANSITIONS: dict[tuple[AskStatus, AskAction], AskStatus] = {
    (AskStatus.ASKED, AskAction.APPROVE): AskStatus.BOOKED,
    (AskStatus.ASKED, AskAction.REFUSE): AskStatus.REFUSED,
    (AskStatus.ASKED, AskAction.WITHDRAW): AskStatus.WITHDRAWN,
}


def next_status(current: AskStatus, action: AskAction) -> AskStatus:
    """Return where ``action`` leads from ``current``, or raise Conflict."""
    try:
        return TRANSITIONS[current, action]
    except KeyError:
        raise Conflict(
            "by_hand_decided", N_("This has been decided or withdrawn already."), status=current.value, action=action.value
        ) from None
