"""Every scheduled job, on one screen, and the process that fires them.

Start as many job processes as you like: only the holder of the lease fires, and each slot of a job is claimed once.
"""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import FrameType
from typing import Any

import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.blocking import BlockingScheduler
from apscheduler.triggers.cron import CronTrigger
from flask import Flask, current_app
from sqlalchemy.orm import Session

from volunteer.accounts import jobs as account_jobs
from volunteer.administration import jobs as administration_jobs
from volunteer.administration.merging import jobs as merging_jobs
from volunteer.attendance import jobs as attendance_jobs
from volunteer.certificates import jobs as certificate_jobs
from volunteer.exchange import jobs as sheet_jobs
from volunteer.feedback import jobs as feedback_jobs
from volunteer.kernel import errands
from volunteer.kernel.clock import now
from volunteer.kernel.db import db
from volunteer.ledger import jobs as ledger_jobs
from volunteer.ledger import jobs_points
from volunteer.media import jobs as media_jobs
from volunteer.messaging import jobs as message_jobs
from volunteer.orders import jobs as order_jobs
from volunteer.orders.hours import jobs_hours
from volunteer.orders.prices import jobs_prices
from volunteer.orders.rulebook import jobs_rules as rule_jobs
from volunteer.orders.words import jobs_words
from volunteer.recognition import jobs as recognition_jobs
from volunteer.rewards.merchants import jobs as merchant_jobs
from volunteer.rewards.partners import jobs as partner_jobs
from volunteer.rewards.points import jobs as giving_jobs
from volunteer.rewards.settling import jobs as settling_jobs
from volunteer.teams import jobs as team_jobs
from volunteer.web import county, leases
from volunteer.web import jobs as web_jobs
from volunteer.web.unit import transaction

log = structlog.get_logger("volunteer.jobs")


@dataclass(frozen=True)
class Job:
    """One job: ``run`` does one small batch and says how much it did; ``when`` are cron fields in local time."""

    run: Callable[[Session, datetime], int]
    when: dict[str, Any]

    @property
    def name(self) -> str:
        """Package and function: ``messaging.deliver``."""
        return f"{self.run.__module__.split('.')[1]}.{self.run.__name__}"


