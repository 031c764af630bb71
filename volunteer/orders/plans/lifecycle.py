"""A plan for a whole board, and what becomes of one order in it, as two tables. No I/O here."""

from __future__ import annotations

from enum import StrEnum

from volunteer.kernel.lifecycle import Lifecycle
from volunteer.kernel.words import N_


class RunState(StrEnum):
    """Where a plan for a whole board stands."""

    WAITING = "waiting"  # to be worked out
    PLANNING = "planning"  # the solver has it
    WRITING = "writing"  # its lines are being written
    READY = "ready"  # somebody looks at it
    ACCEPTED = "accepted"  # every line of it was offered
    PART = "part"  # some were, the rest was let go
    DROPPED = "dropped"
    FAILED = "failed"
    STALE = "stale"  # nobody decided in time


class RunAction(StrEnum):
    """What moves a plan: whoever works it out, the dispatcher, or the clock."""

    BEGIN = "begin"  # a planner takes it in hand, also from one that died
    KEEP = "keep"  # the solver has answered
    SHOW = "show"  # the last line is written
    FAIL = "fail"
    PLAN_AGAIN = "plan_again"  # by the dispatcher
    FINISH = "finish"  # nothing is left to decide
    DROP = "drop"  # by the dispatcher, or with the sites that it was for
    KEEP_OFFERED = "keep_offered"  # it ends like that when offers of it were made: these stay
    GO_STALE = "go_stale"  # by the clock


class LineState(StrEnum):
    """What becomes of one order in a plan."""

    PROPOSED = "proposed"
    UNSERVED = "unserved"  # no team for it, and why
    LEFT_OUT = "left_out"  # by the dispatcher
    KEPT = "kept"  # is with a team already: the plan works around it
    CHOSEN = "chosen"  # accepted by the dispatcher, the offer is not made yet
    OFFERED = "offered"
    MOVED_ON = "moved_on"  # the order, or its team, was no longer what the plan had seen
    HELD = "held"  # another dispatcher has it open
    PASSED_UP = "passed_up"  # nobody here: the desk above has it now


class LineAction(StrEnum):
    """What moves a line: the plan that is written, or the dispatcher."""

    PROPOSE = "propose"  # by the plan; anew when the offer that was made came back
    LEAVE_OUT = "leave_out"  # by the plan, as the dispatcher wished
    KEEP = "keep"  # by the plan
    FIND_NOBODY = "find_nobody"  # by the plan
    CHOOSE = "choose"  # by the dispatcher
    OFFER = "offer"
    MOVE_ON = "move_on"  # what was planned, chosen or escalated is refused
    FIND_HELD = "find_held"
    ESCALATE = "escalate"  # by the dispatcher


R, A = RunState, RunAction

UNDER_HAND = frozenset({R.WAITING, R.PLANNING, R.WRITING, R.READY})
AT_WORK = frozenset({R.WAITING, R.PLANNING, R.WRITING})

RUNS = Lifecycle(
    {
        (R.WAITING, A.BEGIN): R.PLANNING,
        (R.PLANNING, A.BEGIN): R.PLANNING,
        (R.PLANNING, A.KEEP): R.WRITING,
        (R.WRITING, A.SHOW): R.READY,
        (R.WAITING, A.FAIL): R.FAILED,
        (R.PLANNING, A.FAIL): R.FAILED,
        (R.WRITING, A.FAIL): R.FAILED,
        (R.READY, A.PLAN_AGAIN): R.WAITING,
        (R.READY, A.FINISH): R.ACCEPTED,
        (R.WAITING, A.GO_STALE): R.STALE,
        (R.READY, A.GO_STALE): R.STALE,
        **{(state, A.DROP): R.DROPPED for state in UNDER_HAND},
        **{(state, A.KEEP_OFFERED): R.PART for state in UNDER_HAND},
    },
    "run_over",
    N_("This plan is over. Please make a new one."),
)

L, B = LineState, LineAction

LINES = Lifecycle(
    {
        (L.PROPOSED, B.PROPOSE): L.PROPOSED,
        (L.PROPOSED, B.LEAVE_OUT): L.LEFT_OUT,
        (L.PROPOSED, B.KEEP): L.KEPT,
        (L.PROPOSED, B.FIND_NOBODY): L.UNSERVED,
        (L.OFFERED, B.PROPOSE): L.PROPOSED,
        (L.OFFERED, B.LEAVE_OUT): L.LEFT_OUT,
        (L.OFFERED, B.FIND_NOBODY): L.UNSERVED,
        (L.UNSERVED, B.FIND_NOBODY): L.UNSERVED,
        (L.LEFT_OUT, B.FIND_NOBODY): L.UNSERVED,
        (L.PROPOSED, B.MOVE_ON): L.MOVED_ON,
        (L.UNSERVED, B.MOVE_ON): L.MOVED_ON,
        (L.LEFT_OUT, B.MOVE_ON): L.MOVED_ON,
        (L.CHOSEN, B.MOVE_ON): L.MOVED_ON,
        (L.PROPOSED, B.CHOOSE): L.CHOSEN,
        (L.CHOSEN, B.OFFER): L.OFFERED,
        (L.CHOSEN, B.FIND_HELD): L.HELD,
        (L.UNSERVED, B.FIND_HELD): L.HELD,
        (L.UNSERVED, B.ESCALATE): L.PASSED_UP,
    },
    "line_moved_on",
    N_("This has moved on and can no longer be changed that way. Look at where it stands now."),
)
