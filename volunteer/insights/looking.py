"""The audit log as an auditor reads it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from volunteer.audit.models import AuditEntry
from volunteer.kernel.db import under
from volunteer.kernel.paging import Page, cut
from volunteer.kernel.text import like

SIZE = 50
NOWHERE = "/"


@dataclass(frozen=True)
class AuditFilter:
    """What an auditor looks for; empty means everything."""

    words: str = ""
    action: str = ""
    begins: datetime | None = None
    ends: datetime | None = None


def entries(session: Session, paths: tuple[str, ...], wanted: AuditFilter, *, before: int | None = None) -> Page[AuditEntry]:
    """Return fifty entries under the site ``paths``, newest first, older than the entry ``before``.

    What lies under no site (log-ins, accounts, the menu) concerns the whole installation: every auditor sees it.
    """
    found = select(AuditEntry).where(or_(AuditEntry.site_path == NOWHERE, under(paths, AuditEntry.site_path)))
    if wanted.words:
        pattern = like(wanted.words)
        found = found.where(
            or_(AuditEntry.actor_name.ilike(pattern, escape="\\"), AuditEntry.subject.ilike(pattern, escape="\\"))
        )
    if wanted.action:
        found = found.where(AuditEntry.action == wanted.action)
    if wanted.begins:
        found = found.where(AuditEntry.at >= wanted.begins)
    if wanted.ends:
        found = found.where(AuditEntry.at < wanted.ends)
    if before is not None:
        found = found.where(AuditEntry.id < before)
    rows = session.scalars(found.order_by(AuditEntry.id.desc()).limit(SIZE + 1)).all()
    return cut(rows, SIZE, [row.id for row in rows])


def actions(session: Session) -> list[str]:
    """Return the kinds of acts that were ever logged."""
    return sorted(session.scalars(select(AuditEntry.action).distinct()))
