"""微心愿 (gathered for, full, fulfilled; or taken back) and requests of staff, as two tables. No I/O here."""

from __future__ import annotations

from enum import StrEnum

from volunteer.kernel.lifecycle import Lifecycle
from volunteer.kernel.words import N_


class WishState(StrEnum):
    """How far a wish is."""

    OPEN = "open"
    FULL = "full"
    FULFILLED = "fulfilled"
    CANCELLED = "cancelled"


class WishAction(StrEnum):
    """What can happen to it."""

    FILL = "fill"
    FULFIL = "fulfil"
    CANCEL = "cancel"


class RequestState(StrEnum):
    """What became of what one member of staff asked for."""

    ASKED = "asked"
    DONE = "done"
    REFUSED = "refused"


class RequestAction(StrEnum):
    """What a second one says."""

    DO = "do"
    REFUSE = "refuse"


WISHES = Lifecycle(
    {
        (WishState.OPEN, WishAction.FILL): WishState.FULL,
        (WishState.FULL, WishAction.FULFIL): WishState.FULFILLED,
        (WishState.OPEN, WishAction.CANCEL): WishState.CANCELLED,
        (WishState.FULL, WishAction.CANCEL): WishState.CANCELLED,
    },
    "wish_wrong_state",
    N_("This wish can no longer be changed that way."),
)
REQUESTS = Lifecycle(
    {
        (RequestState.ASKED, RequestAction.DO): RequestState.DONE,
        (RequestState.ASKED, RequestAction.REFUSE): RequestState.REFUSED,
    },
    "request_decided",
    N_("This was decided already."),
)
