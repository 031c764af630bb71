"""Help that comes again (每周固定帮忙), and another time that was asked for after a team had said yes."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from volunteer.access import Actor
from volunteer.accounts.models import Person
from volunteer.accounts.models_caring import Care
from volunteer.catalogue.models import ServiceItem
from volunteer.kernel.db import Base, Identified
from volunteer.kernel.sealed import Sealed
from volunteer.orders.households.lifecycle import MOVES, STANDINGS, MoveAction, MoveState, StandingAction, StandingState
from volunteer.orders.households.weekly import Rhythm
from volunteer.orders.models import OrderChannel, ServiceOrder
from volunteer.places.models import Site


class StandingOrder(Identified, Base):
    """The same help for the same person, week after week. Each day becomes an ordinary order some days before."""

    __tablename__ = "standing_orders"
    __table_args__ = (Index("ix_standing_orders_state_look_at", "state", "look_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    resident_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)  # whom it is for; its owner
    care_id: Mapped[int | None] = mapped_column(ForeignKey("cares.id"), index=True)
    made_by: Mapped[int | None]
    made_at: Mapped[datetime]
    channel: Mapped[OrderChannel]
    notice: Mapped[str] = mapped_column(String(20))
    item_id: Mapped[int] = mapped_column(ForeignKey("service_items.id"))
    answers: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    words_sealed: Mapped[bytes | None]
    contact_sealed: Mapped[bytes | None]
    phone_sealed: Mapped[bytes | None]
    door_sealed: Mapped[bytes | None]
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"))
    site_path: Mapped[str] = mapped_column(String(120), index=True)
    latitude: Mapped[float]
    longitude: Mapped[float]

    weekdays: Mapped[int]  # bits, Monday is 1
    every_weeks: Mapped[int] = mapped_column(default=1)
    from_minute: Mapped[int]  # of the local day
    to_minute: Mapped[int]
    begins_on: Mapped[date]
    since_on: Mapped[date]  # days before it are not looked at: it began, changed or went on then
    ends_on: Mapped[date | None]
    most: Mapped[int | None]  # ends after so many times

    state: Mapped[StandingState] = mapped_column(default=StandingState.ACTIVE)
    paused_until: Mapped[date | None]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[int | None]
    reason: Mapped[str] = mapped_column(String(200), default="")  # ours, never typed: why it was paused or ended
    look_at: Mapped[datetime | None]  # when the job looks at it next
    version: Mapped[int] = mapped_column()

    resident: Mapped[Person] = relationship(foreign_keys=[resident_id])
    care: Mapped[Care | None] = relationship()
    item: Mapped[ServiceItem] = relationship()
    site: Mapped[Site] = relationship()
    days: Mapped[list[StandingDay]] = relationship(back_populates="standing", order_by="StandingDay.day")

    words = Sealed("words_sealed", "resident")
    contact = Sealed("contact_sealed", "resident")
    phone = Sealed("phone_sealed", "resident")
    door = Sealed("door_sealed", "resident")

    __mapper_args__ = {"version_id_col": version}

    def advance(self, action: StandingAction) -> None:
        """Move along the lifecycle. The only writer of state."""
        self.state = STANDINGS.next(self.state, action)

    @property
    def goes_on(self) -> bool:
        """Whether its next day will be placed."""
        return self.state is StandingState.ACTIVE

    @property
    def rhythm(self) -> Rhythm:
        """When it comes, for the rules of the calendar."""
        weekdays = frozenset(day for day in range(7) if self.weekdays >> day & 1)
        return Rhythm(weekdays, self.every_weeks, self.begins_on, self.ends_on, self.from_minute, self.to_minute)


class DayState(StrEnum):
    """What became of one day. Written once with its row and never changed: there is no lifecycle in it."""

    PLACED = "placed"
    SKIPPED = "skipped"  # by the resident or the clerk
    HOLIDAY = "holiday"
    MISSED = "missed"  # nothing was running when it should have been placed
    FAILED = "failed"  # the service or the place is closed


class StandingDay(Base):
    """One day of a standing order, decided once: the key keeps a second run, or a second machine, from placing it again."""

    __tablename__ = "standing_days"
    __table_args__ = (UniqueConstraint("standing_id", "day"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    standing_id: Mapped[int] = mapped_column(ForeignKey("standing_orders.id"))
    day: Mapped[date]
    state: Mapped[DayState]
    order_id: Mapped[int | None] = mapped_column(ForeignKey("service_orders.id"), unique=True)
    by: Mapped[int | None]
    at: Mapped[datetime]

    standing: Mapped[StandingOrder] = relationship(back_populates="days")
    order: Mapped[ServiceOrder | None] = relationship()


class Move(Base):
    """Another time after a team had accepted: the one side asks, the other says yes or no."""

    __tablename__ = "order_moves"

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("service_orders.id"), index=True)
    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id"))
    begins: Mapped[datetime]
    ends: Mapped[datetime]
    state: Mapped[MoveState] = mapped_column(default=MoveState.ASKED)
    asked_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[int | None]
    by_team: Mapped[bool] = mapped_column(default=False, server_default=false())  # the team asked, the resident answers
    version: Mapped[int] = mapped_column()

    order: Mapped[ServiceOrder] = relationship()

    __mapper_args__ = {"version_id_col": version}

    def advance(self, action: MoveAction, at: datetime, by: Actor | None = None) -> None:
        """Move along the lifecycle and write down who answered, and when. The only writer of state."""
        self.state = MOVES.next(self.state, action)
        self.answered_at, self.answered_by = at, by.user_id if by else None
