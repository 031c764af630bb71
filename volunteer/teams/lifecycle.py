"""A paper that a volunteer shows, and what is asked about being in a team, each from being sent to the answer, as two tables.

No I/O here.
"""

from __future__ import annotations

from enum import StrEnum

from volunteer.kernel.lifecycle import Lifecycle
from volunteer.kernel.words import N_


class PaperState(StrEnum):
    """Whether the site has looked."""

    WAITING = "waiting"
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class PaperAction(StrEnum):
    """What the site, or the volunteer, does with it."""

    APPROVE = "approve"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"


class Answer(StrEnum):
    """What became of something that was asked: to join, to invite, to lead, to found a team."""

    OPEN = "open"
    YES = "yes"
    NO = "no"
    WITHDRAWN = "withdrawn"


class AnswerAction(StrEnum):
    """What moves it."""

    SAY_YES = "say_yes"  # by whoever was asked: the leader, the volunteer, the site
    SAY_NO = "say_no"
    WITHDRAW = "withdraw"  # by whoever asked; with the membership that it is about; when another is asked instead


PAPERS = Lifecycle(
    {
        (PaperState.WAITING, PaperAction.APPROVE): PaperState.APPROVED,
        (PaperState.WAITING, PaperAction.REFUSE): PaperState.REFUSED,
        (PaperState.WAITING, PaperAction.WITHDRAW): PaperState.WITHDRAWN,
    },
    "paper_checked",
    N_("This paper was checked or taken back already."),
)
ANSWERS = Lifecycle(
    {
        (Answer.OPEN, AnswerAction.SAY_YES): Answer.YES,
        (Answer.OPEN, AnswerAction.SAY_NO): Answer.NO,
        (Answer.OPEN, AnswerAction.WITHDRAW): Answer.WITHDRAWN,
    },
    "ask_answered",
    N_("This was answered or taken back already."),
)
