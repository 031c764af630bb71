"""Backups that were made, so that the page of county IT can say how old the last one is."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from volunteer.kernel.db import Base


class Backup(Base):
    """One backup: where it lies, how large it is, what it hashes to, and when it was read back."""

    __tablename__ = "backups"

    id: Mapped[int] = mapped_column(primary_key=True)
    made_at: Mapped[datetime] = mapped_column(index=True)
    file: Mapped[str] = mapped_column(String(300))
    bytes: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str] = mapped_column(String(64))
    seconds: Mapped[float]
    checked_at: Mapped[datetime | None]  # read back whole, and its books were right
