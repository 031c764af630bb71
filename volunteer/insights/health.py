"""What county IT needs to see before anybody calls: what fails, what waits, whether the jobs live, when it was backed up."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from apscheduler.triggers.cron import CronTrigger
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from volunteer.audit.models import AuditEntry
from volunteer.insights.looking import FAILED
from volunteer.kernel.clock import local_date
from volunteer.messaging.models import Message
from volunteer.web.models import Accident, JobLease, JobRun, WebSession

SHOWN = 20
LEASE = "jobs"
ACCIDENT_DAYS = 7
CLOCKS_APART = 5  # seconds that the database's clock may differ from ours
OLD_BACKUP = timedelta(days=2)


class Scheduled(Protocol):
    """What is scheduled, as volunteer/scheduler.py lists it."""

    @property
    def name(self) -> str: ...

    @property
    def when(self) -> dict[str, Any]: ...


class BackupMade(Protocol):
    """A backup, as the administration keeps it."""

    made_at: Any
    checked_at: Any
    bytes: Any
    file: Any


LastBackup = Callable[[Session], "BackupMade | None"]


@dataclass(frozen=True)
class JobState:
    """One job: its last run, its next one, and how many failed in a day."""

    name: str
    last: JobRun | None
    following: datetime | None
    failed: int


@dataclass(frozen=True)
class Outbox:
    """Messages that wait, and those that were given up."""

    waiting: int
    oldest: datetime | None
    given_up: int
    failed: Sequence[Message]


def jobs(session: Session, schedule: Sequence[Scheduled], zone: ZoneInfo, *, at: datetime) -> list[JobState]:
    """Return every scheduled job with its last run, its next one and its failures of the last 24 hours."""
    last = select(func.max(JobRun.id)).group_by(JobRun.job)
    rows = {row.job: row for row in session.scalars(select(JobRun).where(JobRun.id.in_(last)))}
    since = at - timedelta(days=1)
    failing = select(JobRun.job, func.count()).where(JobRun.error.is_not(None), JobRun.started_at >= since).group_by(JobRun.job)
    failed: Mapping[str, int] = dict(session.execute(failing).tuples().all())
    return [JobState(job.name, rows.get(job.name), next_run(job, zone, at), failed.get(job.name, 0)) for job in schedule]


def next_run(job: Scheduled, zone: ZoneInfo, at: datetime) -> datetime | None:
    """Return when a job is due next."""
    found: datetime | None = CronTrigger(timezone=zone, **job.when).get_next_fire_time(None, at)
    return found


def lease(session: Session) -> JobLease | None:
    """Return who fires the jobs."""
    return session.get(JobLease, LEASE)


def outbox(session: Session) -> Outbox:
    """Return what waits to be sent and the latest messages that were given up."""
    waiting, oldest = session.execute(select(func.count(), func.min(Message.due_at)).where(Message.due_at.is_not(None))).one()
    given_up = session.scalar(select(func.count()).select_from(Message).where(Message.failed_at.is_not(None))) or 0
    latest = select(Message).where(Message.failed_at.is_not(None)).order_by(Message.failed_at.desc()).limit(SHOWN)
    return Outbox(waiting, oldest, given_up, session.scalars(latest).all())


def signed_in(session: Session, *, at: datetime) -> int:
    """Return how many sessions are live."""
    live = (WebSession.ended_at.is_(None), WebSession.expires_at > at)
    return session.scalar(select(func.count()).where(*live)) or 0


def failed_log_ins(session: Session, *, at: datetime) -> int:
    """Return how many log-ins failed in the last 24 hours."""
    found = select(func.count()).where(AuditEntry.action.in_(sorted(FAILED)), AuditEntry.at >= at - timedelta(days=1))
    return session.scalar(found) or 0


def accidents(session: Session, zone: ZoneInfo, *, at: datetime) -> Sequence[Accident]:
    """Return what broke in the last seven days, by kind and route, the latest first."""
    since = local_date(at, zone) - timedelta(days=ACCIDENT_DAYS)
    found = select(Accident).where(Accident.day >= since).order_by(Accident.last_at.desc())
    return session.scalars(found.limit(SHOWN)).all()


def clock_apart(session: Session, *, at: datetime) -> float:
    """Return by how many seconds the database's clock is ahead of ours."""
    sqlite = session.get_bind().dialect.name == "sqlite"
    asked = "SELECT strftime('%s', 'now')" if sqlite else "SELECT extract(epoch FROM clock_timestamp())"
    return float(session.scalar(text(asked)) or 0) - int(at.timestamp())
