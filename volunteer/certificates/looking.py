"""Looking at somebody else's hours: only where one answers for them, and written down."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from volunteer.access import Actor, Permission
from volunteer.audit.recording import record
from volunteer.certificates.queries import Service, services_of
from volunteer.kernel.errors import NotFound
from volunteer.teams.models import Volunteer


def look_at_hours(session: Session, actor: Actor, number: str, *, at: datetime) -> tuple[Volunteer, list[Service]]:
    """Return the volunteer with that number and their services. Raises NotFound outside the actor's sites."""
    volunteer = session.scalar(
        select(Volunteer).where(Volunteer.number == number).options(joinedload(Volunteer.site), joinedload(Volunteer.person))
    )
    if volunteer is None or not actor.can(Permission.HOURS_CORRECT, at=volunteer.site.path):
        raise NotFound("volunteer")
    record(session, actor, "hours_seen", f"person:{volunteer.id}", at=at, site_path=volunteer.site.path)
    return volunteer, services_of(session, volunteer.id)
