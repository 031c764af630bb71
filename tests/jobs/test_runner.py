"""Jobs run in batches, once a slot, under a lease; a worker that dies or freezes is followed by another."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from apscheduler.triggers.cron import CronTrigger
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session

from tests.conftest import running
from tests.support.databases import Database
from tests.support.services import ROOT
from tests.support.settings import scratch
from volunteer.kernel import sqlite
from volunteer.kernel.clock import now
from volunteer.kernel.db import db
from volunteer.kernel.errands import Errand, leave
from volunteer.places.models import Mark
from volunteer.scheduler import RENEW, SCHEDULE, Job, LeaseLost, Worker, run_once, slot_of
from volunteer.web import leases
from volunteer.web.models import JobLease, JobRun
from volunteer.web.unit import transaction

SHANGHAI = ZoneInfo("Asia/Shanghai")
EVERY = {"second": "*"}
PATIENCE = 60  # seconds: a busy machine is slow, not wrong


@pytest.fixture
def app(database: Database) -> Iterator[Flask]:
    """The application on both databases in turn."""
    yield from running(database)


def count_one(session: Session, at: datetime) -> int:
    """A job of three batches."""
    row = session.get(Mark, "batches") or Mark(name="batches", value=0)
    session.add(row)
    if row.value >= 3:
        return 0
    row.value = row.value + 1
    return 1


def stumble(session: Session, at: datetime) -> int:
    """A job that fails after it wrote."""
    session.add(Mark(name="half", value=1))
    session.flush()  # the row is written, then lost
    raise RuntimeError("stumbled")


def steal(session: Session, at: datetime) -> int:
    """A job during which the lease goes to somebody else."""
    session.add(Mark(name="late", value=1))
    lease = session.get_one(JobLease, leases.JOBS)
    lease.fence += 1
    return 1


def tick(session: Session, at: datetime) -> int:
    """A job with nothing to do: that it ran is written down."""
    return 0


def until_ticked(app: Flask, *, since: datetime, before: datetime | None = None) -> None:
    """Wait until a run began in that time."""
    began = time.monotonic()
    while time.monotonic() - began < PATIENCE:
        with app.app_context():
            runs = select(func.count(JobRun.id)).where(JobRun.started_at > since)
            if db.session.scalar(runs if before is None else runs.where(JobRun.started_at < before)):
                return
        time.sleep(0.1)
    raise AssertionError("no job ran")


def fire(worker: Worker, job: Job) -> None:
    worker.fire(job, CronTrigger(timezone=SHANGHAI, second="*/30"))


def test_batches_run_until_one_finds_nothing(app: Flask) -> None:
    with app.app_context():
        assert run_once(Job(count_one, EVERY)) == 3
        assert run_once(Job(count_one, EVERY)) == 0


def test_two_workers_and_a_slot_runs_once(app: Flask) -> None:
    one, two = Worker(app, ()), Worker(app, ())
    one.beat()
    two.beat()
    assert (one.fence, two.fence) == (1, None)
    two.fence = 1  # it believes that it still is the one
    job = Job(count_one, EVERY)
    for worker in (one, two, one):
        fire(worker, job)
    with app.app_context():
        runs = db.session.scalars(select(JobRun)).all()
        assert 1 <= len(runs) <= 2  # two when the half minute passed just now
        assert runs[0].done == 3
        assert len({run.slot for run in runs}) == len(runs)


def test_a_worker_without_the_lease_fires_nothing(app: Flask) -> None:
    worker = Worker(app, ())
    fire(worker, Job(count_one, EVERY))
    with app.app_context():
        assert db.session.scalar(select(func.count(JobRun.id))) == 0


def test_a_batch_that_outlives_the_lease_is_rolled_back(app: Flask) -> None:
    worker = Worker(app, ())
    worker.beat()
    with app.app_context():
        with pytest.raises(LeaseLost):
            run_once(Job(steal, EVERY), worker.fence)
        assert db.session.get(Mark, "late") is None


def test_a_lease_from_a_clock_that_was_put_back_is_over(app: Flask) -> None:
    at = now()
    with app.app_context(), transaction() as session:
        assert leases.hold(session, "one", at=at) == 1
        assert leases.hold(session, "two", at=at - leases.APART) is None, "two machines whose clocks differ a little"
        assert leases.hold(session, "two", at=at - timedelta(days=1)) == 2, "nobody could have said so much"
        assert leases.hold(session, "one", at=at - timedelta(days=1)) is None


def test_a_clock_that_is_put_back_stops_no_job(app: Flask) -> None:
    worker = Worker(app, (Job(tick, EVERY),))
    thread = threading.Thread(target=worker.run)
    try:
        with time_machine.travel(datetime.now(UTC) + timedelta(days=1)):
            thread.start()
            until_ticked(app, since=datetime.now(UTC) - timedelta(minutes=1))
        until_ticked(app, since=datetime.now(UTC) - timedelta(minutes=1), before=datetime.now(UTC) + timedelta(hours=1))
    finally:
        worker.stop()
        thread.join()


def test_a_job_that_fails_is_written_down_and_leaves_nothing_half_done(app: Flask) -> None:
    worker = Worker(app, ())
    worker.beat()
    fire(worker, Job(stumble, EVERY))
    with app.app_context():
        run = db.session.scalars(select(JobRun)).one()
        assert (run.error, run.done) == ("RuntimeError", None)
        assert run.finished_at is not None
        assert db.session.get(Mark, "half") is None


def test_an_errand_goes_after_the_commit_and_its_outcome_is_written_down(app: Flask) -> None:
    seen: list[object] = []

    def job(session: Session, at: datetime) -> int:
        if session.get(Mark, "sent"):
            return 0
        session.add(Mark(name="sent", value=1))
        leave(session, Errand(lambda: 1 // 0, lambda unit, outcome, at: seen.append(outcome)))
        leave(session, Errand(lambda: "fine", lambda unit, outcome, at: seen.append(outcome)))
        return 1

    with app.app_context():
        run_once(Job(job, EVERY))
    assert isinstance(seen[0], ZeroDivisionError)
    assert seen[1:] == ["fine"]


def test_the_errands_of_a_batch_that_failed_are_forgotten(app: Flask) -> None:
    seen: list[object] = []

    def broken(session: Session, at: datetime) -> int:
        leave(session, Errand(lambda: "never", lambda unit, outcome, at: seen.append(outcome)))
        raise RuntimeError("stumbled")

    with app.app_context():
        with pytest.raises(RuntimeError):
            run_once(Job(broken, EVERY))
        run_once(Job(count_one, EVERY))
    assert seen == []


@pytest.mark.parametrize(
    ("when", "at", "slot"),
    [
        ({"second": "*/20"}, datetime(2026, 3, 4, 4, 0, 21, tzinfo=UTC), datetime(2026, 3, 4, 4, 0, 20, tzinfo=UTC)),
        ({"second": "*/20"}, datetime(2026, 3, 4, 4, 0, 20, tzinfo=UTC), datetime(2026, 3, 4, 4, 0, 20, tzinfo=UTC)),
        ({"hour": 3, "minute": 10}, datetime(2026, 3, 3, 19, 11, 30, tzinfo=UTC), datetime(2026, 3, 3, 19, 10, tzinfo=UTC)),
        ({"hour": 3, "minute": 10}, datetime(2026, 3, 3, 19, 15, tzinfo=UTC), None),
    ],
)
def test_the_slot_is_the_moment_that_was_meant(when: dict[str, object], at: datetime, slot: datetime | None) -> None:
    assert slot_of(CronTrigger(timezone=SHANGHAI, **when), at) == slot


def test_every_job_has_a_name_of_its_own_and_a_time() -> None:
    names = [job.name for job in SCHEDULE]
    assert len(set(names)) == len(names)
    for job in SCHEDULE:
        assert CronTrigger(timezone=SHANGHAI, **job.when).get_next_fire_time(None, now())


def start(url: str) -> subprocess.Popen[bytes]:
    """Start a job process; return when it has asked for the lease for the first time."""
    env = os.environ | {
        "VOLUNTEER_DATABASE_URL": url,
        "VOLUNTEER_KEYS_FILE": str(scratch() / "keys.json"),
        "VOLUNTEER_MEDIA_FOLDER": str(scratch() / "media"),
    }
    log = scratch() / f"worker-{uuid.uuid4().hex}.log"
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "worker"]
    with log.open("wb") as out:
        process = subprocess.Popen(command, cwd=ROOT, env=env, stderr=out)
    deadline = time.monotonic() + 40
    while b"job_process_started" not in log.read_bytes():
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.1)
    return process


def freeze(process: subprocess.Popen[bytes], database: Database) -> None:
    """Stop it, but not while it holds SQLite's one lock: then nobody can write, whatever we do."""
    while True:
        process.send_signal(signal.SIGSTOP)
        time.sleep(0.05)  # the signal is delivered
        if database.kind == "postgresql" or writable(database):
            return
        process.send_signal(signal.SIGCONT)
        time.sleep(0.1)


