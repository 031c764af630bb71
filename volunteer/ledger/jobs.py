"""Every minute the chain grows, after midnight a checkpoint closes the day and leaves the house, every night all is proved."""

from __future__ import annotations

from datetime import datetime

import structlog
from sqlalchemy.orm import Session

from volunteer.ledger import chaining, checkpoints, exporting, verify

log = structlog.get_logger(__name__)


def seal_blocks(session: Session, at: datetime) -> int:
    """Link what was posted since the last time and seal it, a few hundred transfers a batch."""
    block = chaining.seal(session, at=at)
    return block.last_link - block.first_link + 1 if block else 0


def close_day(session: Session, at: datetime) -> int:
    """Once a local day, soon after midnight: link whatever is not linked yet, then sign the checkpoint."""
    if not checkpoints.is_due(session, at=at):
        return 0
    if block := chaining.seal(session, at=at, everything=True):
        return block.last_link - block.first_link + 1
    return 1 if checkpoints.close_day(session, at=at) else 0


def export_checkpoints(session: Session, at: datetime) -> int:
    """Take checkpoints that have not left yet to the folder and the address of the settings; what fails is tried again."""
    ways: exporting.Ways = session.info["checkpoints"]
    return exporting.plan(session, ways, at) + exporting.claim(session, ways, at)


def audit_books(session: Session, at: datetime) -> int:
    """Check the whole ledger and log every finding as an error. Changes nothing, so there is never a second batch."""
    for finding in verify.findings(session, at=at):
        log.error("ledger_broken", check=finding.check, row=finding.row, what=finding.what)
    return 0
