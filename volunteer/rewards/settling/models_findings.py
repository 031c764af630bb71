"""What looks odd about points, with the evidence, for a person to decide about. Nothing follows by itself."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from volunteer.accounts.models import Person
from volunteer.kernel.db import Base
from volunteer.rewards.merchants.models import Merchant
from volunteer.rewards.settling.odd import Odd


class Verdict(StrEnum):
    """What a person found."""

    FINE = "fine"
    WRONG = "wrong"


class PointsFinding(Base):
    """One pattern, found once for each ``mark``: the same pattern of the same weeks is not told again."""

    __tablename__ = "points_findings"
    __table_args__ = (Index("ix_points_findings_verdict_site_path", "verdict", "site_path"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    mark: Mapped[str] = mapped_column(String(120), unique=True)
    kind: Mapped[Odd]
    merchant_id: Mapped[int | None] = mapped_column(ForeignKey("merchants.id"), index=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    site_path: Mapped[str] = mapped_column(String(120))
    day: Mapped[date]  # the last local day that it is about
    evidence: Mapped[dict[str, Any]] = mapped_column(default=dict)  # counts, times and numbers of entries, no names
    found_at: Mapped[datetime]
    verdict: Mapped[Verdict | None]
    note: Mapped[str] = mapped_column(String(300), default="")
    decided_by: Mapped[int | None]
    decided_at: Mapped[datetime | None]

    merchant: Mapped[Merchant | None] = relationship()
    person: Mapped[Person | None] = relationship()
