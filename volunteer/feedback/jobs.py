"""What goes on by itself with cases: what is late goes to the site above, an answer nobody objects to closes."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from volunteer.access import SYSTEM
from volunteer.feedback.handling import go_up
from volunteer.feedback.lifecycle import AT_WORK, CaseAction, CaseStatus
from volunteer.feedback.models import Case
from volunteer.kernel.words import N_

BATCH = 20
LATE = N_("Not answered within the promised days.")


def escalate_late(session: Session, at: datetime) -> int:
    """Hand cases that were not answered in time to the site above; at the centre those who lead it are told again."""
    cases = _due(session, AT_WORK, at)
    for case in cases:
        case.late = True
        go_up(session, SYSTEM, case, LATE, at=at)
    return len(cases)


def close_answered(session: Session, at: datetime) -> int:
    """Close cases whose answer was heard in silence for the centre's days."""
    cases = _due(session, frozenset({CaseStatus.ANSWERED}), at)
    for case in cases:
        case.advance(CaseAction.LAPSE, by=SYSTEM, at=at)
        case.closed_at, case.due_at = at, None
    return len(cases)


def _due(session: Session, statuses: frozenset[CaseStatus], at: datetime) -> list[Case]:
    due = (
        select(Case)
        .where(Case.status.in_(sorted(statuses)), Case.due_at <= at)
        .order_by(Case.id)
        .limit(BATCH)
        .with_for_update(skip_locked=True, key_share=True)
    )
    return list(session.scalars(due).all())
