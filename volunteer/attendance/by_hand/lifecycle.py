"""补录 from asking to the books, as one table. No I/O here."""

from __future__ import annotations

from enum import StrEnum

from volunteer.kernel.lifecycle import Lifecycle
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
ASKS = Lifecycle(TRANSITIONS, "by_hand_decided", N_("This has been decided or withdrawn already."))
next_status = ASKS.next
