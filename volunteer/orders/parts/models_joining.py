"""Households that wait for the same order: they asked for it too, and joined instead of ordering a second time."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from volunteer.accounts.models import Person
from volunteer.kernel.db import Base, Identified
from volunteer.kernel.sealed import Sealed
from volunteer.orders.models import ServiceOrder


class JoinedHow(StrEnum):
    """Which way somebody joined."""

    RESIDENT = "resident"  # instead of ordering
    CLERK = "clerk"  # for a caller
    MERGED = "merged"  # a dispatcher saw that two orders are one


class Joined(Identified, Base):
    """Another household that asked for the same thing; its members hear how the order goes, and see nothing private of it."""

    __tablename__ = "order_joined"
    __table_args__ = (UniqueConstraint("order_id", "resident_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("service_orders.id"), index=True)
    resident_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    phone_sealed: Mapped[bytes | None]
    secret_hash: Mapped[str] = mapped_column(String(64), unique=True)  # of the link to their own page
    secret_sealed: Mapped[bytes | None]
    how: Mapped[JoinedHow] = mapped_column(default=JoinedHow.RESIDENT)
    merged_id: Mapped[int | None]  # the order that was withdrawn for this
    by: Mapped[int | None]
    at: Mapped[datetime] = mapped_column()
    left_at: Mapped[datetime | None]  # no longer wants to hear of it

    order: Mapped[ServiceOrder] = relationship(back_populates="joined")
    resident: Mapped[Person] = relationship()

    phone = Sealed("phone_sealed", "resident")
    secret = Sealed("secret_sealed", "resident")
