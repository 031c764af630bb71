"""公民身份号码 (GB 11643): 18 characters, whose date and check character decide; the place is nobody's business. Pure."""

from __future__ import annotations

import re
import unicodedata
from datetime import date

FORM = re.compile(r"[1-9][0-9]{16}[0-9X]")
CHECK = "10X98765432"  # ISO 7064 MOD 11-2
OLDEST = 130


def identity_number(typed: str, today: date) -> str | None:
    """Return the number as it is kept (18 characters, a capital X), or None when it cannot be one on ``today``."""
    number = re.sub(r"[\s\-]", "", unicodedata.normalize("NFKC", typed[:60])).upper()
    if not FORM.fullmatch(number) or check_character(number[:17]) != number[17]:
        return None
    born = born_on(number)
    return number if born is not None and born <= today and today.year - born.year <= OLDEST else None


def check_character(body: str) -> str:
    """Return the 18th character for the first 17 digits."""
    return CHECK[sum(int(digit) * pow(2, 17 - place, 11) for place, digit in enumerate(body)) % 11]


def born_on(number: str) -> date | None:
    """Return the birth date that a number carries, None when there is no such day."""
    try:
        return date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return None


def masked(number: str) -> str:
    """Return how a number is shown: the first three and the last two characters."""
    return f"{number[:3]}{'*' * (len(number) - 5)}{number[-2:]}"
