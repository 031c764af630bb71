"""What a code looks like, what a QR says, when a shop is open, what limits mean. No I/O here."""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

DIGITS = 8
PREFIX = "VG1"
VOUCHER = re.compile(r"VG1\.([1-9]\d{0,9})\.(\d{1,12})\.([A-Za-z0-9_-]{20,40})\.([0-9a-f]{40})")
LONGEST = 400
DAY = 24 * 60

Sign = Callable[[str], str]  # a keyed hash of the installation's


@dataclass(frozen=True, slots=True)
class Voucher:
    """What the QR of a reservation says: for which merchant, until when, and a nonce that opens it once."""

    merchant_id: int
    expires_at: datetime
    nonce: str


def tidy_code(typed: str) -> str | None:
    """Return the eight digits that somebody typed (spaces and dashes or neither; wide digits too), None when it is no code."""
    plain = "".join(str(int(sign)) if sign.isdecimal() else sign for sign in typed[:LONGEST] if sign not in " -\u3000\t\r\n.")
    return plain if len(plain) == DIGITS and plain.isascii() and plain.isdigit() else None


def voucher_text(voucher: Voucher, sign: Sign) -> str:
    """Return what the QR holds."""
    body = f"{PREFIX}.{voucher.merchant_id}.{int(voucher.expires_at.timestamp())}.{voucher.nonce}"
    return f"{body}.{sign(body)}"


def read_voucher(scanned: str, sign: Sign) -> Voucher | None:
    """Return the voucher in what a camera read, bare or as the address of the till; None for anything that we did not make."""
    text = scanned.strip()[:LONGEST]
    if "?" in text:
        try:
            text = (parse_qs(urlsplit(text).query).get("qr") or [""])[0]
        except ValueError:  # a host in brackets that is none
            return None
    found = VOUCHER.fullmatch(text)
    if found is None:
        return None
    body, mac = text.rsplit(".", 1)
    if not hmac.compare_digest(sign(body).encode(), mac.encode()):
        return None
    return Voucher(int(found[1]), datetime.fromtimestamp(int(found[2]), UTC), found[3])


def is_open(opens: int, closes: int, closed_days: Sequence[str], local: datetime) -> bool:
    """Return whether a shop is open at a local moment; one that closes before it opens is open over midnight."""
    minute, today = local.hour * 60 + local.minute, str(local.weekday())
    if opens < closes:
        return opens <= minute < closes and today not in closed_days
    yesterday = str((local.weekday() - 1) % 7)
    return (minute >= opens and today not in closed_days) or (minute < closes and yesterday not in closed_days)


def left_of(limit: int, used: int) -> int | None:
    """Return how many a limit leaves; None where there is none."""
    return max(0, limit - used) if limit else None


def needs_two(points: int, second_from: int) -> bool:
    """Return whether taking back so many points takes a second person."""
    return bool(second_from) and points >= second_from
