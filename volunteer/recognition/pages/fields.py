"""Fields and words of the pages of stars, benefits and households: a number that was sent, a day."""

from __future__ import annotations

from datetime import date

from flask import request

from volunteer.kernel.clock import local_date, now
from volunteer.kernel.errors import Invalid
from volunteer.web import wording
from volunteer.web.county import zone
from volunteer.web.locale import chosen


def number_sent(name: str) -> int:
    """Return a whole number of the form. Raises Invalid beside the field."""
    typed = request.form.get(name, "").strip()
    if not (typed.isascii() and typed.isdigit() and len(typed) < 10):
        raise Invalid.field(name, "Please choose one of these.")
    return int(typed)


def day_words(day: date) -> str:
    """Return a calendar day in the reader's language."""
    return wording.calendar_day(day, local_date(now(), zone()), chosen())
