"""Rows that the edge keeps for itself: sessions, throttles, keys of requests already answered, the job lease."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from volunteer.kernel.db import Base


class WebSession(Base):
    """One signed-in browser. The cookie holds a random token; only its hash is stored."""

    __tablename__ = "web_sessions"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    device: Mapped[str] = mapped_column(String(120), default="")
    started_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    ended_at: Mapped[datetime | None]


class ThrottleCount(Base):
    """How often ``name`` (what is tried, by whom) happened in the window that began at ``window``."""

    __tablename__ = "throttle_counts"

    name: Mapped[str] = mapped_column(String(120), primary_key=True)
    window: Mapped[datetime] = mapped_column(primary_key=True)
    count: Mapped[int]

    __table_args__ = (Index("ix_throttle_counts_window", "window"),)


class IdempotencyKey(Base):
    """A request that was answered: the same key with the same content gets the same answer again."""

    __tablename__ = "idempotency_keys"

    key: Mapped[str] = mapped_column(String(80), primary_key=True)
    fingerprint: Mapped[str] = mapped_column(String(64))
    outcome: Mapped[str | None] = mapped_column(String(200))
    at: Mapped[datetime] = mapped_column(index=True)


class JobLease(Base):
    """Who may fire jobs now; a frozen holder loses it by time alone."""

    __tablename__ = "job_leases"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    holder: Mapped[str] = mapped_column(String(80))
    fence: Mapped[int]
    until: Mapped[datetime]


class JobRun(Base):
    """One slot of one job, claimed once."""

    __tablename__ = "job_runs"

    id: Mapped[int] = mapped_column(primary_key=True)
    job: Mapped[str] = mapped_column(String(60))
    slot: Mapped[datetime]
    fence: Mapped[int]
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    done: Mapped[int | None]
    error: Mapped[str | None] = mapped_column(String(400))

    __table_args__ = (Index("uq_job_runs_job_slot", "job", "slot", unique=True),)


class Accident(Base):
    """How often something went wrong on a day: which kind of exception, in which route. Never what was being handled."""

    __tablename__ = "accidents"

    day: Mapped[date] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(80), primary_key=True)  # the exception's class
    place: Mapped[str] = mapped_column(String(80), primary_key=True)  # the route's name
    count: Mapped[int]
    last_at: Mapped[datetime]
    reference: Mapped[str] = mapped_column(String(16))  # of the last one: what the person was told and the log says
