"""What was learned about free words: each model with its proof. No resident's words stand in it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from volunteer.kernel.db import Base


class WordModel(Base):
    """A trained model; workers take the newest. ``digest``: of all that it was trained from, so that nothing is trained twice."""

    __tablename__ = "word_models"

    id: Mapped[int] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    made_at: Mapped[datetime]
    sentences: Mapped[int]  # labelled ones and corrections, each left out in turn for the shares below
    corrections: Mapped[int]  # orders in free words whose service somebody has settled
    first: Mapped[float]  # share right at first
    among_three: Mapped[float]
    calibration: Mapped[float]  # how far its chances are from what came true
    data: Mapped[bytes]  # sorting.Sorter.dump()
