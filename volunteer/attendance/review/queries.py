"""Reading what looked odd: a page of it, and one with its entries. Reads only."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from volunteer.access import Actor, Permission
from volunteer.attendance.review.lifecycle import FindingKind, FindingState
from volunteer.attendance.review.models_findings import Finding
from volunteer.kernel.db import under
from volunteer.kernel.errors import NotFound

WAITING = (FindingState.OPEN, FindingState.ASKED)
WHOLE = (joinedload(Finding.person), joinedload(Finding.team), joinedload(Finding.decider))


def findings_for(
    session: Session, actor: Actor, *, waiting: bool, kind: FindingKind | None, page: int, size: int
) -> Sequence[Finding]:
    """Return one row more than a page of what waits under this actor's sites, or was decided there, the newest first."""
    found = select(Finding).where(under(actor.scopes(Permission.HOURS_REVIEW), Finding.site_path))
    found = found.where(Finding.state.in_(WAITING) if waiting else Finding.state.not_in(WAITING))
    if kind is not None:
        found = found.where(Finding.kind == kind)
    found = found.options(*WHOLE).order_by(Finding.found_at.desc(), Finding.id.desc())
    return session.scalars(found.offset((page - 1) * size).limit(size + 1)).all()


def waiting_findings(session: Session, actor: Actor) -> dict[FindingKind, int]:
    """Return how many findings of each kind wait under this actor's sites."""
    there = under(actor.scopes(Permission.HOURS_REVIEW), Finding.site_path)
    found = select(Finding.kind, func.count()).where(there, Finding.state.in_(WAITING)).group_by(Finding.kind)
    return dict(session.execute(found).tuples().all())


def finding_for(session: Session, actor: Actor, finding_id: int) -> Finding:
    """Return one finding of this actor's sites. Raises NotFound for any other."""
    row = session.scalar(select(Finding).where(Finding.id == finding_id).options(*WHOLE)) if 0 < finding_id < 2**31 else None
    if row is None or not actor.can(Permission.HOURS_REVIEW, at=row.site_path):
        raise NotFound("finding")
    return row
