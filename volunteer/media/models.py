"""Photos as rows; their bytes lie outside the web root."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from volunteer.kernel.db import Base


class Photo(Base):
    """One re-encoded picture. ``token`` is its unguessable name on disk and in addresses."""

    __tablename__ = "photos"

    id: Mapped[int] = mapped_column(primary_key=True)
    token: Mapped[str] = mapped_column(String(40), unique=True)
    width: Mapped[int]
    height: Mapped[int]
    size: Mapped[int]  # bytes
    sha256: Mapped[str] = mapped_column(String(64))
    uploader_id: Mapped[int | None]
    stored_at: Mapped[datetime] = mapped_column(index=True)
