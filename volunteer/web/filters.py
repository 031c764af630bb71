"""Jinja filters: ``wording`` with this request's language, the present moment and the centre's zone filled in."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask import Flask

from volunteer.kernel.clock import now
from volunteer.kernel.words import Named
from volunteer.kernel.words import named as name_in
from volunteer.web import wording
from volunteer.web.county import zone
from volunteer.web.locale import chosen


def moment(at: datetime) -> str:
    """今天 15:00."""
    return wording.moment(at, now(), chosen(), zone())


def stamp(at: datetime) -> str:
    """2026年11月21日 15:00: in full, for what is kept or printed."""
    return wording.stamp(at, chosen(), zone())


def day(at: datetime) -> str:
    """今天; 周四; 11月21日."""
    return wording.day_at(at, now(), chosen(), zone())


def date_words(at: datetime) -> str:
    """2026年11月21日 where the year differs, else 11月21日: the date itself, not as seen from today."""
    return wording.calendar_day(at.astimezone(zone()).date(), now().astimezone(zone()).date(), chosen())


def last_day(until: datetime) -> str:
    """11月20日: the last day of what ends at the first moment of the 21st."""
    return date_words(until - timedelta(seconds=1))


def weekday(at: datetime) -> str:
    """周四."""
    return wording.weekday(at.astimezone(zone()).date(), chosen())


def clock(at: datetime) -> str:
    """15:00."""
    return wording.clock(at, chosen(), zone())


def window(start: datetime, end: datetime) -> str:
    """今天下午."""
    return wording.window(start, end, now(), chosen(), zone())


def left(until: datetime) -> str:
    """还剩 40 分钟; 超时 12 分钟."""
    return wording.left(until, now(), chosen())


def ago(at: datetime) -> str:
    """12 分钟前."""
    return wording.ago(at, now(), chosen())


def hours(minutes: int) -> str:
    """2 小时 10 分."""
    return wording.hours(minutes, chosen())


def km(metres: float) -> str:
    """1.2 公里; 350 米."""
    return wording.distance(metres, chosen())


def short_left(seconds: float) -> str:
    """83分."""
    return wording.short_left(seconds, chosen())


def named(row: Named) -> str:
    """The row's name in the reader's language."""
    return name_in(row, chosen())


def figures(number: float) -> str:
    """12,345."""
    return f"{number:,}"


def part_of_day() -> str:
    """Which greeting fits now: morning, noon, afternoon, evening."""
    return wording.greeting(now(), zone())


FILTERS = {
    "moment": moment,
    "stamp": stamp,
    "day": day,
    "date_words": date_words,
    "last_day": last_day,
    "weekday": weekday,
    "clock": clock,
    "window": window,
    "left": left,
    "ago": ago,
    "hours": hours,
    "km": km,
    "short_left": short_left,
    "named": named,
    "figures": figures,
    "phone_mask": wording.phone_mask,
    "phone_spaced": wording.phone_spaced,
    "fours": wording.fours,
}


def init_app(app: Flask) -> None:
    """Give every template the filters, and ``part_of_day()`` for greetings."""
    app.jinja_env.filters.update(FILTERS)
    app.jinja_env.globals["part_of_day"] = part_of_day
