"""What somebody is to a visit, and the hearing of somebody who did not come, as two tables. No I/O here."""

from __future__ import annotations

from enum import StrEnum

from volunteer.kernel.lifecycle import Lifecycle
from volunteer.kernel.words import N_


class VisitorState(StrEnum):
    """What somebody is to a visit."""

    GOING = "going"
    STANDBY = "standby"  # ready if somebody drops out
    WAITING = "waiting"  # put themself on the waitlist
    ASKED = "asked"  # to step in, until ``until``
    DECLINED = "declined"  # was asked, and said no or nothing
    EXCUSED = "excused"  # said in time that they cannot come
    LATE = "late"  # said so after the promised time
    NO_SHOW = "no_show"  # decided so, after they were heard
    OFF = "off"  # no longer needed: another was chosen, or the team gave the visit back


class VisitorAction(StrEnum):
    """What moves somebody to a visit, or from it."""

    APPOINT = "appoint"  # by the leader, who may choose anybody again
    STAND_BY = "stand_by"  # named by the leader
    WAIT = "wait"  # by themself
    ASK = "ask"  # whoever is missing is asked for by the machine
    STEP_IN = "step_in"  # by themself
    DECLINE = "decline"  # by themself, or by the clock
    EXCUSE = "excuse"  # by themself in time; by the second person who decides about an absence
    CANCEL_LATE = "cancel_late"  # by themself
    MISS = "miss"  # by the second person
    CLEAR = "clear"  # by the second person: it was a mistake
    LET_OFF = "let_off"  # by the leader, by themself while they only stand by, or because nobody of the team comes


class AbsenceState(StrEnum):
    """Where the hearing stands. Only STANDS is ever counted."""

    PROPOSED = "proposed"  # by the job: the leader says whether it was so
    OPEN = "open"  # the volunteer has been told and may say what happened
    STANDS = "stands"
    EXCUSED = "excused"
    WITHDRAWN = "withdrawn"


class AbsenceAction(StrEnum):
    """What moves a hearing."""

    OPEN = "open"  # by the leader
    DROP = "drop"  # by the leader: it was not so
    UPHOLD = "uphold"  # by the second person, who may decide anew, too
    EXCUSE = "excuse"
    TAKE_BACK = "take_back"


V, A = VisitorState, VisitorAction

NOT_GOING = frozenset(VisitorState) - {V.GOING}
READY = (V.STANDBY, V.WAITING)  # said yes beforehand, in the order in which they are asked
OUT = frozenset({V.DECLINED, V.EXCUSED, V.LATE, V.NO_SHOW})
LIVE = frozenset({V.GOING, V.ASKED, *READY})
MISSABLE = frozenset({V.GOING, V.LATE})
HEARD = MISSABLE | {V.NO_SHOW, V.EXCUSED}  # whose row says what was decided about their absence

VISITORS = Lifecycle(
    {
        **{(state, A.APPOINT): V.GOING for state in NOT_GOING},
        **{(state, A.STAND_BY): V.STANDBY for state in NOT_GOING},
        **{(state, A.WAIT): V.WAITING for state in OUT | {V.OFF}},
        **{(state, A.ASK): V.ASKED for state in {V.OFF, *READY}},
        (V.ASKED, A.STEP_IN): V.GOING,
        (V.ASKED, A.DECLINE): V.DECLINED,
        (V.GOING, A.CANCEL_LATE): V.LATE,
        **{(state, A.EXCUSE): V.EXCUSED for state in HEARD},
        **{(state, A.MISS): V.NO_SHOW for state in HEARD},
        **{(state, A.CLEAR): V.GOING for state in HEARD},
        **{(state, A.LET_OFF): V.OFF for state in LIVE},
    },
    "call_over",
    N_("Please look again: something has changed meanwhile."),
)

H, B = AbsenceState, AbsenceAction

DECIDABLE = frozenset(AbsenceState) - {H.PROPOSED}
ABSENCES = Lifecycle(
    {
        (H.PROPOSED, B.OPEN): H.OPEN,
        (H.PROPOSED, B.DROP): H.WITHDRAWN,
        **{(state, B.UPHOLD): H.STANDS for state in DECIDABLE},
        **{(state, B.EXCUSE): H.EXCUSED for state in DECIDABLE},
        **{(state, B.TAKE_BACK): H.WITHDRAWN for state in DECIDABLE},
    },
    "absence_decided",
    N_("This has been decided already. Your site can look at it again."),
)
