"""Who may fire jobs: one holder of one row, for a few seconds at a time, with a number that only grows.

No lock is held, so a holder that dies or freezes is followed by another as soon as its seconds are over, and finds on
waking that its number (the fence) is no longer the row's. A lease that ends later than anybody could have said was taken by a
clock that has been put back since: it counts as over.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from volunteer.kernel.db import insert_into
from volunteer.web.models import JobLease, JobRun

JOBS = "jobs"
LASTS = timedelta(seconds=6)
APART = timedelta(minutes=1)  # so far the clocks of two machines may differ
RUNS_KEPT = timedelta(days=7)


def hold(session: Session, holder: str, *, at: datetime, name: str = JOBS) -> int | None:
    """Return the fence when ``holder`` has the lease until ``at`` + 6 s, else None: somebody else has it."""
    mine = update(JobLease).where(JobLease.name == name, JobLease.holder == holder, JobLease.until > at)
    fence = session.scalar(mine.values(until=at + LASTS).returning(JobLease.fence))
    if fence is not None:
        return fence
    taken = (
        insert_into(session, JobLease)
        .values(name=name, holder=holder, fence=1, until=at + LASTS)
        .on_conflict_do_update(
            index_elements=["name"],
            set_={"holder": holder, "fence": JobLease.fence + 1, "until": at + LASTS},
            where=or_(JobLease.until <= at, JobLease.until > at + LASTS + APART),
        )
        .returning(JobLease.fence)
    )
    return session.scalar(taken)


def let_go(session: Session, holder: str, *, at: datetime, name: str = JOBS) -> None:
    """End the lease early, so that the next one need not wait."""
    session.execute(update(JobLease).where(JobLease.name == name, JobLease.holder == holder).values(until=at))


def still_holds(session: Session, fence: int, *, at: datetime, name: str = JOBS) -> bool:
    """Return whether ``fence`` is the lease's number and its time is not over."""
    row = session.execute(select(JobLease.fence, JobLease.until).where(JobLease.name == name)).one_or_none()
    return row is not None and row.fence == fence and row.until > at


def claim_slot(session: Session, job: str, slot: datetime, fence: int, *, at: datetime) -> int | None:
    """Return the id of this slot's run when it is ours to run; None when it was claimed before or the lease is gone."""
    if not still_holds(session, fence, at=at):
        return None
    claimed = (
        insert_into(session, JobRun)
        .values(job=job, slot=slot, fence=fence, started_at=at)
        .on_conflict_do_nothing(index_elements=["job", "slot"])
        .returning(JobRun.id)
    )
    return session.scalar(claimed)


def finish(session: Session, run_id: int, *, done: int | None, error: str | None, at: datetime) -> None:
    """Write down how a run went."""
    session.execute(update(JobRun).where(JobRun.id == run_id).values(finished_at=at, done=done, error=error))


def forget_old(session: Session, at: datetime) -> int:
    """Drop the records of runs that nobody asks about any more."""
    session.execute(delete(JobRun).where(JobRun.started_at < at - RUNS_KEPT))
    return 0
