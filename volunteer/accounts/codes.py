"""Codes sent to a phone: one holds at a time, for ten minutes and five tries, and only its hash is kept."""

from __future__ import annotations

import hmac
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from volunteer.accounts.models import LoginCode
from volunteer.kernel import serials

LIVES = timedelta(minutes=10)
TRIES = 5
DIGITS = 6


def new_code(session: Session, kind: str, index: str, *, asked_in: str = "", at: datetime) -> str:
    """Return a code to be sent; it ends the one before. ``kind`` keeps the codes of different acts apart, ``index``: of whom.

    ``asked_in`` is a word that only the browser keeps in which it was asked for: it fits there alone.
    """
    session.execute(update(LoginCode).where(*_alive(index, at)).values(expires_at=at))
    code = serials.digits(DIGITS)
    session.add(
        LoginCode(phone_index=index, code_hash=_hash(session, kind, index, asked_in, code), asked_at=at, expires_at=at + LIVES)
    )
    return code


def fitting(session: Session, kind: str, index: str, code: str, *, asked_in: str = "", at: datetime) -> LoginCode | None:
    """Return the row that ``code`` opens, its try counted; None: wrong, used, too old, or tried too often.

    Whoever acts on it writes ``used_at``: a code that another proof held up may be typed again.
    """
    found = select(LoginCode).where(*_alive(index, at)).order_by(LoginCode.id.desc()).limit(1)
    row = session.scalar(found.with_for_update())
    if row is None or row.tries >= TRIES:
        return None
    row.tries += 1
    return row if hmac.compare_digest(row.code_hash, _hash(session, kind, index, asked_in, code.strip())) else None


def _alive(index: str, at: datetime) -> tuple[ColumnElement[bool], ...]:
    return LoginCode.phone_index == index, LoginCode.used_at.is_(None), LoginCode.expires_at > at


def _hash(session: Session, kind: str, index: str, asked_in: str, code: str) -> str:
    return str(session.info["keyring"].blind(kind, f"{index}:{asked_in}:{code}"))
