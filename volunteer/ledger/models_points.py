"""积分: a centre's rules of points, versioned and dated; its own word for points; and what could not be taken back.

How many points are left of which month is kept beside the ledger, made again from the transfers whenever it is in doubt.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from volunteer.accounts.models import Person
from volunteer.kernel.db import Base
from volunteer.ledger.lifecycle import CLAIMS, RULES, ClaimAction, ClaimState, RuleAction, RuleState
from volunteer.ledger.models import Transfer
from volunteer.ledger.point_rules import Terms, version_of
from volunteer.places.models import Site


class PointRule(Base):
    """One version of the rules of a site, for it and everything below. Transfers name it ("points:7")."""

    __tablename__ = "point_rules"
    __table_args__ = (
        Index("ix_point_rules_site_id_valid_from", "site_id", "valid_from"),
        Index("uq_point_rules_published", "site_id", "published_from", unique=True),
        CheckConstraint("(state = 'published') = (published_from IS NOT NULL)", "published_has_its_day"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"))
    state: Mapped[RuleState] = mapped_column(default=RuleState.DRAFT)
    values: Mapped[dict[str, Any]] = mapped_column(JSON())
    valid_from: Mapped[date]  # local day from which the draft is to hold
    published_from: Mapped[date | None]  # the same once it is published; a day has one version
    note: Mapped[str] = mapped_column(String(200), default="")  # why it is changed
    version: Mapped[int] = mapped_column()
    made_by: Mapped[int | None]
    made_at: Mapped[datetime]
    published_by: Mapped[int | None]
    published_at: Mapped[datetime | None]

    site: Mapped[Site] = relationship()

    __mapper_args__ = {"version_id_col": version}

    def advance(self, action: RuleAction) -> None:
        """Move along the lifecycle. The only writer of state."""
        self.state = RULES.next(self.state, action)

    @property
    def terms(self) -> Terms:
        """The figures, for the arithmetic."""
        return Terms.read(self.values)

    @property
    def called(self) -> str:
        """What transfers say of it."""
        return version_of(self.id)


class PointLabel(Base):
    """What a centre calls its points (文明良票)."""

    __tablename__ = "point_labels"

    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"), primary_key=True)
    name: Mapped[str] = mapped_column(String(12))
    name_en: Mapped[str] = mapped_column(String(30), default="")
    version: Mapped[int] = mapped_column()
    changed_at: Mapped[datetime]

    site: Mapped[Site] = relationship()

    __mapper_args__ = {"version_id_col": version}


class PointClaim(Base):
    """Points of minutes that were taken back, but spent already: nothing is taken by itself, a person decides."""

    __tablename__ = "point_claims"
    __table_args__ = (Index("ix_point_claims_state_site_path", "state", "site_path"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"))
    site_path: Mapped[str] = mapped_column(String(120))
    transfer_id: Mapped[int] = mapped_column(ForeignKey("ledger_transfers.id"), unique=True)  # that could not be taken back whole
    points: Mapped[int]  # what is missing
    state: Mapped[ClaimState] = mapped_column(default=ClaimState.OPEN)
    at: Mapped[datetime]
    decided_by: Mapped[int | None]
    decided_at: Mapped[datetime | None]
    note: Mapped[str] = mapped_column(String(200), default="")

    person: Mapped[Person] = relationship()
    transfer: Mapped[Transfer] = relationship()

    def advance(self, action: ClaimAction) -> None:
        """Move along the lifecycle. The only writer of state."""
        self.state = CLAIMS.next(self.state, action)


class PointLot(Base):
    """What somebody still has of points that run out on one day, from one site: made from the transfers, and again at will."""

    __tablename__ = "point_lots"
    __table_args__ = (Index("ix_point_lots_runs_out", "runs_out"), Index("ix_point_lots_site_id", "site_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    site_id: Mapped[int | None] = mapped_column(ForeignKey("sites.id"))  # that issued them, where the transfers say so
    born: Mapped[date]
    runs_out: Mapped[date | None]
    points: Mapped[int]


class PointCount(Base):
    """When somebody's lots were last made from the transfers."""

    __tablename__ = "point_counts"

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)
    counted_on: Mapped[date] = mapped_column(index=True)
    counted_at: Mapped[datetime]


class PointWarning(Base):
    """That somebody was told, so many days before, that points run out on a day. Once."""

    __tablename__ = "point_warnings"

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)
    runs_out: Mapped[date] = mapped_column(primary_key=True)
    days: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    points: Mapped[int]
    at: Mapped[datetime]
