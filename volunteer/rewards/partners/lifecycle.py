"""A transfer between us and another platform, and the link it goes by, as tables. No I/O here.

Out: held (ours) → reserved (theirs) → confirmed, or returned. In: reserved (ours) → confirmed, cancelled or expired.
Whoever sends decides, whoever receives knows: once a transfer out is reserved over there, only the partner's own word,
confirmed or cancelled or expired, ends it.
"""

from __future__ import annotations

from enum import StrEnum

from volunteer.kernel.lifecycle import Lifecycle
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

MOVED_ON = ("transfer_wrong_status", N_("This transfer can no longer be changed that way."))
TRANSFERS = {
    Sender.CENTRE: Lifecycle(
        {
            (Status.HELD, Action.RESERVE): Status.RESERVED,
            (Status.HELD, Action.GIVE_BACK): Status.RETURNED,
            (Status.RESERVED, Action.CONFIRM): Status.CONFIRMED,
            (Status.RESERVED, Action.GIVE_BACK): Status.RETURNED,
        },
        *MOVED_ON,
    ),
    Sender.PARTNER: Lifecycle(
        {
            (Status.RESERVED, Action.CONFIRM): Status.CONFIRMED,
            (Status.RESERVED, Action.CANCEL): Status.CANCELLED,
            (Status.RESERVED, Action.EXPIRE): Status.EXPIRED,
        },
        *MOVED_ON,
    ),
}


class LinkState(StrEnum):
    """Whether the partner knows the person behind an account."""

    ASKED = "asked"
    VERIFIED = "verified"
    REFUSED = "refused"
    ENDED = "ended"


class LinkAction(StrEnum):
    """What the partner, or the person, says to a link."""

    VERIFY = "verify"
    REFUSE = "refuse"
    END = "end"


LINKS = Lifecycle(
    {
        (LinkState.ASKED, LinkAction.VERIFY): LinkState.VERIFIED,
        (LinkState.ASKED, LinkAction.REFUSE): LinkState.REFUSED,
        (LinkState.ASKED, LinkAction.END): LinkState.ENDED,
        (LinkState.VERIFIED, LinkAction.END): LinkState.ENDED,
    },
    "link_over",
    N_("This link was refused or ended already."),
)
