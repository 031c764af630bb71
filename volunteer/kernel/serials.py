"""Numbers that people copy by hand, and tokens that nobody can guess."""

from __future__ import annotations

import secrets
import unicodedata
from datetime import date

from sqlalchemy import String
from sqlalchemy.orm import Mapped, Session, mapped_column

from volunteer.kernel.db import Base, insert_into

DIGITS = "0123456789"


class Serial(Base):
    """A counter by name; taking a number holds its row until the transaction ends."""

    __tablename__ = "serials"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    value: Mapped[int]


def take(session: Session, name: str, count: int = 1) -> int:
    """Return the next number of the counter ``name``, beginning with 1. Never twice, even under two writers.

    With ``count`` that many are taken at once; the last of them is returned.
    """
    statement = (
        insert_into(session, Serial)
        .values(name=name, value=count)
        .on_conflict_do_update(index_elements=["name"], set_={"value": Serial.value + count})
        .returning(Serial.value)
    )
    return int(session.scalar(statement) or 0)


def check_digit(digits: str) -> str:
    """Return the ISO/IEC 7064 MOD 11,10 check digit of ``digits``: every wrong digit is noticed, and nearly every swap."""
    remainder = 10
    for digit in digits:
        remainder = (remainder + int(digit)) % 10 or 10
        remainder = remainder * 2 % 11
    return str((11 - remainder) % 10)


def order_number(month: date, serial: int) -> str:
    """Return an order's number, such as ``2611-0427-6``: month, counter, check digit."""
    body = f"{month:%y%m}{serial:04d}"
    return f"{body[:4]}-{body[4:]}-{check_digit(body)}"


def tidy_number(typed: str) -> str | None:
    """Return the order number that somebody typed (spaces, dashes, full-width), or None when its check digit is wrong."""
    plain = unicodedata.normalize("NFKC", typed)  # full-width digits of a Chinese keyboard
    digits = "".join(character for character in plain if character in DIGITS)
    if not 9 <= len(digits) <= 12 or check_digit(digits[:-1]) != digits[-1]:
        return None
    return f"{digits[:4]}-{digits[4:-1]}-{digits[-1]}"


def digits(length: int) -> str:
    """Return ``length`` random decimal digits; a code like this is always throttled where it is tried."""
    return "".join(secrets.choice(DIGITS) for _ in range(length))


def token() -> str:
    """Return 160 random bits in URL-safe text."""
    return secrets.token_urlsafe(20)
