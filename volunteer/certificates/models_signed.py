"""What a certificate's QR code says, signed: kept beside the certificate, which itself is never changed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from volunteer.certificates.models import Certificate
from volunteer.kernel.db import Base


class SignedText(Base):
    """A certificate's text under one key. Append-only: signed anew under a later key, both stay, the newest is printed."""

    __tablename__ = "certificate_signatures"
    __table_args__ = (UniqueConstraint("certificate_id", "kid"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    certificate_id: Mapped[int] = mapped_column(ForeignKey(Certificate.id))
    kid: Mapped[str] = mapped_column(String(16))  # the key's name
    text: Mapped[str] = mapped_column(Text())  # "VH1:…"
    signed_at: Mapped[datetime]
