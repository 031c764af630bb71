"""Who is signed in where, as rows: a session can be listed, and ended, without the browser's help.

The cookie holds a random token and the row its hash, so the table opens no door. Idle and absolute limits count on the
server; a row is touched once a minute at most.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.orm import Session

from volunteer.kernel import serials
from volunteer.kernel.errors import NotFound
from volunteer.web.models import WebSession

TOUCH_EVERY = timedelta(minutes=1)
KEPT = timedelta(days=190)  # ended sessions stay as evidence of who was signed in: six months and a little

LIVING = select(WebSession.id, WebSession.person_id, WebSession.seen_at).where(  # asked in every request: put together once
    WebSession.token_hash == bindparam("token"),
    WebSession.ended_at.is_(None),
    WebSession.expires_at > bindparam("at"),
    WebSession.seen_at > bindparam("idle_since"),
)


@dataclass(frozen=True)
class Limits:
    """How long a session lives without being used, and at all."""

    idle: timedelta
    absolute: timedelta


@dataclass(frozen=True)
class Found:
    """A living session: its row's id, whose it is, and whether it is time to touch it."""

    id: int
    person_id: int
    stale: bool


def start(session: Session, person_id: int, limits: Limits, *, device: str, at: datetime) -> str:
    """Open a session and return its token; nobody can read the token out of the database."""
    token = serials.token() + serials.token()
    session.add(
        WebSession(
            token_hash=_hash(token),
            person_id=person_id,
            device=device[:120],
            started_at=at,
            seen_at=at,
            expires_at=at + limits.absolute,
        )
    )
    return token


def find(session: Session, token: str, limits: Limits, *, at: datetime) -> Found | None:
    """Return the living session of ``token``, or None when it was ended, has expired or never was."""
    row = session.execute(LIVING, {"token": _hash(token), "at": at, "idle_since": at - limits.idle}).one_or_none()
    if row is None:
        return None
    return Found(row.id, row.person_id, stale=at - row.seen_at >= TOUCH_EVERY)


def touch(session: Session, session_id: int, *, at: datetime) -> None:
    """Note that the session was used."""
    session.execute(update(WebSession).where(WebSession.id == session_id, WebSession.seen_at < at).values(seen_at=at))


def end(session: Session, token: str, *, at: datetime) -> None:
    """End the session of ``token``; ending it twice is no error."""
    session.execute(
        update(WebSession).where(WebSession.token_hash == _hash(token), WebSession.ended_at.is_(None)).values(ended_at=at)
    )


def end_one(session: Session, person_id: int, session_id: int, *, at: datetime) -> None:
    """End one of somebody's own sessions. Raises NotFound for anybody else's."""
    row = session.get(WebSession, session_id)
    if row is None or row.person_id != person_id:
        raise NotFound("session")
    row.ended_at = row.ended_at or at


def end_all(session: Session, person_id: int, *, at: datetime, but: int | None = None) -> None:
    """End every session of a person, except the one with the id ``but``."""
    session.execute(
        update(WebSession)
        .where(WebSession.person_id == person_id, WebSession.ended_at.is_(None), WebSession.id != (but or 0))
        .values(ended_at=at)
    )


def living(session: Session, person_id: int, limits: Limits, *, at: datetime) -> Sequence[WebSession]:
    """Return a person's living sessions, last used first."""
    return session.scalars(
        select(WebSession)
        .where(
            WebSession.person_id == person_id,
            WebSession.ended_at.is_(None),
            WebSession.expires_at > at,
            WebSession.seen_at > at - limits.idle,
        )
        .order_by(WebSession.seen_at.desc(), WebSession.id.desc())
    ).all()


def forget_old(session: Session, at: datetime) -> int:
    """Job: drop sessions that ended long ago."""
    session.execute(delete(WebSession).where(WebSession.expires_at < at - KEPT))
    return 0


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
