"""真的解决了吗？ Asked weeks after an order was closed; the answer counts for those who finished it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from volunteer.kernel.db import Base
from volunteer.orders.models import ServiceOrder
from volunteer.orders.models_rating import RatedBy
from volunteer.teams.models import Team


class ReallySolved(Base):
    """One turn of service of an order: whether the resident was asked, and what they said. ``turn`` 2 is after reopening."""

    __tablename__ = "really_solved"
    __table_args__ = (
        UniqueConstraint("order_id", "turn"),
        Index("ix_really_solved_site_path_answered_at", "site_path", "answered_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("service_orders.id"))
    turn: Mapped[int]
    site_path: Mapped[str] = mapped_column(String(120))
    team_id: Mapped[int | None] = mapped_column(ForeignKey("teams.id"), index=True)
    finished_by: Mapped[int | None] = mapped_column(ForeignKey("people.id"))  # who wrote the record, or checked out
    asked_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    solved: Mapped[bool | None]
    by: Mapped[RatedBy | None]
    clerk_id: Mapped[int | None]

    order: Mapped[ServiceOrder] = relationship()
    team: Mapped[Team | None] = relationship()
