"""A case from the first word to the answer, as one table. No I/O here."""

from __future__ import annotations

from enum import StrEnum

from volunteer.kernel.lifecycle import Lifecycle
from volunteer.kernel.words import N_


class CaseStatus(StrEnum):
    """Where a case stands."""

    OPEN = "open"
    LOOKING = "looking"  # somebody has taken it and is finding out
    ANSWERED = "answered"
    CLOSED = "closed"
    REOPENED = "reopened"  # the person was not content: the site above looks a second time


class CaseAction(StrEnum):
    """What somebody does to a case that moves it."""

    TAKE = "take"
    HAND_UP = "hand_up"
    ANSWER = "answer"
    CLOSE = "close"
    CONTENT = "content"
    LAPSE = "lapse"
    REOPEN = "reopen"


S, A = CaseStatus, CaseAction
AT_WORK = frozenset({S.OPEN, S.LOOKING, S.REOPENED})  # something is still promised

TRANSITIONS: dict[tuple[CaseStatus, CaseAction], CaseStatus] = {
    (S.OPEN, A.TAKE): S.LOOKING,
    (S.OPEN, A.HAND_UP): S.OPEN,
    (S.OPEN, A.ANSWER): S.ANSWERED,
    (S.OPEN, A.CLOSE): S.CLOSED,
    (S.LOOKING, A.TAKE): S.LOOKING,
    (S.LOOKING, A.HAND_UP): S.OPEN,
    (S.LOOKING, A.ANSWER): S.ANSWERED,
    (S.LOOKING, A.CLOSE): S.CLOSED,
    (S.ANSWERED, A.CONTENT): S.CLOSED,
    (S.ANSWERED, A.LAPSE): S.CLOSED,
    (S.ANSWERED, A.REOPEN): S.REOPENED,
    (S.REOPENED, A.TAKE): S.LOOKING,
    (S.REOPENED, A.HAND_UP): S.REOPENED,
    (S.REOPENED, A.ANSWER): S.ANSWERED,
    (S.REOPENED, A.CLOSE): S.CLOSED,
}


CASES = Lifecycle(
    TRANSITIONS,
    "case_wrong_status",
    N_("This case has moved on and can no longer be changed that way. Look at where it stands now."),
)
next_status, allows = CASES.next, CASES.allows
