"""评单: what the resident said about a service, and what holds a low rating back for a while."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from volunteer.accounts.models import Person
from volunteer.kernel.db import Base, Identified
from volunteer.kernel.sealed import Sealed
from volunteer.orders.afterwards.lifecycle import WORDS, WordsAction, WordsState
from volunteer.orders.models import ServiceOrder


class RatedBy(StrEnum):
    """How a rating reached us."""

    LINK = "link"
    CODE = "code"
    ACCOUNT = "account"
    CLERK = "clerk"


class RatingHold(Base):
    """A low rating that neither counts nor shows yet, because the centre calls back first (回访)."""

    __tablename__ = "rating_holds"
    __table_args__ = (Index("ix_rating_holds_released_at_until", "released_at", "until"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("service_orders.id"), index=True)
    team_id: Mapped[int | None] = mapped_column(ForeignKey("teams.id"))
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), unique=True)
    stars: Mapped[int]
    until: Mapped[datetime]  # then it counts and shows although the case is still open
    released_at: Mapped[datetime | None]


class Rating(Identified, Base):
    """评单: what the resident said. Only residents rate; they are never rated."""

    __tablename__ = "ratings"

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("service_orders.id"), unique=True)
    stars: Mapped[int]  # 1–5
    tags: Mapped[list[str]] = mapped_column(default=list)
    words_sealed: Mapped[bytes | None]
    by: Mapped[RatedBy]
    clerk_id: Mapped[int | None]
    at: Mapped[datetime] = mapped_column(index=True)

    hold_id: Mapped[int | None] = mapped_column(ForeignKey("rating_holds.id"))
    words_state: Mapped[WordsState] = mapped_column(default=WordsState.SHOWN, server_default="unread", index=True)
    masked_sealed: Mapped[bytes | None]  # the words with parts covered, as a person decided
    words_reason: Mapped[str] = mapped_column(String(300), default="", server_default="")  # why they decided so
    words_by: Mapped[int | None]
    words_at: Mapped[datetime | None]

    order: Mapped[ServiceOrder] = relationship(back_populates="rating")
    hold: Mapped[RatingHold | None] = relationship()

    words = Sealed("words_sealed", "resident")
    masked = Sealed("masked_sealed", "resident")

    def advance(self, action: WordsAction) -> None:
        """Move its words along their lifecycle. The only writer of their state."""
        self.words_state = WORDS.next(self.words_state, action)

    @property
    def resident(self) -> Person:
        """Whose key seals the words."""
        return self.order.resident
