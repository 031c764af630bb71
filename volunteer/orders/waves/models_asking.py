"""What waits for the morning: orders whose next teams are asked when the quiet hours are over."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from volunteer.kernel.db import Base
from volunteer.orders.models import ServiceOrder


class AskLater(Base):
    """An order for which asking goes on at ``at``, unless somebody has looked after it by then."""

    __tablename__ = "ask_later"

    order_id: Mapped[int] = mapped_column(ForeignKey("service_orders.id"), primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)

    order: Mapped[ServiceOrder] = relationship()
