"""A star that is proposed, and a seat in a household, as two tables. No I/O here."""

from __future__ import annotations

from enum import StrEnum

from volunteer.kernel.lifecycle import Lifecycle
from volunteer.kernel.words import N_


class EligibilityState(StrEnum):
    """What became of a proposal."""

    PROPOSED = "proposed"
    AWARDED = "awarded"
    LAPSED = "lapsed"  # the hours no longer reach it, or a higher star is proposed instead
    ASIDE = "aside"  # a person put it aside, or revoked the award: proposed again only by a person


class EligibilityAction(StrEnum):
    """What moves a proposal: the nightly review, or a person."""

    PROPOSE = "propose"  # the review finds that the hours reach it (again)
    LAPSE = "lapse"
    AWARD = "award"
    PUT_ASIDE = "put_aside"
    TAKE_UP = "take_up"
    REVOKE = "revoke"  # the award of this star, whatever was proposed since


class HomeState(StrEnum):
    """How somebody stands to a home."""

    INVITED = "invited"
    MEMBER = "member"
    REFUSED = "refused"
    LEFT = "left"


class SeatAction(StrEnum):
    """What moves a seat in a household."""

    ENTER = "enter"
    REFUSE = "refuse"  # by whoever was invited, or taken back by the head
    LEAVE = "leave"


E, A = EligibilityState, EligibilityAction

PROPOSALS = Lifecycle(
    {
        (E.PROPOSED, A.AWARD): E.AWARDED,
        (E.PROPOSED, A.PUT_ASIDE): E.ASIDE,
        (E.PROPOSED, A.LAPSE): E.LAPSED,
        (E.PROPOSED, A.REVOKE): E.ASIDE,
        (E.ASIDE, A.TAKE_UP): E.PROPOSED,
        (E.ASIDE, A.LAPSE): E.LAPSED,
        (E.ASIDE, A.REVOKE): E.ASIDE,
        (E.LAPSED, A.PROPOSE): E.PROPOSED,
        (E.LAPSED, A.REVOKE): E.ASIDE,
        (E.AWARDED, A.PROPOSE): E.PROPOSED,
        (E.AWARDED, A.REVOKE): E.ASIDE,
    },
    "not_proposed",
    N_("This is not proposed any more. Please look at the list again."),
)
SEATS = Lifecycle(
    {
        (HomeState.INVITED, SeatAction.ENTER): HomeState.MEMBER,
        (HomeState.INVITED, SeatAction.REFUSE): HomeState.REFUSED,
        (HomeState.MEMBER, SeatAction.LEAVE): HomeState.LEFT,
    },
    "link_over",
    N_("This invitation is over. Please ask for a new one."),
)