SCHEDULE = (
    Job(message_jobs.deliver, {"second": "*/5"}),
    Job(order_jobs.expire_offers, {"second": "*/15"}),
    Job(rule_jobs.apply_rules, {"second": "*/10"}),
    Job(rule_jobs.end_pools, {"second": "*/30"}),
    Job(order_jobs.ask_waiting, {"minute": "*"}),
    Job(order_jobs.close_silent, {"minute": "*/15"}),
    Job(order_jobs.remind_visits, {"minute": "*/5"}),
    Job(order_jobs.place_standing, {"minute": "*/10"}),
    Job(order_jobs.ask_really_solved, {"hour": "8-20", "minute": 20}),
    Job(order_jobs.show_ratings, {"minute": "*/10"}),
    Job(feedback_jobs.escalate_late, {"minute": 5}),
    Job(feedback_jobs.close_answered, {"minute": 35}),
    Job(order_jobs.lapse_calls, {"second": "*/30"}),
    Job(order_jobs.propose_absences, {"minute": "*/30"}),
    Job(order_jobs.plan_boards, {"second": "*/5"}),
    Job(order_jobs.drop_holds, {"minute": "*/10"}),
    Job(recognition_jobs.review_stars, {"hour": 1, "minute": 30}),
    Job(recognition_jobs.close_months, {"hour": 2, "minute": 10}),
    Job(recognition_jobs.end_notices, {"hour": 0, "minute": 45}),
    Job(merchant_jobs.expire_reservations, {"minute": "*"}),
    Job(team_jobs.warn_of_papers, {"hour": "9", "minute": 5}),
    Job(team_jobs.end_duties, {"minute": "*/5"}),
    Job(team_jobs.end_papers, {"hour": 0, "minute": 5}),
    Job(giving_jobs.try_rules, {"second": "*/5"}),
    Job(giving_jobs.end_wishes, {"hour": 0, "minute": 15}),
    Job(jobs_points.count_points, {"hour": 1, "minute": 5}),
    Job(jobs_points.expire_points, {"hour": 1, "minute": 35}),
    Job(jobs_points.warn_of_points, {"hour": 9, "minute": 25}),
    Job(web_jobs.forget_old, {"hour": 3, "minute": 10}),
    Job(account_jobs.index_people, {"minute": "*/10"}),
    Job(account_jobs.forget_codes, {"hour": 3, "minute": 20}),
    Job(attendance_jobs.forget_proofs, {"hour": 3, "minute": 25}),
    Job(attendance_jobs.forget_marks, {"hour": 3, "minute": 28}),
    Job(jobs_hours.look_at_hours, {"minute": "*/10"}),
    Job(jobs_hours.look_back_at_hours, {"hour": 4, "minute": 20}),
    Job(order_jobs.drop_stray_photos, {"hour": 3, "minute": 25}),
    Job(jobs_words.learn_words, {"hour": 2, "minute": 40}),
    Job(jobs_prices.learn_prices, {"hour": 0, "minute": 20}),
    Job(certificate_jobs.sign_old, {"minute": "*/10"}),
    Job(certificate_jobs.make_batches, {"second": "*/5"}),
    Job(certificate_jobs.forget_batches, {"minute": 45}),
    Job(partner_jobs.send_calls, {"second": "*/5"}),
    Job(partner_jobs.expire_exchanges, {"minute": "*/10"}),
    Job(partner_jobs.ask_about_open, {"hour": 4, "minute": 10}),
    Job(partner_jobs.ask_for_lists, {"hour": 4, "minute": 15}),
    Job(partner_jobs.forget_calls, {"hour": 4, "minute": 20}),
    Job(settling_jobs.prepare_statements, {"day": "1-10", "hour": 5, "minute": 10}),
    Job(settling_jobs.look_for_odd_points, {"hour": 5, "minute": 20}),
    Job(media_jobs.sweep, {"hour": 3, "minute": 30}),
    Job(sheet_jobs.forget_uploads, {"hour": 3, "minute": 35}),
    Job(ledger_jobs.seal_blocks, {"minute": "*"}),
    Job(ledger_jobs.close_day, {"minute": "*/10"}),
    Job(ledger_jobs.export_checkpoints, {"minute": "3-59/10"}),
    Job(ledger_jobs.audit_books, {"hour": 3, "minute": 40}),
    Job(merging_jobs.compare_people, {"hour": 2, "minute": 10}),
    Job(merging_jobs.carry_on, {"hour": 2, "minute": 50}),
    Job(administration_jobs.forget_again, {"hour": 3, "minute": 5}),
)

GRACE = 120  # seconds that a job may start late; later than that it waits for its next slot
RENEW = 2  # seconds between two heartbeats: a lease of six seconds survives two that fail
PUT_BACK = 5.0  # seconds that the wall clock may lose before every job is planned anew
LONGEST = 300.0  # seconds that one run may go on with batch after batch


class LeaseLost(RuntimeError):
    """Somebody else fires jobs now; what this batch did is rolled back."""


def run_once(job: Job, fence: int | None = None) -> int:
    """Run batches until one finds nothing; return how much was done. Each has a short transaction of its own.

    With ``fence`` a batch that ends after the lease went to somebody else is rolled back. Needs an application context.
    """
    done, deadline = 0, time.monotonic() + LONGEST
    while batch := _batch(job, fence):
        done += batch
        if time.monotonic() > deadline:
            log.warning("job_stopped_early", job=job.name, done=done)
            break
    return done


def _batch(job: Job, fence: int | None) -> int:
    with transaction() as session:
        errands.take(session)  # of a batch that was rolled back
        done = job.run(session, now())
        if fence is not None and not leases.still_holds(session, fence, at=now()):
            raise LeaseLost(job.name)
    for errand in errands.take(session):
        try:
            outcome = errand.go()
        except Exception as error:
            outcome = error
        with transaction() as session:
            errand.settle(session, outcome, now())
    return done


