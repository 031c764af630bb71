"""转派: an order on its way to a neighbour county, as one table. No I/O here."""

from __future__ import annotations

from enum import StrEnum

from volunteer.kernel.lifecycle import Lifecycle
from volunteer.kernel.words import N_


class HandOverState(StrEnum):
    """Where a hand-over stands."""

    PROPOSED = "proposed"  # the resident is asked
    AGREED = "agreed"  # the neighbour is asked
    ACCEPTED = "accepted"  # the order is at the neighbour's desk
    DECLINED = "declined"  # the resident does not want it
    REFUSED = "refused"  # the neighbour cannot
    TAKEN_BACK = "taken_back"
    RETURNED = "returned"  # the neighbour gave it back


class HandOverAction(StrEnum):
    """What the resident, the neighbour or the desk says."""

    AGREE = "agree"
    DECLINE = "decline"
    ACCEPT = "accept"
    REFUSE = "refuse"
    TAKE_BACK = "take_back"
    RETURN = "return"


S, A = HandOverState, HandOverAction
GOING_ON = frozenset({S.PROPOSED, S.AGREED})
HAND_OVERS = Lifecycle(
    {
        (S.PROPOSED, A.AGREE): S.AGREED,
        (S.PROPOSED, A.DECLINE): S.DECLINED,
        (S.PROPOSED, A.TAKE_BACK): S.TAKEN_BACK,
        (S.AGREED, A.ACCEPT): S.ACCEPTED,
        (S.AGREED, A.REFUSE): S.REFUSED,
        (S.AGREED, A.TAKE_BACK): S.TAKEN_BACK,
        (S.ACCEPTED, A.RETURN): S.RETURNED,
    },
    "hand_over_moved_on",
    N_("This hand-over has moved on. Look at where it stands now."),
)
