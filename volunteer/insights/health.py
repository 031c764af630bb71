"""What county IT needs to see before anybody calls: what fails, what waits, what it runs on."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session

from volunteer.messaging.models import Message
from volunteer.settings import PREFIX, Settings
from volunteer.web.models import JobRun, WebSession

SHOWN = 20
PACKAGES = ("Flask", "SQLAlchemy", "APScheduler", "cryptography", "gunicorn")


@dataclass(frozen=True)
class JobState:
    """The last run of one job and how many failed in a day."""

    name: str
    started_at: datetime
    finished_at: datetime | None
    done: int | None
    error: str | None
    failed: int


@dataclass(frozen=True)
class Outbox:
    """Messages that wait, and those that were given up."""

    waiting: int
    oldest: datetime | None
    failed: Sequence[Message]


def jobs(session: Session, *, at: datetime) -> list[JobState]:
    """Return every job that ever ran, with its last run and its failures of the last 24 hours."""
    last = select(func.max(JobRun.id)).group_by(JobRun.job)
    failed = dict(
        session.execute(
            select(JobRun.job, func.count())
            .where(JobRun.error.is_not(None), JobRun.started_at >= at - timedelta(days=1))
            .group_by(JobRun.job)
        )
        .tuples()
        .all()
    )
    rows = session.scalars(select(JobRun).where(JobRun.id.in_(last)).order_by(JobRun.job))
    return [JobState(row.job, row.started_at, row.finished_at, row.done, row.error, failed.get(row.job, 0)) for row in rows]


def outbox(session: Session) -> Outbox:
    """Return what waits to be sent and the latest messages that were given up."""
    waiting, oldest = session.execute(select(func.count(), func.min(Message.due_at)).where(Message.due_at.is_not(None))).one()
    failed = session.scalars(
        select(Message).where(Message.failed_at.is_not(None)).order_by(Message.failed_at.desc()).limit(SHOWN)
    ).all()
    return Outbox(waiting, oldest, failed)


def signed_in(session: Session, *, at: datetime) -> int:
    """Return how many sessions are live."""
    live = (WebSession.ended_at.is_(None), WebSession.expires_at > at)
    return session.scalar(select(func.count()).where(*live)) or 0


def versions(session: Session) -> list[tuple[str, str]]:
    """Return name and version of the database and of the libraries that matter."""
    sqlite = session.get_bind().dialect.name == "sqlite"
    database = session.scalar(text("SELECT sqlite_version()" if sqlite else "SHOW server_version"))
    return [("SQLite" if sqlite else "PostgreSQL", str(database)), *((name, version(name)) for name in PACKAGES)]


def storage(session: Session, settings: Settings) -> list[tuple[str, int]]:
    """Return the sizes in bytes of the database and of the photos, and the free space of the disk that holds photos."""
    sqlite = session.get_bind().dialect.name == "sqlite"
    size = "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()"
    database = session.scalar(text(size if sqlite else "SELECT pg_database_size(current_database())"))
    photos = sum(entry.stat().st_size for entry in _files(settings.media_folder))
    existing = next(path for path in (settings.media_folder, *settings.media_folder.parents) if path.exists())
    disk = os.statvfs(existing)
    return [("database", int(database or 0)), ("photos", photos), ("free", disk.f_bavail * disk.f_frsize)]


def shown_settings(settings: Settings) -> list[tuple[str, Any]]:
    """Return every setting under its environment name; a password inside an address is masked."""
    return [(PREFIX + field.name.upper(), _shown(getattr(settings, field.name))) for field in fields(settings)]


def _shown(value: Any) -> Any:
    if isinstance(value, str) and "://" in value and "@" in value:
        return make_url(value).render_as_string(hide_password=True)
    return value


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()] if folder.exists() else []
