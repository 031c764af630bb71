"""Who did what and who looked at whom: written where it happens, in the same transaction."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from volunteer.access import Actor, Role
from volunteer.audit.models import AuditEntry


def record(
    session: Session, actor: Actor, action: str, subject: str, *, at: datetime, site_path: str = "/", **detail: Any
) -> AuditEntry:
    """Write down that ``actor`` did ``action`` to ``subject`` ("order:88", "person:12").

    ``detail`` says which fields or which reason, never the values that were seen.
    """
    entry = AuditEntry(
        at=at,
        actor_id=actor.user_id,
        actor_name=_called(actor),
        action=action,
        subject=subject,
        site_path=site_path,
        detail=detail,
    )
    session.add(entry)
    return entry


def _called(actor: Actor) -> str:
    """Staff and volunteers by name. Residents by their number alone: an auditor need not know who asked for help."""
    if actor.order_id:
        return f"link:order:{actor.order_id}"
    if actor.case_id:
        return f"link:case:{actor.case_id}"
    return "" if {role for role, _ in actor.grants} == {Role.RESIDENT} else actor.name
