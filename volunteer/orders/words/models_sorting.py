"""What became of a request in free words: the service that it turned out to be. The words themselves stay sealed in the order."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from volunteer.catalogue.models import ServiceItem
from volunteer.kernel.db import Base
from volunteer.orders.models import ServiceOrder


class Sorting(Base):
    """Which service an order in free words is, by whom: what the resident answered, and what staff settled last."""

    __tablename__ = "order_sortings"

    order_id: Mapped[int] = mapped_column(ForeignKey("service_orders.id"), primary_key=True)
    answer: Mapped[str] = mapped_column(String(3), default="")  # of the resident to "is it this?": yes, no, nothing
    item_id: Mapped[int | None] = mapped_column(ForeignKey("service_items.id"))  # settled by staff
    at: Mapped[datetime]

    order: Mapped[ServiceOrder] = relationship()
    item: Mapped[ServiceItem | None] = relationship()
