"""The stretch of days that a reader looks at: a week from Monday, a month, a quarter; and the one before. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from volunteer.kernel.clock import start_of_day

FIRST, LAST = date(2000, 1, 1), date(2199, 12, 31)
QUARTER_MONTHS = 3


class Span(StrEnum):
    """How long a period is."""

    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"


@dataclass(frozen=True)
class Period:
    """Local days from ``first`` up to, not including, ``after``."""

    span: Span
    first: date
    after: date

    @property
    def last(self) -> date:
        """The last day inside."""
        return self.after - timedelta(days=1)

    @property
    def before(self) -> Period:
        """The period that ends where this one begins."""
        return period_of(self.span, self.first - timedelta(days=1))

    @property
    def following(self) -> Period:
        """The period that begins where this one ends."""
        return period_of(self.span, self.after)

    def moments(self, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """Return the first moment inside and the first moment after, in UTC."""
        return start_of_day(self.first, zone), start_of_day(self.after, zone)


def period_of(span: Span, day: date) -> Period:
    """Return the period of that length in which ``day`` lies."""
    if span is Span.WEEK:
        monday = day - timedelta(days=day.weekday())
        return Period(span, monday, monday + timedelta(days=7))
    months = 1 if span is Span.MONTH else QUARTER_MONTHS
    begins = day.replace(month=(day.month - 1) // months * months + 1, day=1)
    return Period(span, begins, _months_later(begins, months))


def read_period(span: str, day: str, today: date) -> Period:
    """Return the period that an address names; what cannot be read counts as this week, what is out of reason as the nearest."""
    chosen = Span(span) if span in set(Span) else Span.WEEK
    try:
        return period_of(chosen, min(max(date.fromisoformat(day), FIRST), LAST) if day else today)
    except ValueError:
        return period_of(chosen, today)


def _months_later(first: date, months: int) -> date:
    month = first.month - 1 + months
    return first.replace(year=first.year + month // 12, month=month % 12 + 1)
