"""Gifts of points, wishes of somebody in need, what two people must agree on, and trials of rules."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from volunteer.accounts.models import Person
from volunteer.kernel.db import Base, Identified
from volunteer.ledger.models_points import PointRule
from volunteer.places.models import Site
from volunteer.rewards.merchants.models import Merchant
from volunteer.rewards.points.lifecycle import REQUESTS, WISHES, RequestAction, RequestState, WishAction, WishState


class SmallWish(Base):
    """微心愿: a small thing for somebody in need, posted by a site. Nobody's name stands in it. Points lie on ``wish:<id>``."""

    __tablename__ = "small_wishes"
    __table_args__ = (
        Index("ix_small_wishes_site_path_state", "site_path", "state", postgresql_ops={"site_path": "varchar_pattern_ops"}),
        CheckConstraint("points > 0", "points_positive"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"), index=True)
    site_path: Mapped[str] = mapped_column(String(120))
    title: Mapped[str] = mapped_column(String(60))
    title_en: Mapped[str] = mapped_column(String(90), default="")
    words: Mapped[str] = mapped_column(String(300), default="")
    points: Mapped[int]  # wanted
    until: Mapped[date]  # gathered for until this day
    state: Mapped[WishState] = mapped_column(default=WishState.OPEN)
    version: Mapped[int] = mapped_column()
    merchant_id: Mapped[int | None] = mapped_column(ForeignKey("merchants.id"), index=True)  # that gave the thing
    posted_by: Mapped[int | None]
    posted_at: Mapped[datetime]
    ended_by: Mapped[int | None]
    ended_at: Mapped[datetime | None]
    note: Mapped[str] = mapped_column(String(200), default="")  # how it was fulfilled, or why it was taken back

    site: Mapped[Site] = relationship()
    merchant: Mapped[Merchant | None] = relationship()

    __mapper_args__ = {"version_id_col": version}

    def advance(self, action: WishAction) -> None:
        """Move along the lifecycle. The only writer of state."""
        self.state = WISHES.next(self.state, action)

    @property
    def account(self) -> str:
        """The owner's name of the account on which its points lie."""
        return f"wish:{self.id}"


class GiftKind(StrEnum):
    """To whom points were given."""

    PERSON = "person"
    WISH = "wish"
    POOL = "pool"  # 爱心池 of a site


class PointGift(Identified, Base):
    """Points that one person gave away. What was asked for stands here, what was moved in the ledger ("gift:17")."""

    __tablename__ = "point_gifts"
    __table_args__ = (
        Index("ix_point_gifts_giver_id_at", "giver_id", "at"),
        Index("ix_point_gifts_receiver_id_at", "receiver_id", "at"),
        CheckConstraint("points > 0", "points_positive"),
        CheckConstraint("giver_id <> receiver_id", "two_people"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[GiftKind]
    giver_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    receiver_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    wish_id: Mapped[int | None] = mapped_column(ForeignKey("small_wishes.id"), index=True)
    site_id: Mapped[int | None] = mapped_column(ForeignKey("sites.id"), index=True)  # of a pool
    points: Mapped[int]
    at: Mapped[datetime]
    returned_at: Mapped[datetime | None]  # sent back by the receiver, or with a wish that was taken back

    giver: Mapped[Person] = relationship(foreign_keys=[giver_id])
    receiver: Mapped[Person | None] = relationship(foreign_keys=[receiver_id])
    wish: Mapped[SmallWish | None] = relationship()
    site: Mapped[Site | None] = relationship()


class RequestKind(StrEnum):
    """What takes two people."""

    CORRECTION = "correction"  # of somebody's points, by hand
    POOL = "pool"  # points of a pool for a wish


class PointRequest(Base):
    """Points moved by staff: one asks and says why, another one decides."""

    __tablename__ = "point_requests"
    __table_args__ = (
        Index("ix_point_requests_state_site_path", "state", "site_path"),
        CheckConstraint("points <> 0", "points_not_none"),
        CheckConstraint("decided_by <> asked_by OR alone", "two_people"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[RequestKind]
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"))
    site_path: Mapped[str] = mapped_column(String(120))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)  # whose points are corrected
    wish_id: Mapped[int | None] = mapped_column(ForeignKey("small_wishes.id"), index=True)
    points: Mapped[int]  # below zero: taken
    reason: Mapped[str] = mapped_column(String(200))
    alone: Mapped[bool] = mapped_column(default=False)  # so little of a pool that one person may decide
    state: Mapped[RequestState] = mapped_column(default=RequestState.ASKED)
    version: Mapped[int] = mapped_column()
    asked_by: Mapped[int | None]
    asked_at: Mapped[datetime]
    decided_by: Mapped[int | None]
    decided_at: Mapped[datetime | None]
    answer: Mapped[str] = mapped_column(String(200), default="")

    site: Mapped[Site] = relationship()
    person: Mapped[Person | None] = relationship()
    wish: Mapped[SmallWish | None] = relationship()

    __mapper_args__ = {"version_id_col": version}

    def advance(self, action: RequestAction) -> None:
        """Move along the lifecycle. The only writer of state."""
        self.state = REQUESTS.next(self.state, action)


class PointTrial(Base):
    """A draft of rules tried on the hours of a year: how far it is, and what came of it. It holds numbers, nobody's name."""

    __tablename__ = "point_trials"
    __table_args__ = (Index("ix_point_trials_done_at", "done_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    rule_id: Mapped[int] = mapped_column(ForeignKey("point_rules.id"), index=True)
    values: Mapped[dict[str, Any]] = mapped_column(JSON())  # the terms that are tried: a draft may change meanwhile
    asked_by: Mapped[int | None]
    asked_at: Mapped[datetime]
    since: Mapped[date]
    until: Mapped[date]
    after: Mapped[int] = mapped_column(default=0)  # the last account that was counted
    counted: Mapped[int] = mapped_column(default=0)
    total: Mapped[int]
    sums: Mapped[dict[str, Any]] = mapped_column(JSON(), default=dict)
    done_at: Mapped[datetime | None]

    rule: Mapped[PointRule] = relationship()
