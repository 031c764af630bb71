"""What was learned at night about how sought after each team of a centre is, and whether it would have helped."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from volunteer.kernel.db import Base
from volunteer.places.models import Site


class PriceSet(Base):
    """The learned prices of a centre for one local day; the history of a team is its price in each of them."""

    __tablename__ = "price_sets"
    __table_args__ = (UniqueConstraint("site_id", "day"),)

    id: Mapped[int] = mapped_column(primary_key=True)  # the version that offers were ranked with
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"))
    day: Mapped[date]  # for which they hold, until there are newer ones
    made_at: Mapped[datetime]
    orders: Mapped[int]  # they were learned from, of so many days
    days: Mapped[int]
    prices: Mapped[dict[str, Any]] = mapped_column(default=dict)  # by team id, 0 to 1; teams without a price are left out
    played: Mapped[int] = mapped_column(default=0)  # orders of the last day, played again
    plain: Mapped[float] = mapped_column(default=0.0)  # score won there by score alone
    priced: Mapped[float] = mapped_column(default=0.0)  # score won there with prices learned from the days before it
    used: Mapped[bool] = mapped_column(default=False)  # the plays of the last weeks say that prices help

    site: Mapped[Site] = relationship()
