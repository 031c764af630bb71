"""A transfer between us and another platform, as one table. No I/O here.

Out: held (ours) → reserved (theirs) → confirmed, or returned. In: reserved (ours) → confirmed, cancelled or expired.
Whoever sends decides, whoever receives knows: once a transfer out is reserved over there, only the partner's own word,
confirmed or cancelled or expired, ends it.
"""

from __future__ import annotations

from enum import StrEnum

from volunteer.kernel.errors import Conflict
from volunteer.kernel.words import N_


class Sender(StrEnum):
    """Who sends the points."""

    CENTRE = "centre"
    PARTNER = "partner"


class Status(StrEnum):
    """Where a transfer stands."""

    HELD = "held"  # out: taken from the person, the partner has not answered yet
    RESERVED = "reserved"  # out: the partner keeps room for it; in: we do
    CONFIRMED = "confirmed"
    RETURNED = "returned"  # out: the points are back
    CANCELLED = "cancelled"
    EXPIRED = "expired"


class Action(StrEnum):
    """What may happen to it."""

    RESERVE = "reserve"
    CONFIRM = "confirm"
    GIVE_BACK = "give_back"
    CANCEL = "cancel"
    EXPIRE = "expire"


OPEN = frozenset({Status.HELD, Status.RESERVED})
FIRST = {Sender.CENTRE: Status.HELD, Sender.PARTNER: Status.RESERVED}

TRANSITIONS: dict[tuple[Sender, Status, Action], Status] = {
    (Sender.CENTRE, Status.HELD, Action.RESERVE): Status.RESERVED,
    (Sender.CENTRE, Status.HELD, Action.GIVE_BACK): Status.RETURNED,
    (Sender.CENTRE, Status.RESERVED, Action.CONFIRM): Status.CONFIRMED,
    (Sender.CENTRE, Status.RESERVED, Action.GIVE_BACK): Status.RETURNED,
    (Sender.PARTNER, Status.RESERVED, Action.CONFIRM): Status.CONFIRMED,
    (Sender.PARTNER, Status.RESERVED, Action.CANCEL): Status.CANCELLED,
    (Sender.PARTNER, Status.RESERVED, Action.EXPIRE): Status.EXPIRED,
}


def next_status(sender: Sender, current: Status, action: Action) -> Status:
    """Return where ``action`` leads from ``current``, or raise Conflict."""
    try:
        return TRANSITIONS[sender, current, action]
    except KeyError:
        raise Conflict(
            "transfer_wrong_status",
            N_("This transfer can no longer be changed that way."),
            status=current.value,
            action=action.value,
        ) from None


def allows(sender: Sender, current: Status, action: Action) -> bool:
    """Return whether the table has a way."""
    return (sender, current, action) in TRANSITIONS
