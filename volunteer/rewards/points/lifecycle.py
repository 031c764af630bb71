"""微心愿 as one table: gathered for, full, fulfilled; or taken back, and everybody has theirs again. No I/O here."""

from __future__ import annotations

from enum import StrEnum

from volunteer.kernel.errors import Conflict
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


WISHES: dict[tuple[WishState, WishAction], WishState] = {
    (WishState.OPEN, WishAction.FILL): WishState.FULL,
    (WishState.FULL, WishAction.FULFIL): WishState.FULFILLED,
    (WishState.OPEN, WishAction.CANCEL): WishState.CANCELLED,
    (WishState.FULL, WishAction.CANCEL): WishState.CANCELLED,
}


def next_wish(current: WishState, action: WishAction) -> WishState:
    """Return where ``action`` leads from ``current``, or raise Conflict."""
    try:
        return WISHES[current, action]
    except KeyError:
        message = N_("This wish can no longer be changed that way.")
        raise Conflict("wish_wrong_state", message, state=current.value, action=action.value) from None