def slot_of(trigger: CronTrigger, at: datetime) -> datetime | None:
    """Return the moment for which a job that fires at ``at`` was meant, None when that is too long ago."""
    slot, following = None, trigger.get_next_fire_time(None, at - timedelta(seconds=GRACE))
    while following is not None and following <= at:
        slot, following = following, trigger.get_next_fire_time(following, following + timedelta(microseconds=1))
    return slot


def _ahead() -> float:
    """Return by how many seconds the wall clock is ahead of the one that nobody sets."""
    return now().timestamp() - time.monotonic()


class Worker:
    """The job process: heartbeats for the lease, and fires what is due while it has it."""

    def __init__(self, app: Flask, schedule: tuple[Job, ...] = SCHEDULE) -> None:
        self.app = app
        self.schedule = schedule
        self.holder = f"{socket.gethostname()}:{os.getpid()}:{os.urandom(3).hex()}"[:80]
        self.fence: int | None = None
        self.ahead = _ahead()
        self.over = threading.Event()
        with app.app_context():
            self.zone = county.zone()
        self.scheduler = BlockingScheduler(executors={"default": ThreadPoolExecutor(4)}, timezone=self.zone)

    def run(self) -> None:
        """Fire jobs until ``stop``."""
        self.beat()
        log.info("job_process_started", holder=self.holder)
        self._plan()
        heart = threading.Thread(target=self._keep_beating, name="lease", daemon=True)
        heart.start()
        self.scheduler.start()
        self.over.set()
        heart.join()
        self._let_go()

    def _keep_beating(self) -> None:
        """Beat by a clock that nobody sets: the scheduler goes by the wall clock, and sleeps for as long as that was put back."""
        while not self.over.wait(RENEW):
            try:
                self.beat()
            except Exception:
                log.exception("no_heartbeat")

    def _plan(self) -> None:
        """Put every job on the clock of the county's zone; again when the county chooses another, or the clock was put back."""
        for job in self.schedule:
            trigger = CronTrigger(timezone=self.zone, **job.when)
            self.scheduler.add_job(
                self.fire,
                trigger,
                args=[job, trigger],
                id=job.name,
                replace_existing=True,
                misfire_grace_time=GRACE,
                coalesce=True,
                max_instances=1,
            )

    def stop(self) -> None:
        """Finish what runs, fire nothing new."""
        if self.scheduler.running:
            self.scheduler.shutdown(wait=True)

    def beat(self) -> None:
        """Take or keep the lease; without a database there is none."""
        with self.app.app_context():
            try:
                with transaction() as session:
                    fence = leases.hold(session, self.holder, at=now())
            except Exception as error:
                fence = None
                log.warning("no_heartbeat", error=type(error).__name__)
            zone = county.zone()
        if fence != self.fence:
            log.info("lease_taken" if fence else "lease_elsewhere", fence=fence)
        self.fence = fence
        before, self.ahead = self.ahead, _ahead()
        if zone != self.zone or self.ahead < before - PUT_BACK:
            self.zone = zone
            self._plan()

    def fire(self, job: Job, trigger: CronTrigger) -> None:
        """Run ``job`` for its slot, if the lease is ours and nobody ran that slot."""
        fence, slot = self.fence, slot_of(trigger, now())
        if fence is None or slot is None:
            return
        with self.app.app_context():
            with transaction() as session:
                run_id = leases.claim_slot(session, job.name, slot, fence, at=now())
            if run_id is None:
                return
            done, error = None, None
            try:
                done = run_once(job, fence)
            except Exception as failure:
                error = type(failure).__name__
                db.session.rollback()
                log.exception("job_failed", job=job.name)
            with transaction() as session:
                leases.finish(session, run_id, done=done, error=error, at=now())

    def _let_go(self) -> None:
        with self.app.app_context(), transaction() as session:
            leases.let_go(session, self.holder, at=now())


def work() -> None:
    """Be the job process until SIGTERM or Ctrl-C."""
    worker = Worker(current_app._get_current_object())  # type: ignore[attr-defined]

    def stop(number: int, frame: FrameType | None) -> None:
        threading.Thread(target=worker.stop, name="stop").start()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    worker.run()
