"""How hours that were asked for, and objections, stand: as chips."""

from __future__ import annotations

from flask_babel import gettext as _

from volunteer.attendance.by_hand.lifecycle import AskStatus
from volunteer.attendance.contests.lifecycle import ContestStatus
from volunteer.kernel.words import N_

ASK_STATES = {
    AskStatus.ASKED: (N_("waits for an answer"), "soon", "clock"),
    AskStatus.BOOKED: (N_("written in"), "ok", "circle-check"),
    AskStatus.REFUSED: (N_("not accepted"), "late", "circle-x"),
    AskStatus.WITHDRAWN: (N_("taken back"), "grey", "undo-2"),
}
CONTEST_STATES = {
    ContestStatus.OPEN: (N_("waits for an answer"), "soon", "clock"),
    ContestStatus.ACCEPTED: (N_("accepted"), "ok", "circle-check"),
    ContestStatus.REFUSED: (N_("stays as it is"), "grey", "circle-x"),
    ContestStatus.WITHDRAWN: (N_("taken back"), "grey", "undo-2"),
}


def ask_states() -> dict[str, tuple[str, str, str]]:
    """Return the chip of each status of hours that were asked for."""
    return {state.value: (_(words), tone, icon) for state, (words, tone, icon) in ASK_STATES.items()}


def contest_states() -> dict[str, tuple[str, str, str]]:
    """Return the chip of each status of an objection."""
    return {state.value: (_(words), tone, icon) for state, (words, tone, icon) in CONTEST_STATES.items()}
