"""What happens to certificates by itself."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from volunteer.certificates import signatures

BATCH = 200


def sign_old(session: Session, at: datetime) -> int:
    """Sign what was issued before certificates were signed. Returns how many it signed."""
    waiting = signatures.unsigned(session, BATCH)
    for certificate in waiting:
        signatures.sign(session, certificate, at=at)
    return len(waiting)
