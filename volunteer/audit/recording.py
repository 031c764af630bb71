"""Who did what and who looked at whom: written where it happens, in the same transaction."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from volunteer.access import Actor
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
        actor_name=actor.name or _unnamed(actor),
        action=action,
        subject=subject,
        site_path=site_path,
        detail=detail,
    )
    session.add(entry)
    return entry


def _unnamed(actor: Actor) -> str:
    return f"link:order:{actor.order_id}" if actor.order_id else ""
