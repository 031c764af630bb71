"""点单 → 派单 → 接单 → 服务 → 评单, as one table; and what becomes of an offer to a team, as another. No I/O here."""

from __future__ import annotations

from enum import StrEnum

from volunteer.kernel.lifecycle import Lifecycle
from volunteer.kernel.words import N_


class Status(StrEnum):
    """Where an order stands."""

    PLACED = "placed"
    VERIFIED = "verified"
    OFFERED = "offered"
    ACCEPTED = "accepted"
    UNDER_WAY = "under_way"
    IN_SERVICE = "in_service"
    SERVED = "served"
    CLOSED = "closed"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    UNMET = "unmet"
    IN_PARTS = "in_parts"  # each part is an order of its own, and this one waits for them


class Action(StrEnum):
    """What somebody does to an order that moves it."""

    VERIFY = "verify"
    REJECT = "reject"
    CORRECT = "correct"
    WITHDRAW = "withdraw"
    OFFER = "offer"
    CLAIM = "claim"
    GIVE_UP = "give_up"
    HAND_OVER = "hand_over"
    SPLIT = "split"
    MERGE = "merge"
    GATHER = "gather"
    RESUME = "resume"
    ACCEPT = "accept"
    LAPSE = "lapse"
    RECALL = "recall"
    RELEASE = "release"
    SET_OUT = "set_out"
    CHECK_IN = "check_in"
    NOBODY_HOME = "nobody_home"
    CHECK_OUT = "check_out"
    RATE = "rate"
    CLOSE_SILENT = "close_silent"
    REOPEN = "reopen"


class OfferState(StrEnum):
    """What became of an offer."""

    OPEN = "open"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    LAPSED = "lapsed"  # no answer in time
    RECALLED = "recalled"  # taken back, or another team was faster


class OfferAction(StrEnum):
    """What moves an offer."""

    ACCEPT = "accept"  # by the team
    DECLINE = "decline"  # by the team
    LAPSE = "lapse"  # by the clock
    RECALL = "recall"  # by the desk or the resident; by the yes of another team; also from the team that said yes


S, A = Status, Action

TRANSITIONS: dict[tuple[Status, Action], Status] = {
    (S.PLACED, A.VERIFY): S.VERIFIED,
    (S.PLACED, A.REJECT): S.REJECTED,
    (S.PLACED, A.WITHDRAW): S.WITHDRAWN,
    (S.REJECTED, A.CORRECT): S.PLACED,
    (S.VERIFIED, A.OFFER): S.OFFERED,
    (S.VERIFIED, A.CLAIM): S.ACCEPTED,
    (S.VERIFIED, A.GIVE_UP): S.UNMET,
    (S.VERIFIED, A.HAND_OVER): S.VERIFIED,
    (S.VERIFIED, A.WITHDRAW): S.WITHDRAWN,
    (S.VERIFIED, A.SPLIT): S.IN_PARTS,
    (S.IN_PARTS, A.MERGE): S.VERIFIED,
    (S.IN_PARTS, A.GATHER): S.SERVED,  # the last part is done
    (S.IN_PARTS, A.GIVE_UP): S.UNMET,
    (S.IN_PARTS, A.WITHDRAW): S.WITHDRAWN,
    (S.OFFERED, A.ACCEPT): S.ACCEPTED,
    (S.OFFERED, A.LAPSE): S.VERIFIED,
    (S.OFFERED, A.RECALL): S.VERIFIED,
    (S.OFFERED, A.WITHDRAW): S.WITHDRAWN,
    (S.ACCEPTED, A.SET_OUT): S.UNDER_WAY,
    (S.ACCEPTED, A.CHECK_IN): S.IN_SERVICE,
    (S.ACCEPTED, A.RELEASE): S.VERIFIED,
    (S.ACCEPTED, A.RECALL): S.VERIFIED,
    (S.ACCEPTED, A.WITHDRAW): S.WITHDRAWN,
    (S.UNDER_WAY, A.CHECK_IN): S.IN_SERVICE,
    (S.UNDER_WAY, A.NOBODY_HOME): S.VERIFIED,
    (S.UNDER_WAY, A.RELEASE): S.VERIFIED,
    (S.UNDER_WAY, A.RECALL): S.VERIFIED,  # the resident says that nobody came
    (S.UNDER_WAY, A.WITHDRAW): S.WITHDRAWN,
    (S.IN_SERVICE, A.CHECK_OUT): S.SERVED,
    (S.SERVED, A.RATE): S.CLOSED,
    (S.SERVED, A.CLOSE_SILENT): S.CLOSED,
    (S.CLOSED, A.REOPEN): S.VERIFIED,
    (S.UNMET, A.REOPEN): S.VERIFIED,
    (S.SERVED, A.RESUME): S.IN_PARTS,  # a part was opened again
    (S.CLOSED, A.RESUME): S.IN_PARTS,
    (S.UNMET, A.RESUME): S.IN_PARTS,
}

OPEN = frozenset({S.PLACED, S.VERIFIED, S.OFFERED, S.ACCEPTED, S.UNDER_WAY, S.IN_SERVICE, S.SERVED, S.IN_PARTS})
WITH_TEAM = frozenset({S.ACCEPTED, S.UNDER_WAY, S.IN_SERVICE})  # what counts as a team's load


ORDERS = Lifecycle(
    TRANSITIONS,
    "order_wrong_status",
    N_("This order has moved on and can no longer be changed that way. Look at where it stands now."),
)
next_status, allows = ORDERS.next, ORDERS.allows

OFFERS = Lifecycle(
    {
        (OfferState.OPEN, OfferAction.ACCEPT): OfferState.ACCEPTED,
        (OfferState.OPEN, OfferAction.DECLINE): OfferState.DECLINED,
        (OfferState.OPEN, OfferAction.LAPSE): OfferState.LAPSED,
        (OfferState.OPEN, OfferAction.RECALL): OfferState.RECALLED,
        (OfferState.ACCEPTED, OfferAction.RECALL): OfferState.RECALLED,
    },
    "offer_gone",
    N_("This request is no longer open. Thank you for being willing."),
)
