"""What must happen outside the transaction that decided it: a call over the network, and writing down how it went."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

INFO = "errands"


@dataclass(frozen=True)
class Errand:
    """``go`` waits for the world and touches no database; ``settle`` records what came of it, in a new transaction."""

    go: Callable[[], Any]
    settle: Callable[[Session, Any, datetime], None]  # gets what ``go`` returned, or the exception that it raised


def leave(session: Session, errand: Errand) -> None:
    """Leave an errand to whoever runs this transaction: done after it was committed, forgotten when rolled back."""
    session.info.setdefault(INFO, []).append(errand)


def take(session: Session) -> list[Errand]:
    """Return the errands that were left, and forget them here."""
    taken: list[Errand] = session.info.pop(INFO, [])
    return taken
