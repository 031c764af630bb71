"""Who did what, and who looked at whom."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from volunteer.kernel.db import Base


class AuditEntry(Base):
    """Append-only. Says who, when, what and to which subject; never the value that was seen."""

    __tablename__ = "audit_entries"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    actor_id: Mapped[int | None] = mapped_column(index=True)  # a person; None for jobs and secret links
    actor_name: Mapped[str] = mapped_column(String(80), default="")
    action: Mapped[str] = mapped_column(String(60), index=True)
    subject: Mapped[str] = mapped_column(String(80), index=True)  # "order:88", "person:12"
    site_path: Mapped[str] = mapped_column(String(120), default="/", index=True)
    detail: Mapped[dict[str, Any]] = mapped_column(default=dict)
