"""The keys that sign for a county: checkpoints of the books, certificates, badges."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from volunteer.kernel.db import Base


class Purpose(StrEnum):
    """What a key signs; one key never signs two kinds of things."""

    LEDGER = "ledger"
    CERTIFICATE = "certificate"
    BADGE = "badge"


class SigningKey(Base):
    """An Ed25519 key. The private half is sealed by the installation's keyring, so a dump of the database signs nothing.

    It signs from ``begins`` until ``ends``; what it signed in that window stays good, and its public half stays published.
    """

    __tablename__ = "signing_keys"
    __table_args__ = (Index("ix_signing_keys_purpose_begins", "purpose", "begins"),)

    kid: Mapped[str] = mapped_column(String(16), primary_key=True)  # from the public half: anybody can compute it again
    purpose: Mapped[Purpose]
    public: Mapped[bytes] = mapped_column(LargeBinary(32))
    private_sealed: Mapped[bytes]
    begins: Mapped[datetime]
    ends: Mapped[datetime | None]  # None: it signs now
    made_by: Mapped[int | None]
