"""证明: frozen facts under a number that anybody may check."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from volunteer.kernel.db import Base
from volunteer.places.models import Site
from volunteer.recognition.models import StarAward
from volunteer.teams.models import Volunteer


class Standing(StrEnum):
    """What a certificate is worth now."""

    VALID = "valid"
    REPLACED = "replaced"
    REVOKED = "revoked"


class Certificate(Base):
    """Issued once, replaced or revoked, never edited: the database refuses to change what it says.

    The PDF is made again from ``facts``, to the byte. ``digest`` is the SHA-256 of their canonical text.
    """

    __tablename__ = "certificates"
    __table_args__ = (Index("ix_certificates_volunteer_id_issued_at", "volunteer_id", "issued_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(16), unique=True)
    volunteer_id: Mapped[int] = mapped_column(ForeignKey("volunteers.id"))
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"))  # 记录单位: who certifies
    locale: Mapped[str] = mapped_column(String(12))
    period_begins: Mapped[date]
    period_ends: Mapped[date]
    facts: Mapped[dict[str, Any]] = mapped_column(JSON())
    digest: Mapped[str] = mapped_column(String(64))
    issued_at: Mapped[datetime]
    issued_by: Mapped[int | None]
    replaced_by_id: Mapped[int | None] = mapped_column(ForeignKey("certificates.id"))
    revoked_at: Mapped[datetime | None]
    revoked_reason: Mapped[str] = mapped_column(String(200), default="")

    volunteer: Mapped[Volunteer] = relationship()
    site: Mapped[Site] = relationship()
    replaced_by: Mapped[Certificate | None] = relationship(remote_side=[id])
    star: Mapped[StarPaper | None] = relationship(back_populates="certificate")

    @property
    def standing(self) -> Standing:
        """Whether it is valid, replaced or revoked; revoked weighs more. With its award a star certificate is revoked, too."""
        if self.void_since is not None:
            return Standing.REVOKED
        return Standing.VALID if self.replaced_by_id is None else Standing.REPLACED

    @property
    def void_since(self) -> datetime | None:
        """When it was revoked, by itself or with the award that it speaks of."""
        return self.revoked_at or (self.star.award.revoked_at if self.star else None)

    @property
    def void_reason(self) -> str:
        """Why it was revoked."""
        return self.revoked_reason or (self.star.award.revoked_reason if self.star else "")


class StarPaper(Base):
    """Which award a star certificate speaks of."""

    __tablename__ = "certificate_awards"

    certificate_id: Mapped[int] = mapped_column(ForeignKey("certificates.id"), primary_key=True, autoincrement=False)
    award_id: Mapped[int] = mapped_column(ForeignKey("star_awards.id"), index=True)

    certificate: Mapped[Certificate] = relationship(back_populates="star")
    award: Mapped[StarAward] = relationship()
