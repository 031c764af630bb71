"""What looks odd, from being seen to being decided, as one table. No I/O here."""

from __future__ import annotations

from enum import StrEnum

from volunteer.kernel.lifecycle import Lifecycle
from volunteer.kernel.words import N_


class FindingKind(StrEnum):
    """What looks odd."""

    TRAVEL = "travel"  # two visits of one person too far apart for the time between
    DEVICE = "device"  # one device checks teams in under many names
    NIGHT = "night"  # many entries by one hand at night
    SHARE = "share"  # an approver with far more written-in hours than others
    UNRATED = "unrated"  # a team whose services nobody ever rates
    PAIR = "pair"  # the same two people, the same minutes, again and again


class FindingState(StrEnum):
    """What a person said to it. Nothing else ever follows from a finding."""

    OPEN = "open"
    ASKED = "asked"  # somebody was asked what happened
    FINE = "fine"
    TAKEN_BACK = "taken_back"


S = FindingState
MOVES = frozenset({(S.OPEN, S.ASKED), (S.OPEN, S.FINE), (S.OPEN, S.TAKEN_BACK), (S.ASKED, S.FINE), (S.ASKED, S.TAKEN_BACK)})
FINDINGS = Lifecycle(
    {(current, wanted): wanted for current, wanted in MOVES}, "finding_decided", N_("Somebody has decided about this already.")
)
next_state = FINDINGS.next
