"""Which backups there are."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from volunteer.administration.models import Backup


def last_backup(session: Session) -> Backup | None:
    """Return the newest backup."""
    return session.scalars(select(Backup).order_by(Backup.made_at.desc(), Backup.id.desc()).limit(1)).first()
