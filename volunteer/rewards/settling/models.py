"""What a point is worth, and each merchant's statement of a month with its lines, frozen by a digest."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from volunteer.kernel.db import Base
from volunteer.ledger.models import Transfer
from volunteer.places.models import Site
from volunteer.rewards.merchants.models import Merchant
from volunteer.rewards.settling import lifecycle
from volunteer.rewards.settling.lifecycle import StatementAction, StatementStatus


class PointWorth(Base):
    """What merchants are paid for a point, from a day on: proposed by one person, in force when another has agreed."""

    __tablename__ = "point_worths"
    __table_args__ = (CheckConstraint("points > 0 AND fen > 0", "both_positive"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"), index=True)
    points: Mapped[int]
    fen: Mapped[int]
    valid_from: Mapped[date]
    asked_by: Mapped[int | None]
    asked_at: Mapped[datetime]
    agreed_by: Mapped[int | None]
    agreed_at: Mapped[datetime | None]
    refused_at: Mapped[datetime | None]

    site: Mapped[Site] = relationship()


class Statement(Base):
    """What one merchant is owed for one month. ``stands`` is unique while it is not withdrawn."""

    __tablename__ = "statements"
    __table_args__ = (Index("ix_statements_status_site_path", "status", "site_path"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    merchant_id: Mapped[int] = mapped_column(ForeignKey("merchants.id"), index=True)
    site_path: Mapped[str] = mapped_column(String(120))
    month: Mapped[date]
    stands: Mapped[str | None] = mapped_column(String(40), unique=True)  # "12:2026-10"
    status: Mapped[StatementStatus] = mapped_column(default=StatementStatus.PREPARED)
    version: Mapped[int] = mapped_column()
    points: Mapped[int]
    fen: Mapped[int]
    worth_points: Mapped[int]
    worth_fen: Mapped[int]
    digest: Mapped[str] = mapped_column(String(64))
    made_by: Mapped[int | None]  # None: the job
    made_at: Mapped[datetime]
    accepted_by: Mapped[int | None]
    accepted_at: Mapped[datetime | None]
    accepted_digest: Mapped[str | None] = mapped_column(String(64))
    silent: Mapped[bool] = mapped_column(default=False)  # nobody answered in time
    first_by: Mapped[int | None]
    first_at: Mapped[datetime | None]
    second_by: Mapped[int | None]
    second_at: Mapped[datetime | None]
    paid_by: Mapped[int | None]
    paid_at: Mapped[datetime | None]
    paid_on: Mapped[date | None]
    reference: Mapped[str] = mapped_column(String(60), default="")  # of the bank transfer
    note: Mapped[str] = mapped_column(String(200), default="")  # why it was withdrawn

    merchant: Mapped[Merchant] = relationship()
    lines: Mapped[list[StatementLine]] = relationship(back_populates="statement", order_by="StatementLine.transfer_id")

    __mapper_args__ = {"version_id_col": version}

    def advance(self, action: StatementAction) -> None:
        """Move along the lifecycle. The only writer of status."""
        self.status = lifecycle.next_status(self.status, action)


class StatementLine(Base):
    """One entry of the books on a statement. ``counted`` is its number while it counts: no entry counts twice."""

    __tablename__ = "statement_lines"

    id: Mapped[int] = mapped_column(primary_key=True)
    statement_id: Mapped[int] = mapped_column(ForeignKey("statements.id"), index=True)
    transfer_id: Mapped[int] = mapped_column(ForeignKey("ledger_transfers.id"), index=True)
    counted: Mapped[int | None] = mapped_column(unique=True)
    points: Mapped[int]  # less than nothing for what was taken back
    at: Mapped[datetime]
    what: Mapped[str] = mapped_column(String(60), default="")  # the gift, as it was called
    what_en: Mapped[str] = mapped_column(String(90), default="")
    reservation: Mapped[str] = mapped_column(String(80), default="")  # "redemption:12"
    disputed_by: Mapped[int | None]
    disputed_at: Mapped[datetime | None]
    words: Mapped[str] = mapped_column(String(200), default="")  # what is wrong with it
    answer: Mapped[str] = mapped_column(String(200), default="")
    left_out: Mapped[bool] = mapped_column(default=False)

    statement: Mapped[Statement] = relationship(back_populates="lines")
    transfer: Mapped[Transfer] = relationship()
