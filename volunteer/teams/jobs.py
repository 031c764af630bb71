"""Papers that run out: warned 30 and 7 days before; on the day after, what the teams can do is worked out anew."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from volunteer.kernel.clock import local_date, zone_of
from volunteer.teams import duty, telling
from volunteer.teams.belonging import refresh_for
from volunteer.teams.lifecycle import PaperState
from volunteer.teams.models import Standing, Volunteer
from volunteer.teams.models_volunteers import Paper, PaperKind

WARNINGS = (30, 7)  # days before the end
BATCH = 200


def warn_of_papers(session: Session, at: datetime) -> int:
    """Warn up to 200 volunteers of a paper that ends soon, once 30 and once 7 days before. Returns how many."""
    today = local_date(at, zone_of(session))
    soon = today + timedelta(days=WARNINGS[0])
    last = today + timedelta(days=WARNINGS[1])
    due = or_(Paper.warned_days.is_(None), (Paper.until <= last) & (Paper.warned_days > WARNINGS[1]))
    found = (
        select(Paper)
        .join(Volunteer, Volunteer.id == Paper.volunteer_id)
        .where(Paper.state == PaperState.APPROVED, Paper.kind != PaperKind.TRAINING, Volunteer.standing == Standing.ACTIVE)
        .where(Paper.until.between(today, soon), due)
        .order_by(Paper.id)
        .limit(BATCH)
    )
    papers = session.scalars(found).all()
    for paper in papers:
        until = paper.until or today  # the query asks for one
        paper.warned_days = WARNINGS[1] if until <= last else WARNINGS[0]
        if not _renewed(session, paper):
            template = "insurance_ends" if paper.kind is PaperKind.INSURANCE else "licence_ends"
            telling.tell_person(session, paper.volunteer.person, template, at=at, day=until.isoformat())
    return len(papers)


def end_papers(session: Session, at: datetime) -> int:
    """Work up to 200 licences that have ended into what their holders' teams can do. Returns how many."""
    today = local_date(at, zone_of(session))
    found = (
        select(Paper)
        .where(Paper.state == PaperState.APPROVED, Paper.until < today, Paper.ended_at.is_(None))
        .order_by(Paper.id)
        .limit(BATCH)
    )
    papers = session.scalars(found).all()
    for paper in papers:
        paper.ended_at = at
    for volunteer_id in sorted({paper.volunteer_id for paper in papers if paper.kind is PaperKind.LICENCE}):
        refresh_for(session, volunteer_id, at=at)
    return len(papers)


def end_duties(session: Session, at: datetime) -> int:
    """Forget who is not on duty any more, and where they were."""
    return duty.end_over(session, at)


def _renewed(session: Session, paper: Paper) -> bool:
    """Whether a later paper of the same kind, for the same skill, is there already."""
    later = select(Paper.id).where(
        Paper.volunteer_id == paper.volunteer_id,
        Paper.kind == paper.kind,
        Paper.skill_id == paper.skill_id if paper.skill_id else Paper.skill_id.is_(None),
        Paper.state == PaperState.APPROVED,
        Paper.until > paper.until,
    )
    return session.scalar(later.limit(1)) is not None
