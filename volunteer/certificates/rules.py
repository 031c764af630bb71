"""Numbers, periods, masks and the squares of a year. No I/O here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from volunteer.certificates.signing import Kind
from volunteer.kernel.errors import Invalid
from volunteer.kernel.serials import check_digit, digits
from volunteer.kernel.text import masked_name
from volunteer.kernel.words import LOCALES, N_
from volunteer.ledger.models import Grade

LENGTH = 13  # year and month, eight random digits, check digit
PERIODS = ("twelve", "year", "last_year", "all", "own")
WEEKS = 52
LEVELS = (1, 120, 300, 600)  # minutes in a week from which its square takes the next shade
ARABIC = str.maketrans({chr(0xFF10 + n): str(n) for n in range(10)})


@dataclass(frozen=True, slots=True)
class CertificateAsk:
    """What the form says: one of PERIODS, for "own" with its two days; grades and language."""

    period: str
    first: date | None
    last: date | None
    grades: frozenset[Grade]
    locale: str
    kind: Kind = Kind.SERVICE


@dataclass(frozen=True, slots=True)
class CertificateDraft:
    """What is asked for: services from ``first`` to ``last`` (both included), the grades that count, the language."""

    first: date
    last: date
    grades: frozenset[Grade]
    locale: str
    kind: Kind = Kind.SERVICE


def drafted(ask: CertificateAsk, today: date, oldest: date | None) -> CertificateDraft:
    """Return the draft that ``ask`` means on the day ``today``; ``oldest`` is the day of the first service.

    Raises Invalid when the period is one's own and a day is missing.
    """
    if ask.period != "own":
        return CertificateDraft(*periods(today, oldest)[ask.period], ask.grades, ask.locale, ask.kind)
    if ask.first is None or ask.last is None:
        missing = {name: [N_("Please write a date.")] for name in ("first", "last") if getattr(ask, name) is None}
        raise Invalid("invalid_period", N_("Please check the fields that are marked."), missing)
    return CertificateDraft(ask.first, ask.last, ask.grades, ask.locale, ask.kind)


def must_be_sound(draft: CertificateDraft, today: date, certified: frozenset[Grade]) -> None:
    """Raise Invalid with every complaint about ``draft`` at once; ``certified``: the grades that the centre certifies."""
    wrong: dict[str, list[str]] = {}
    if draft.first > draft.last:
        wrong["first"] = [N_("The first day must not be after the last.")]
    if draft.last > today:
        wrong["last"] = [N_("The last day cannot lie in the future.")]
    if not draft.grades:
        wrong["grades"] = [N_("Please choose at least one way of recording.")]
    elif not draft.grades <= certified:
        wrong["grades"] = [N_("Your centre does not certify hours that were recorded this way.")]
    if draft.kind is Kind.STAR:
        wrong["kind"] = [N_("Please choose one of these.")]  # that one is made of an award
    if draft.locale not in LOCALES:
        wrong["locale"] = [N_("Please choose Chinese or English.")]
    if wrong:
        raise Invalid("invalid_certificate", N_("Please check the fields that are marked."), wrong)


def new_number(today: date) -> str:
    """Return a certificate's number: year and month, eight random digits, a check digit."""
    body = f"{today:%y%m}{digits(8)}"
    return body + check_digit(body)


def tidy_number(typed: str) -> str | None:
    """Return the number that somebody typed (full-width, in groups, with dashes); None when it cannot be one."""
    number = "".join(character for character in typed.translate(ARABIC) if character in "0123456789")
    other = any(character.isalnum() and character not in "0123456789" for character in typed.translate(ARABIC))
    if other or len(number) != LENGTH or check_digit(number[:-1]) != number[-1]:
        return None
    return number


def typed_number(typed: str) -> str | None:
    """Return the number that somebody typed or scanned: the number itself, or an address that ends with it."""
    head = typed.partition("#")[0]
    return tidy_number(head.rstrip("/").rpartition("/")[2] if "://" in head else head)


def masked_document(document: str) -> str:
    """Return a document's number with its middle hidden: 3205************1X; a short one is hidden but for its ends."""
    if len(document) < 8:
        return document[:1] + "*" * max(len(document) - 1, 0)
    return document[:4] + "*" * (len(document) - 6) + document[-2:]


def public_facts(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return what anybody may see of a certificate: totals and classes with the holder masked, no day and no place."""
    shown = {key: value for key, value in facts.items() if key not in {"entries", "holder"}}
    holder = facts["holder"]
    return shown | {"holder": {**holder, "name": masked_name(holder["name"])}}


@dataclass(frozen=True, slots=True)
class Week:
    """One square: the Monday it begins with, its minutes, and its shade from 0 (nothing) to 4."""

    monday: date
    minutes: int
    level: int


def weeks_until(today: date, minutes: Iterable[tuple[date, int]]) -> list[Week]:
    """Return the 52 weeks that end with this one, the oldest first, with the minutes of each (day, minutes) in its week."""
    last = today - timedelta(days=today.weekday())
    mondays = [last - timedelta(weeks=back) for back in range(WEEKS - 1, -1, -1)]
    sums = dict.fromkeys(mondays, 0)
    for day, amount in minutes:
        monday = day - timedelta(days=day.weekday())
        if monday in sums:
            sums[monday] += amount
    return [Week(monday, total, sum(total >= step for step in LEVELS)) for monday, total in sums.items()]


def periods(today: date, oldest: date | None) -> dict[str, tuple[date, date]]:
    """Return the periods that people ask for, by name: this year, the last twelve months, last year, everything."""
    new_year = today.replace(month=1, day=1)
    year_ago = (
        today.replace(year=today.year - 1, day=28) if (today.month, today.day) == (2, 29) else today.replace(year=today.year - 1)
    )
    return {
        "year": (new_year, today),
        "twelve": (year_ago + timedelta(days=1), today),
        "last_year": (new_year.replace(year=today.year - 1), new_year - timedelta(days=1)),
        "all": (min(oldest or new_year, today), today),
    }
