"""What may follow what, as one table: from where, by which act, to where. Whatever is not in it is refused in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Generic, TypeVar

from volunteer.kernel.errors import Conflict

State = TypeVar("State", bound=StrEnum)
Act = TypeVar("Act", bound=StrEnum)


@dataclass(frozen=True)
class Lifecycle(Generic[State, Act]):
    """The legal moves of one kind of row. ``words`` answer every other one; ``said`` has better words for some states."""

    table: Mapping[tuple[State, Act], State]
    code: str
    words: str
    said: Mapping[State, str] = field(default_factory=dict)

    def next(self, current: State, act: Act) -> State:
        """Return where ``act`` leads from ``current``, or raise Conflict."""
        try:
            return self.table[current, act]
        except KeyError:
            words = self.said.get(current, self.words)
            raise Conflict(self.code, words, status=current.value, action=act.value) from None

    def allows(self, current: State, act: Act) -> bool:
        """Return whether ``act`` is legal from ``current``: for showing or hiding a button."""
        return (current, act) in self.table
