"""A merchant, a reservation and a refund from the first word to the end, as three tables. No I/O here."""

from __future__ import annotations

from enum import StrEnum

from volunteer.kernel.lifecycle import Lifecycle
from volunteer.kernel.words import N_


class MerchantStatus(StrEnum):
    """Where a merchant stands."""

    APPLIED = "applied"
    APPROVED = "approved"
    REFUSED = "refused"
    SUSPENDED = "suspended"  # nothing new is reserved; what is reserved may still be fetched


class MerchantAction(StrEnum):
    """What a site does about a merchant."""

    APPROVE = "approve"
    REFUSE = "refuse"
    SUSPEND = "suspend"
    RESUME = "resume"


class RedemptionStatus(StrEnum):
    """Where a reservation of a gift stands."""

    RESERVED = "reserved"
    COLLECTED = "collected"
    LET_GO = "let_go"
    EXPIRED = "expired"
    REFUNDED = "refunded"


class RedemptionAction(StrEnum):
    """What moves a reservation."""

    COLLECT = "collect"
    LET_GO = "let_go"  # by the person, or by the merchant who has nothing left to hand over
    EXPIRE = "expire"
    REFUND = "refund"


class RefundStatus(StrEnum):
    """Where a wish to take something back stands."""

    ASKED = "asked"
    SECONDED = "seconded"  # one of the two who are needed has said yes
    DONE = "done"
    REFUSED = "refused"


class RefundAction(StrEnum):
    """What a site says to it."""

    SAY_YES = "say_yes"  # the first of two
    PAY_BACK = "pay_back"
    REFUSE = "refuse"


MOVED_ON = {
    RedemptionStatus.COLLECTED: N_("This code was used already: the gift has been handed over."),
    RedemptionStatus.LET_GO: N_("This reservation was let go. The points are back with the person."),
    RedemptionStatus.EXPIRED: N_("This reservation has run out. The points are back with the person."),
    RedemptionStatus.REFUNDED: N_("This gift was taken back. The points are back with the person."),
}
CHANGED = N_("This has moved on and can no longer be changed that way. Look at where it stands now.")
MERCHANTS = Lifecycle(
    {
        (MerchantStatus.APPLIED, MerchantAction.APPROVE): MerchantStatus.APPROVED,
        (MerchantStatus.APPLIED, MerchantAction.REFUSE): MerchantStatus.REFUSED,
        (MerchantStatus.APPROVED, MerchantAction.SUSPEND): MerchantStatus.SUSPENDED,
        (MerchantStatus.SUSPENDED, MerchantAction.RESUME): MerchantStatus.APPROVED,
    },
    "moved_on",
    CHANGED,
)
REDEMPTIONS = Lifecycle(
    {
        (RedemptionStatus.RESERVED, RedemptionAction.COLLECT): RedemptionStatus.COLLECTED,
        (RedemptionStatus.RESERVED, RedemptionAction.LET_GO): RedemptionStatus.LET_GO,
        (RedemptionStatus.RESERVED, RedemptionAction.EXPIRE): RedemptionStatus.EXPIRED,
        (RedemptionStatus.COLLECTED, RedemptionAction.REFUND): RedemptionStatus.REFUNDED,
    },
    "moved_on",
    CHANGED,
    MOVED_ON,
)
REFUNDS = Lifecycle(
    {
        (RefundStatus.ASKED, RefundAction.SAY_YES): RefundStatus.SECONDED,
        (RefundStatus.ASKED, RefundAction.PAY_BACK): RefundStatus.DONE,
        (RefundStatus.ASKED, RefundAction.REFUSE): RefundStatus.REFUSED,
        (RefundStatus.SECONDED, RefundAction.PAY_BACK): RefundStatus.DONE,
        (RefundStatus.SECONDED, RefundAction.REFUSE): RefundStatus.REFUSED,
    },
    "moved_on",
    CHANGED,
)
USES_UP = frozenset({RedemptionStatus.RESERVED, RedemptionStatus.COLLECTED})  # what counts towards a limit
WAITING = frozenset({RefundStatus.ASKED, RefundStatus.SECONDED})
