"""Help that comes again, and a wish for another time, as two tables. No I/O here."""

from __future__ import annotations

from enum import StrEnum

from volunteer.kernel.lifecycle import Lifecycle
from volunteer.kernel.words import N_


class StandingState(StrEnum):
    """Whether it goes on."""

    ACTIVE = "active"
    PAUSED = "paused"
    ENDED = "ended"


class StandingAction(StrEnum):
    """What moves help that comes again: the resident, their helper or a clerk, and the job."""

    PAUSE = "pause"  # also until another day; by the job when a day is refused; with the end of the helper's right
    RESUME = "resume"  # also by the job, when its day has come
    END = "end"  # also by the job, after the last time


class MoveState(StrEnum):
    """What became of a wish for another time."""

    ASKED = "asked"
    AGREED = "agreed"
    REFUSED = "refused"
    OVER = "over"  # withdrawn, asked anew, or the order went on without an answer


class MoveAction(StrEnum):
    """What moves such a wish."""

    AGREE = "agree"  # by the other side, as is the no
    REFUSE = "refuse"
    REPLACE = "replace"  # by whoever asked: another time takes its place


S, A = StandingState, StandingAction

STANDINGS = Lifecycle(
    {
        (S.ACTIVE, A.PAUSE): S.PAUSED,
        (S.PAUSED, A.PAUSE): S.PAUSED,
        (S.PAUSED, A.RESUME): S.ACTIVE,
        (S.ACTIVE, A.END): S.ENDED,
        (S.PAUSED, A.END): S.ENDED,
    },
    "standing_ended",
    N_("This has ended. You can begin it anew from any of its requests."),
)
MOVES = Lifecycle(
    {
        (MoveState.ASKED, MoveAction.AGREE): MoveState.AGREED,
        (MoveState.ASKED, MoveAction.REFUSE): MoveState.REFUSED,
        (MoveState.ASKED, MoveAction.REPLACE): MoveState.OVER,
    },
    "move_over",
    N_("The team no longer asks for this time."),
)
