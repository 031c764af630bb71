"""Neighbour counties that agreed to help one another, and the orders that were handed from one to the other (转派)."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from volunteer.kernel.db import Base
from volunteer.orders.counties.lifecycle import HAND_OVERS, HandOverAction, HandOverState
from volunteer.orders.models import ServiceOrder
from volunteer.places.models import Site


class Neighbour(Base):
    """That a county hands orders to another one of this installation: by which agreement, through whom, and until when."""

    __tablename__ = "neighbours"
    __table_args__ = (Index("ix_neighbours_site_id_neighbour_id", "site_id", "neighbour_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"))  # the centre that hands over
    neighbour_id: Mapped[int] = mapped_column(ForeignKey("sites.id"))  # the centre that takes
    contact: Mapped[str] = mapped_column(String(60))  # a person or desk over there
    phone: Mapped[str] = mapped_column(String(40))  # of that desk: no private number
    agreement: Mapped[str] = mapped_column(String(500))  # what was agreed, in words
    since: Mapped[date]
    until: Mapped[date | None]
    made_by: Mapped[int | None]
    made_at: Mapped[datetime]

    site: Mapped[Site] = relationship(foreign_keys=[site_id])
    neighbour: Mapped[Site] = relationship(foreign_keys=[neighbour_id])

    def holds_on(self, day: date) -> bool:
        """Return whether the agreement holds on a day."""
        return self.since <= day and (self.until is None or day <= self.until)


class HandOver(Base):
    """转派: one order on its way to a neighbour county, with who asked, who agreed and who took it."""

    __tablename__ = "hand_overs"
    __table_args__ = (Index("ix_hand_overs_to_id_state", "to_id", "state"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("service_orders.id"), index=True)
    from_id: Mapped[int] = mapped_column(ForeignKey("sites.id"))  # the desk that proposed it
    to_id: Mapped[int] = mapped_column(ForeignKey("sites.id"))  # the neighbour's centre
    state: Mapped[HandOverState] = mapped_column(default=HandOverState.PROPOSED)
    reason: Mapped[str] = mapped_column(String(300))
    proposed_by: Mapped[int | None]
    proposed_at: Mapped[datetime]
    heard_by: Mapped[int | None]  # whoever heard the resident agree; none when they said it on their own page
    agreed_at: Mapped[datetime | None]
    decided_by: Mapped[int | None]
    decided_at: Mapped[datetime | None]
    words: Mapped[str] = mapped_column(String(300), default="")  # why the neighbour cannot, or gave it back
    version: Mapped[int] = mapped_column()

    order: Mapped[ServiceOrder] = relationship()
    source: Mapped[Site] = relationship(foreign_keys=[from_id])
    target: Mapped[Site] = relationship(foreign_keys=[to_id])

    __mapper_args__ = {"version_id_col": version}

    def advance(self, action: HandOverAction) -> None:
        """Move along the lifecycle. The only writer of state."""
        self.state = HAND_OVERS.next(self.state, action)
