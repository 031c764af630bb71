"""A version of the rules of points, and points that could not be taken back, as two tables. No I/O here."""

from __future__ import annotations

from enum import StrEnum

from volunteer.kernel.lifecycle import Lifecycle
from volunteer.kernel.words import N_


class RuleState(StrEnum):
    """How far a version of the rules is."""

    DRAFT = "draft"
    PUBLISHED = "published"  # never changed again
    DROPPED = "dropped"  # a draft that nobody wants


class RuleAction(StrEnum):
    """What somebody does to a version."""

    CHANGE = "change"
    PUBLISH = "publish"
    DROP = "drop"


class ClaimState(StrEnum):
    """What became of points that were spent before they could be taken back."""

    OPEN = "open"
    SETTLED = "settled"  # taken from what came later
    WAIVED = "waived"


class ClaimAction(StrEnum):
    """What a person decides about them."""

    SETTLE = "settle"
    WAIVE = "waive"


RULES = Lifecycle(
    {
        (RuleState.DRAFT, RuleAction.CHANGE): RuleState.DRAFT,
        (RuleState.DRAFT, RuleAction.PUBLISH): RuleState.PUBLISHED,
        (RuleState.DRAFT, RuleAction.DROP): RuleState.DROPPED,
    },
    "rule_published",
    N_("This version is no draft any more. Please write a new one."),
)
CLAIMS = Lifecycle(
    {
        (ClaimState.OPEN, ClaimAction.SETTLE): ClaimState.SETTLED,
        (ClaimState.OPEN, ClaimAction.WAIVE): ClaimState.WAIVED,
    },
    "claim_decided",
    N_("This was decided already."),
)
