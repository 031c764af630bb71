"""What a proof of the books says when something is wrong."""

from __future__ import annotations

from dataclasses import dataclass

SHOWN = 5  # findings of one kind


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it must be, and where."""

    check: str
    row: str
    what: str

    def __str__(self) -> str:
        return f"{self.check}: {self.row}: {self.what}"