def writable(database: Database) -> bool:
    connection = sqlite.module.connect(make_url(database.url).database, timeout=0, isolation_level=None)
    try:
        connection.execute("BEGIN IMMEDIATE")
    except sqlite.module.OperationalError:
        return False
    finally:
        connection.close()
    return True


def lease(database: Database) -> JobLease | None:
    with Session(database.engine) as session:
        return session.get(JobLease, leases.JOBS)


def until_fence(database: Database, fence: int, seconds: float) -> None:
    """Wait until the lease has that number."""
    began = time.monotonic()
    while time.monotonic() - began < seconds:
        found = lease(database)
        if found is not None and found.fence >= fence:
            return
        time.sleep(0.1)
    raise AssertionError(f"nobody took the lease within {seconds} s")


def test_a_lease_and_a_heartbeat_end_within_ten_seconds() -> None:
    assert leases.LASTS.total_seconds() + 2 * RENEW <= 10


@pytest.mark.slow
@pytest.mark.parametrize("fate", [signal.SIGKILL, signal.SIGSTOP], ids=["dead", "frozen"])
def test_a_leader_that_dies_or_freezes_is_followed(database: Database, fate: signal.Signals) -> None:
    first = start(database.url)
    second: subprocess.Popen[bytes] | None = None
    try:
        until_fence(database, 1, PATIENCE)
        second = start(database.url)
        if fate is signal.SIGSTOP:
            freeze(first, database)
        else:
            first.send_signal(fate)
        until_fence(database, 2, PATIENCE)
        if fate is signal.SIGSTOP:  # woken up, it must not believe that it still leads
            first.send_signal(signal.SIGCONT)
            time.sleep(3)
            found = lease(database)
            assert found is not None
            assert found.fence == 2
            with Session(database.engine) as session:
                assert session.scalars(select(JobRun.error).where(JobRun.error.is_not(None))).all() == []
        second.send_signal(signal.SIGTERM)
        assert second.wait(PATIENCE) == 0
        found = lease(database)
        assert found is not None
        assert fate is signal.SIGSTOP or found.until <= now() + timedelta(seconds=1)  # let go, not left to run out
    finally:
        for process in (first, second):
            if process is not None and process.poll() is None:
                process.send_signal(signal.SIGCONT)
                process.kill()
                process.wait(10)
