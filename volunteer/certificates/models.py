"""证明: frozen facts under a number that anybody may check."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from volunteer.kernel.db import Base
from volunteer.teams.models import Volunteer


class Certificate(Base):
    """Issued once, replaced or revoked, never edited. The PDF is made again from ``facts``, to the byte."""

    __tablename__ = "certificates"
    __table_args__ = (Index("ix_certificates_volunteer_id_issued_at", "volunteer_id", "issued_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(16), unique=True)
    volunteer_id: Mapped[int] = mapped_column(ForeignKey("volunteers.id"))
    locale: Mapped[str] = mapped_column(String(12))
    period_begins: Mapped[date]
    period_ends: Mapped[date]
    facts: Mapped[dict[str, Any]] = mapped_column(JSON())
    digest: Mapped[str] = mapped_column(String(64))
    issued_at: Mapped[datetime]
    issued_by: Mapped[int | None]
    replaced_by_id: Mapped[int | None] = mapped_column(ForeignKey("certificates.id"))
    revoked_at: Mapped[datetime | None]
    revoked_reason: Mapped[str] = mapped_column(String(200), default="")

    volunteer: Mapped[Volunteer] = relationship()
