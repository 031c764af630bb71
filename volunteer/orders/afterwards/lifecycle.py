"""Whether the words of a rating may be shown, as one table. No I/O here."""

from __future__ import annotations

from enum import StrEnum

from volunteer.kernel.lifecycle import Lifecycle
from volunteer.kernel.words import N_


class WordsState(StrEnum):
    """Whether the words of a rating may be shown. They are never changed; a person decides about what was held back."""

    UNREAD = "unread"  # from a time before words were looked at: not shown
    SHOWN = "shown"
    HELD = "held"  # a phone, a name or hard words: nobody has decided yet
    MASKED = "masked"
    HIDDEN = "hidden"


class WordsAction(StrEnum):
    """What is said to them: by the look at what was just written, anew, too; or by a person, who may think again."""

    HOLD = "hold"  # by the look alone
    SHOW = "show"
    MASK = "mask"
    HIDE = "hide"


TO = {
    WordsAction.HOLD: WordsState.HELD,
    WordsAction.SHOW: WordsState.SHOWN,
    WordsAction.MASK: WordsState.MASKED,
    WordsAction.HIDE: WordsState.HIDDEN,
}
WORDS = Lifecycle(
    {(state, action): to for state in WordsState for action, to in TO.items()},  # but nothing becomes unread again
    "words_decided",
    N_("Please choose one of these."),
)
