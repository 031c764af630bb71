"""One-time codes by the clock (RFC 6238: SHA-1, 30 seconds, 6 digits, as every authenticator knows them); pure."""

from __future__ import annotations

import hmac
import re
import secrets
import unicodedata
from datetime import datetime

import pyotp

STEP = 30  # seconds
DRIFT = 1  # steps that a phone's clock may be off, either way
DIGITS = 6
CODES = 10
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # no l, i, o, 0, 1: people copy these by hand
GROUPS, GROUP = 3, 4  # 12 signs of 31: 59 bits
NOISE = re.compile(r"[\s\-_.]")


def new_secret() -> str:
    """Return a fresh secret of 160 bits, in base32."""
    return pyotp.random_base32()


def address(secret: str, account: str, issuer: str) -> str:
    """Return the ``otpauth:`` address that an authenticator reads from the QR."""
    return pyotp.TOTP(secret).provisioning_uri(name=account, issuer_name=issuer)


def grouped(secret: str) -> str:
    """Return the secret in groups of four, as somebody types it."""
    return " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))


def step_at(at: datetime) -> int:
    """Return which 30 seconds since 1970 ``at`` falls into."""
    return int(at.timestamp()) // STEP


def code_at(secret: str, step: int) -> str:
    """Return the code of one step."""
    return pyotp.TOTP(secret).generate_otp(step)


def matching_step(secret: str, typed: str, at: datetime, last: int) -> int | None:
    """Return the step whose code ``typed`` is: now, one before or one after, and newer than the ``last`` one taken."""
    code = tidy(typed)
    if len(code) != DIGITS:
        return None
    present = step_at(at)
    near = range(present - DRIFT, present + DRIFT + 1)
    right = [step for step in near if hmac.compare_digest(code_at(secret, step).encode(), code.encode())]
    return next((step for step in right if step > last), None)


def recovery_codes() -> list[str]:
    """Return ten fresh codes such as ``abcd-ef23-gh45``."""
    return ["-".join("".join(secrets.choice(ALPHABET) for _ in range(GROUP)) for _ in range(GROUPS)) for _ in range(CODES)]


def looks_like_recovery(typed: str) -> bool:
    """Whether ``typed`` is as long as a recovery code: the same field takes both."""
    return len(tidy(typed)) == GROUPS * GROUP


def tidy(typed: str) -> str:
    """Return what was typed without spaces, dashes, capitals and full-width signs; at most what can mean something."""
    return NOISE.sub("", unicodedata.normalize("NFKC", typed[:60])).lower()
