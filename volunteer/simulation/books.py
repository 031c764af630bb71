"""The books of the demo county: everything that was posted stands in sealed blocks, and yesterday was signed."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.orm import Session

from volunteer.ledger import checkpoints
from volunteer.simulation.settling import World


def close(session: Session, world: World) -> None:
    """Seal and sign, as the jobs of a real county do each minute and each night."""
    checkpoints.sign(session, day=world.today - timedelta(days=1), at=world.at)
