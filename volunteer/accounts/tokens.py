"""Links that open once: 160 random bits in the address, their hash in the database."""

from __future__ import annotations

import hashlib

from sqlalchemy.orm import Session

from volunteer.kernel import serials


def new_token() -> str:
    """Return a token that nobody can guess."""
    return serials.token()


def hashed(token: str) -> str:
    """Return what is stored of it."""
    return hashlib.sha256(token[:200].encode(errors="replace")).hexdigest()


def link(session: Session, door: str, token: str) -> str:
    """Return the whole address of the page that ``token`` opens."""
    return f"{session.info.get('public_url', '').rstrip('/')}/{door}/{token}"
