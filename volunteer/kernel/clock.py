"""The one place that asks what time it is, and the arithmetic of local days."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

SHANGHAI = ZoneInfo("Asia/Shanghai")


def now() -> datetime:
    """Return the present moment, aware, in UTC. Only the edge calls this; everything below takes ``at``."""
    return datetime.now(UTC)


def zone_of(session: Session) -> ZoneInfo:
    """Return the zone in which this installation counts days: the setting that the session carries, else Shanghai's."""
    zone = session.info.get("zone")
    return zone if isinstance(zone, ZoneInfo) else SHANGHAI


def local_date(at: datetime, zone: ZoneInfo) -> date:
    """Return the calendar day that ``at`` falls on in ``zone``."""
    return at.astimezone(zone).date()


def start_of_day(day: date, zone: ZoneInfo) -> datetime:
    """Return the first moment of ``day`` in ``zone``, in UTC."""
    return datetime.combine(day, time.min, tzinfo=zone).astimezone(UTC)


def month_before(day: date) -> date:
    """Return the first day of the month before that of ``day``."""
    return (day.replace(day=1) - timedelta(days=1)).replace(day=1)


def month_after(day: date) -> date:
    """Return the first day of the month after that of ``day``."""
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def end_of_day(day: date, zone: ZoneInfo) -> datetime:
    """Return the first moment after ``day`` in ``zone``, in UTC."""
    return start_of_day(day + timedelta(days=1), zone)
