"""What happens to certificates by itself."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from volunteer.certificates import signatures
from volunteer.certificates.batches import making, releasing

BATCH = 200


def sign_old(session: Session, at: datetime) -> int:
    """Sign what was issued before certificates were signed, and anew what a key signed that is revoked. Returns how many."""
    waiting = signatures.unsigned(session, BATCH)
    for certificate in waiting:
        signatures.sign(session, certificate, at=at)
    return len(waiting)


def make_batches(session: Session, at: datetime) -> int:
    """Issue and print batches for schools and units, a small piece at a time."""
    return making.step(session, at=at)


def forget_batches(session: Session, at: datetime) -> int:
    """Remove files of batches whose time is over."""
    return releasing.forget(session, at=at)
