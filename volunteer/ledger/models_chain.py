"""The chain's own tables: blocks of links, signed checkpoints, where those went, and requests for a new key.

Blocks and checkpoints are append-only by triggers (migration 0006), like the transfers below them.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import BigInteger, ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from volunteer.kernel.db import Base
from volunteer.ledger.models_keys import Loss


class Block(Base):
    """A few hundred links, sealed together: ``root`` is the Merkle root over their transfers."""

    __tablename__ = "ledger_blocks"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)  # 1, 2, 3 … without a gap
    first_link: Mapped[int] = mapped_column(unique=True)
    last_link: Mapped[int] = mapped_column(unique=True)
    highest_transfer: Mapped[int]  # the highest id linked so far: below it only a slow transaction can still add one
    last_hash: Mapped[bytes] = mapped_column(LargeBinary(32))  # of the last link
    root: Mapped[bytes] = mapped_column(LargeBinary(32))
    previous_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    at: Mapped[datetime]


class Checkpoint(Base):
    """What is signed once a day and kept elsewhere: everything up to ``block``, in one line."""

    __tablename__ = "ledger_checkpoints"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)  # 1, 2, 3 … without a gap
    day: Mapped[date]  # the local day that it closes
    block: Mapped[int]  # the last block it covers; 0 when there is none yet
    links: Mapped[int] = mapped_column(BigInteger)  # how many links that are
    root: Mapped[bytes] = mapped_column(LargeBinary(32))  # Merkle root over the roots and sizes of all blocks
    minutes: Mapped[int] = mapped_column(BigInteger)  # the sum of all amounts moved, by unit
    points: Mapped[int] = mapped_column(BigInteger)
    previous_hash: Mapped[bytes] = mapped_column(LargeBinary(32))  # of the checkpoint before
    at: Mapped[datetime]
    kid: Mapped[str] = mapped_column(String(80))  # by which key it is signed
    signature: Mapped[bytes] = mapped_column(LargeBinary(64))


class Way(StrEnum):
    """How a checkpoint leaves the house."""

    FILE = "file"
    MAIL = "mail"


class CheckpointExport(Base):
    """Where a checkpoint was taken to. A row is made when it arrived; ``error`` says what went wrong the last time."""

    __tablename__ = "ledger_checkpoint_exports"
    __table_args__ = (UniqueConstraint("checkpoint", "way"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    checkpoint: Mapped[int] = mapped_column(ForeignKey(Checkpoint.number))
    way: Mapped[Way]
    tries: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime | None]  # the next try; None when it arrived
    done_at: Mapped[datetime | None]
    error: Mapped[str] = mapped_column(String(200), default="")


class KeyRequest(Base):
    """Somebody asks for a new signing key, or for one to be believed no more; a second person decides."""

    __tablename__ = "ledger_key_requests"

    id: Mapped[int] = mapped_column(primary_key=True)
    purpose: Mapped[str] = mapped_column(String(32))
    reason: Mapped[str] = mapped_column(String(200))
    asked_by: Mapped[int | None] = mapped_column(ForeignKey("people.id"))  # None: at the machine's console
    asked_at: Mapped[datetime]
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    decided_at: Mapped[datetime | None]
    approved: Mapped[bool | None]
    kid: Mapped[str | None] = mapped_column(String(80))  # the key that came of it
    revokes: Mapped[str | None] = mapped_column(String(16))  # the key that is to be believed no more
    since: Mapped[datetime | None]  # from then on
    why: Mapped[Loss | None]
