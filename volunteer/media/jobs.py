"""Sweeping up files that no row speaks of."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from volunteer.media.models import Photo
from volunteer.media.storing import SUFFIX

AGE = timedelta(hours=24)  # younger files may belong to a transaction that is still open
BATCH = 500


def sweep(session: Session, at: datetime) -> int:
    """Remove up to 500 old files without a row: what a rolled-back request left behind. Returns how many."""
    folder: Path = session.info["media_folder"]
    oldest = (at - AGE).timestamp()
    orphans: list[Path] = []
    for shelf in sorted(folder.iterdir()) if folder.is_dir() else []:
        if shelf.is_dir() and len(orphans) < BATCH:
            orphans += _orphans(session, shelf, oldest)
    for path in orphans[:BATCH]:
        path.unlink(missing_ok=True)
    return len(orphans[:BATCH])


def _orphans(session: Session, shelf: Path, oldest: float) -> list[Path]:
    old = [path for path in shelf.iterdir() if path.stat().st_mtime < oldest]
    tokens = [path.name.removesuffix(SUFFIX) for path in old]
    known = set(session.scalars(select(Photo.token).where(Photo.token.in_(tokens)))) if tokens else set()
    return [path for path in old if path.name.removesuffix(SUFFIX) not in known]
