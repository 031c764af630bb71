"""One order in parts for several teams: when it may be split and put together again, and when all of it is done. No I/O."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from volunteer.kernel.words import N_
from volunteer.orders.lifecycle import Action, Status

FEWEST, MOST = 2, 5
LONGEST_WORDS = 500
DONE = frozenset({Status.SERVED, Status.CLOSED})
ENDED = DONE | {Status.UNMET, Status.WITHDRAWN}
UNTOUCHED = frozenset({Status.VERIFIED, Status.OFFERED, Status.UNMET, Status.WITHDRAWN})  # nobody has promised anything


@dataclass(frozen=True, slots=True)
class PartDraft:
    """One part: which line of the menu, in which words, and when, if not at the whole order's time."""

    item_id: int | None
    words: str = ""
    begins: datetime | None = None
    ends: datetime | None = None

    @property
    def is_empty(self) -> bool:
        """Nothing was filled in: a line of the form that is not used."""
        return self.item_id is None and not self.words.strip() and self.begins is None and self.ends is None


def complaints(drafts: Sequence[PartDraft], at: datetime) -> dict[str, list[str]]:
    """Return what is wrong with the parts as they were written, by field; "parts" for their number."""
    wrong: dict[str, list[str]] = {}
    if not FEWEST <= len(drafts) <= MOST:
        wrong["parts"] = [N_("Please write two to five parts.")]
    for number, draft in enumerate(drafts, 1):
        if draft.item_id is None:
            wrong[f"item-{number}"] = [N_("Please choose the service that this is.")]
        if len(draft.words) > LONGEST_WORDS:
            wrong[f"words-{number}"] = [N_("This is too long. Please keep it shorter.")]
        if words := _window_complaint(draft, at):
            wrong[f"when-{number}"] = [words]
    return wrong


def outcome(parts: Collection[Status]) -> Action | None:
    """Return what becomes of the whole when its parts stand like this; None while one of them goes on.

    One part that was done is enough to ask how it was. With none done, one for which nobody was found is told as such.
    """
    if not parts or any(status not in ENDED for status in parts):
        return None
    if any(status in DONE for status in parts):
        return Action.GATHER
    return Action.GIVE_UP if Status.UNMET in parts else Action.WITHDRAW


def may_merge(parts: Collection[Status]) -> bool:
    """Return whether the parts can still be put together again: no team has said yes to any of them."""
    return all(status in UNTOUCHED for status in parts)


def tally(parts: Collection[Status]) -> tuple[int, int]:
    """Return how many parts are done, and of how many that are still wanted."""
    wanted = [status for status in parts if status is not Status.WITHDRAWN]
    return sum(status in DONE for status in wanted), len(wanted)


def _window_complaint(draft: PartDraft, at: datetime) -> str | None:
    if draft.begins is None and draft.ends is None:
        return None
    if draft.begins is None or draft.ends is None:
        return N_("Please choose both the beginning and the end.")
    if draft.ends <= draft.begins:
        return N_("The end must come after the beginning, within a week.")
    return N_("That time has passed. Please choose a later one.") if draft.ends <= at else None
