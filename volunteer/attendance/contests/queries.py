"""Reading objections to hours: what waits under one's sites, and one of them. Reads only."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from volunteer.access import Actor, Permission
from volunteer.attendance.contests.lifecycle import ContestStatus
from volunteer.attendance.contests.models_contests import HoursContest
from volunteer.kernel.db import under
from volunteer.kernel.errors import NotFound
from volunteer.teams.models import Volunteer

WHOLE = (
    joinedload(HoursContest.volunteer).joinedload(Volunteer.person),
    joinedload(HoursContest.transfer),
    joinedload(HoursContest.decider),
)


def contests_for(session: Session, actor: Actor, *, waiting: bool, page: int, size: int) -> Sequence[HoursContest]:
    """Return one row more than a page of what waits under this actor's sites, the oldest first, or was answered there."""
    found = select(HoursContest).where(under(actor.scopes(Permission.HOURS_CORRECT), HoursContest.site_path))
    if waiting:
        found = found.where(HoursContest.status == ContestStatus.OPEN).order_by(HoursContest.id)
    else:
        found = found.where(HoursContest.status != ContestStatus.OPEN)
        found = found.order_by(HoursContest.decided_at.desc(), HoursContest.id.desc())
    return session.scalars(found.options(*WHOLE).offset((page - 1) * size).limit(size + 1)).all()


def waiting_contests(session: Session, actor: Actor) -> int:
    """Return how many objections wait under this actor's sites."""
    there = under(actor.scopes(Permission.HOURS_CORRECT), HoursContest.site_path)
    found = select(func.count(HoursContest.id)).where(there, HoursContest.status == ContestStatus.OPEN)
    return session.scalar(found) or 0


def contest_for(session: Session, actor: Actor, contest_id: int) -> HoursContest:
    """Return one objection of this actor's sites. Raises NotFound for any other."""
    found = select(HoursContest).where(HoursContest.id == contest_id).options(*WHOLE)
    row = session.scalar(found) if 0 < contest_id < 2**31 else None
    if row is None or not actor.can(Permission.HOURS_CORRECT, at=row.site_path):
        raise NotFound("contest")
    return row
