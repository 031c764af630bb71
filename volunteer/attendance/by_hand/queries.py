"""Reading what was asked to be written in: one's own, what waits for a decision, and how much there was. Reads only."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, joinedload

from volunteer.access import Actor, Permission
from volunteer.attendance.by_hand.lifecycle import AskStatus
from volunteer.attendance.by_hand.models_by_hand import HoursAsk
from volunteer.attendance.models import Attendance
from volunteer.attendance.tariff import LONGEST, Stay
from volunteer.kernel.clock import month_after, start_of_day
from volunteer.kernel.db import under
from volunteer.kernel.errors import NotFound
from volunteer.teams.models import Volunteer

WHOLE = (
    joinedload(HoursAsk.volunteer).joinedload(Volunteer.person),
    joinedload(HoursAsk.item),
    joinedload(HoursAsk.site),
    joinedload(HoursAsk.team),
    joinedload(HoursAsk.asker),
    joinedload(HoursAsk.decider),
)


def stays_near(session: Session, volunteer_id: int, stay: Stay, *, but: int | None = None) -> list[Stay]:
    """Return when one volunteer was elsewhere around ``stay``: attendances, and what else waits to be written in."""
    first, last = stay.began - LONGEST, stay.ended + timedelta(days=1)
    came = select(Attendance.came_at, Attendance.left_at).where(
        Attendance.volunteer_id == volunteer_id, Attendance.came_at.between(first, last), Attendance.left_at.is_not(None)
    )
    waits = select(HoursAsk.began_at, HoursAsk.ended_at).where(
        HoursAsk.volunteer_id == volunteer_id, HoursAsk.began_at.between(first, last), HoursAsk.status == AskStatus.ASKED
    )
    if but is not None:
        waits = waits.where(HoursAsk.id != but)
    found = [*session.execute(came).tuples(), *session.execute(waits).tuples()]
    return [Stay(began, ended) for began, ended in found if ended is not None and ended - began <= LONGEST]


def asked_in_month(session: Session, volunteer_id: int, month: date, zone: ZoneInfo, *, but: int | None = None) -> int:
    """Return the minutes written in, or waiting to be, for one volunteer whose service began in a local month."""
    begins, ends = bounds(month, zone)
    mine = (HoursAsk.volunteer_id == volunteer_id, HoursAsk.began_at >= begins, HoursAsk.began_at < ends, HoursAsk.id != but)
    rows = session.scalars(select(HoursAsk).where(*mine, HoursAsk.status.in_((AskStatus.ASKED, AskStatus.BOOKED))))
    return sum(row.minutes if row.minutes is not None else row.asked_minutes for row in rows)


def approved_in_month(session: Session, approver_id: int | None, month: date, zone: ZoneInfo) -> int:
    """Return the minutes that one approver let through in a local month."""
    begins, ends = bounds(month, zone)
    mine = (HoursAsk.decided_by == approver_id, HoursAsk.decided_at >= begins, HoursAsk.decided_at < ends)
    found = select(func.coalesce(func.sum(HoursAsk.minutes), 0)).where(*mine, HoursAsk.status == AskStatus.BOOKED)
    return session.scalar(found) or 0


def bounds(month: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return the first moment of a local month, and of the next."""
    return start_of_day(month, zone), start_of_day(month_after(month), zone)


def asks_of(session: Session, volunteer_id: int, limit: int = 50) -> Sequence[HoursAsk]:
    """Return what was asked for one volunteer, the newest first."""
    found = select(HoursAsk).where(HoursAsk.volunteer_id == volunteer_id)
    return session.scalars(found.options(*WHOLE).order_by(HoursAsk.id.desc()).limit(limit)).all()


def asks_by(session: Session, actor: Actor, *, page: int, size: int) -> Sequence[HoursAsk]:
    """Return one row more than a page of what this actor asked for others, the newest first."""
    found = select(HoursAsk).where(HoursAsk.asked_by == actor.user_id, HoursAsk.volunteer_id != actor.user_id)
    return session.scalars(_page(found.order_by(HoursAsk.id.desc()), page, size)).all()


def asks_for(session: Session, actor: Actor, *, waiting: bool, page: int, size: int) -> Sequence[HoursAsk]:
    """Return one row more than a page of what waits under this actor's sites, the oldest first, or was decided there."""
    found = select(HoursAsk).where(under(actor.scopes(Permission.HOURS_APPROVE), HoursAsk.site_path))
    if waiting:
        found = found.where(HoursAsk.status == AskStatus.ASKED).order_by(HoursAsk.id)
    else:
        found = found.where(HoursAsk.status != AskStatus.ASKED).order_by(HoursAsk.decided_at.desc(), HoursAsk.id.desc())
    return session.scalars(_page(found, page, size)).all()


def waiting_asks(session: Session, actor: Actor) -> int:
    """Return how many requests wait under this actor's sites."""
    mine = (under(actor.scopes(Permission.HOURS_APPROVE), HoursAsk.site_path), HoursAsk.status == AskStatus.ASKED)
    return session.scalar(select(func.count(HoursAsk.id)).where(*mine)) or 0


def ask_for(session: Session, actor: Actor, ask_id: int) -> HoursAsk:
    """Return one request of this actor's sites. Raises NotFound for any other."""
    ask = session.scalar(select(HoursAsk).where(HoursAsk.id == ask_id).options(*WHOLE)) if 0 < ask_id < 2**31 else None
    if ask is None or not actor.can(Permission.HOURS_APPROVE, at=ask.site_path):
        raise NotFound("hours_ask")
    return ask


def asks_named(session: Session, ids: Iterable[int]) -> dict[str, HoursAsk]:
    """Return requests by the name under which the ledger keeps them: "by_hand:12"."""
    wanted = list(ids)
    if not wanted:
        return {}
    return {ask.about: ask for ask in session.scalars(select(HoursAsk).where(HoursAsk.id.in_(wanted)).options(*WHOLE))}


def _page(found: Select[tuple[HoursAsk]], page: int, size: int) -> Select[tuple[HoursAsk]]:
    return found.options(*WHOLE).offset((page - 1) * size).limit(size + 1)
