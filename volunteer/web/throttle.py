"""How often something may be tried, counted in the database so that every worker counts the same.

A count lives in a short transaction of its own, before the work: a failed attempt that is rolled back still counts.
Accounts and addresses are stored as keyed hashes only.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from flask import request
from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from volunteer.kernel.db import insert_into
from volunteer.kernel.errors import TooMany
from volunteer.kernel.words import N_
from volunteer.web.config import current_settings
from volunteer.web.models import ThrottleCount
from volunteer.web.unit import transaction


@dataclass(frozen=True)
class Limit:
    """At most ``times`` tries in each window of ``minutes``."""

    name: str
    times: int
    minutes: int


LOGIN_ACCOUNT = Limit("login-account", 10, 15)
LOGIN_ADDRESS = Limit("login-address", 100, 15)  # a whole station may stand behind one address
CODE_PHONE = Limit("code-phone", 3, 15)
CODE_ADDRESS = Limit("code-address", 30, 60)
CODE_TRY = Limit("code-try", 10, 15)
TRACK_NUMBER = Limit("track-number", 10, 15)
TRACK_ADDRESS = Limit("track-address", 60, 15)
PLACE_ADDRESS = Limit("place-address", 120, 60)
SPEAK_ADDRESS = Limit("speak-address", 60, 60)
PASSWORD_CHANGE = Limit("password-change", 10, 15)
SECOND_FACTOR = Limit("second-factor", 10, 15)
SECOND_FACTOR_DAY = Limit("second-factor-day", 40, 1440)  # six digits, three of them right: a year of this finds nothing
SETUP_TRY = Limit("setup-try", 20, 15)
RESET_TRY = Limit("reset-try", 10, 15)
RESET_DAY = Limit("reset-day", 30, 1440)
OWN_DATA = Limit("own-data", 5, 60)
LINK_ADDRESS = Limit("link-address", 60, 15)  # links that open once: their tokens cannot be guessed, but are not tried for free
VERIFY_ADDRESS = Limit("verify-address", 120, 15)
TILL_TRY = Limit("till-try", 30, 15)  # codes that were wrong, by whoever stands at a till
TILL_DAY = Limit("till-day", 200, 1440)
HOME_INVITE = Limit("home-invite", 20, 60)  # volunteer numbers tried by one head of a household
BENEFIT_CODE = Limit("benefit-code", 60, 15)  # of one member of staff, or of one volunteer who shows
KEPT = timedelta(days=1)


def spend(limit: Limit, key: str, at: datetime) -> None:
    """Count one try of ``key``. Raises TooMany with the seconds to wait when the window is used up."""
    if not current_settings().throttle:
        return
    with transaction() as session:
        used = count(session, limit, key, at)
    if used > limit.times:
        wait = int((_window(limit, at) + timedelta(minutes=limit.minutes) - at).total_seconds()) + 1
        raise TooMany("too_many", N_("Too many tries. Please wait %(minutes)s minutes."), seconds=wait, minutes=-(-wait // 60))


def spend_here(limit: Limit, at: datetime) -> None:
    """Count one try from this request's address."""
    spend(limit, request.remote_addr or "nowhere", at)


def is_used_up(session: Session, limit: Limit, key: str, at: datetime) -> bool:
    """Return whether ``key`` must wait now. Reads only."""
    row = session.get(ThrottleCount, (_name(session, limit, key), _window(limit, at)))
    return row is not None and row.count >= limit.times


def forgive(limit: Limit, key: str, at: datetime) -> None:
    """Forget the tries of ``key``: it has proved itself."""
    with transaction() as session:
        session.execute(delete(ThrottleCount).where(ThrottleCount.name == _name(session, limit, key)))


def forgive_here(session: Session, limit: Limit, key: str) -> None:
    """Forget the tries of ``key`` in the transaction that it was right for: they are back when that fails."""
    if current_settings().throttle:
        session.execute(delete(ThrottleCount).where(ThrottleCount.name == _name(session, limit, key)))


def give_back(limit: Limit, key: str, at: datetime) -> None:
    """Take one try of ``key`` back: it was right, and only wrong ones are to count."""
    with transaction() as session:
        mine = (
            ThrottleCount.name == _name(session, limit, key),
            ThrottleCount.window == _window(limit, at),
            ThrottleCount.count > 0,
        )
        session.execute(update(ThrottleCount).where(*mine).values(count=ThrottleCount.count - 1))


def count(session: Session, limit: Limit, key: str, at: datetime) -> int:
    """Add one to the count of this window and return it."""
    statement = (
        insert_into(session, ThrottleCount)
        .values(name=_name(session, limit, key), window=_window(limit, at), count=1)
        .on_conflict_do_update(index_elements=["name", "window"], set_={"count": ThrottleCount.count + 1})
        .returning(ThrottleCount.count)
    )
    return int(session.scalar(statement) or 0)


def forget_old(session: Session, at: datetime) -> int:
    """Job: drop counts of windows long gone."""
    session.execute(delete(ThrottleCount).where(ThrottleCount.window < at - KEPT))
    return 0


def _window(limit: Limit, at: datetime) -> datetime:
    length = limit.minutes * 60
    return datetime.fromtimestamp(int(at.timestamp()) // length * length, UTC)


def _name(session: Session, limit: Limit, key: str) -> str:
    return f"{limit.name}:{session.info['keyring'].blind(f'throttle:{limit.name}', key)}"
