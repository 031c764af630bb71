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


class Loss(StrEnum):
    """Why a key is revoked, as everybody may read it."""

    LEAKED = "leaked"  # somebody else has it, or may have it
    MISUSED = "misused"  # something was signed that nobody here wanted signed
    WEAK = "weak"  # it was made badly


class SigningKey(Base):
    """An Ed25519 key. The private half is sealed by the installation's keyring, so a dump of the database signs nothing.

    It signs from ``begins`` until ``ends``; what it signed in that window stays good, and its public half stays published.
    A key that is revoked is believed only before ``revoked_from``.
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
    revoked_from: Mapped[datetime | None]  # nothing that says it was signed from then on is believed
    revoked_why: Mapped[Loss | None]
