"""What a phone number must be; pure."""

from __future__ import annotations

import re
import unicodedata

MOBILE = re.compile(r"1[3-9][0-9]{9}")
NOISE = re.compile(r"[\s\-().]")


def mobile(typed: str) -> str | None:
    """Return the 11 digits of a mainland mobile number as typed (spaces, dashes, +86, full-width), else None."""
    digits = NOISE.sub("", unicodedata.normalize("NFKC", typed[:40]))
    digits = digits.removeprefix("+86").removeprefix("0086")
    return digits if MOBILE.fullmatch(digits) else None


def counted_as(typed: str) -> str:
    """Return under which name tries with a phone are counted: one phone is one, however it is written."""
    return mobile(typed) or typed[:40].strip()


LOGIN_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{2,39}")


def login_name(typed: str) -> str | None:
    """Return the log-in name as it is stored (small letters, digits, dots and dashes; 3 to 40), else None."""
    name = unicodedata.normalize("NFKC", typed[:80]).strip().lower()
    return name if LOGIN_NAME.fullmatch(name) else None
