"""Pairs that may be one person, merges, and every value that a merge has changed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from volunteer.accounts.models import Person
from volunteer.administration.merging.lifecycle import PAIRS, PairAction, PairState
from volunteer.kernel.db import Base, Identified
from volunteer.kernel.sealed import Sealed


class Pair(Base):
    """Two entries that may be one person, the older first, with what they have in common."""

    __tablename__ = "person_pairs"
    __table_args__ = (
        CheckConstraint("one_id < other_id", "older_first"),
        Index("uq_person_pairs_one_id_other_id", "one_id", "other_id", unique=True),
        Index("ix_person_pairs_state_site_path", "state", "site_path"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    one_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    other_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    site_path: Mapped[str] = mapped_column(String(80))  # what the places of both have in common
    why: Mapped[list[str]] = mapped_column(JSON())
    state: Mapped[PairState] = mapped_column(default=PairState.OPEN)
    reason: Mapped[str] = mapped_column(String(200), default="")  # why refused
    found_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[int | None]

    one: Mapped[Person] = relationship(foreign_keys=[one_id])
    other: Mapped[Person] = relationship(foreign_keys=[other_id])

    def advance(self, action: PairAction) -> None:
        """Move along the lifecycle. The only writer of state."""
        self.state = PAIRS.next(self.state, action)


class Merge(Identified, Base):
    """The entry ``gone`` went into ``kept``. Everything it changed stands in ``changes``, so that it can be undone."""

    __tablename__ = "person_merges"

    id: Mapped[int] = mapped_column(primary_key=True)
    kept_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    gone_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    site_path: Mapped[str] = mapped_column(String(80))
    reason: Mapped[str] = mapped_column(String(200))
    minutes: Mapped[int]  # that went over
    points: Mapped[int]
    before_sealed: Mapped[bytes | None]
    at: Mapped[datetime] = mapped_column(index=True)
    by_id: Mapped[int | None]
    undone_at: Mapped[datetime | None]
    undone_by: Mapped[int | None]
    undone_reason: Mapped[str] = mapped_column(String(200), default="")
    points_short: Mapped[int] = mapped_column(default=0)  # spent meanwhile, so they could not go back

    before = Sealed("before_sealed", "kept")  # JSON: telephone and document that the one who stays had before

    kept: Mapped[Person] = relationship(foreign_keys=[kept_id])
    gone: Mapped[Person] = relationship(foreign_keys=[gone_id])
    changes: Mapped[list[Change]] = relationship(order_by="Change.id")


class Change(Base):
    """One value that a merge changed: in which row, from what to what."""

    __tablename__ = "person_merge_changes"

    id: Mapped[int] = mapped_column(primary_key=True)
    merge_id: Mapped[int] = mapped_column(ForeignKey(Merge.id), index=True)
    table: Mapped[str] = mapped_column(String(60))
    row: Mapped[dict[str, Any]] = mapped_column(JSON())  # its primary key, as it was before
    column: Mapped[str] = mapped_column(String(60))
    before: Mapped[Any] = mapped_column(JSON())
    after: Mapped[Any] = mapped_column(JSON())
