"""时长 and 积分 as double entry: accounts, and transfers that nobody rewrites."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from volunteer.kernel.db import Base


class Unit(StrEnum):
    """What is counted. Both are integers."""

    MINUTES = "minutes"
    POINTS = "points"


class Grade(StrEnum):
    """Evidence behind an entry: A code and position, B fence or rotating QR, C roll-call, D back-filled."""

    A = "a"
    B = "b"
    C = "c"
    D = "d"


class Account(Base):
    """What ``owner`` ("person:12", "site:3") has of ``unit``. ``balance`` equals the sum of its transfers."""

    __tablename__ = "ledger_accounts"
    __table_args__ = (Index("uq_ledger_accounts_owner_unit", "owner", "unit", unique=True),)

    id: Mapped[int] = mapped_column(primary_key=True)
    owner: Mapped[str] = mapped_column(String(60))
    unit: Mapped[Unit]
    balance: Mapped[int] = mapped_column(default=0)
    floor: Mapped[int | None]  # None: may go as low as it likes (an issuing account)


class TransferKey(Base):
    """The key under which something was posted; unique for ever, in a table that is never partitioned."""

    __tablename__ = "ledger_keys"

    key: Mapped[str] = mapped_column(String(120), primary_key=True)


class Transfer(Base):
    """流水: append-only. A mistake is undone by a second transfer the other way."""

    __tablename__ = "ledger_transfers"
    __table_args__ = (
        CheckConstraint("amount > 0", "amount_positive"),
        CheckConstraint("source_id <> target_id", "two_accounts"),
        Index("ix_ledger_transfers_source_id_at", "source_id", "at"),
        Index("ix_ledger_transfers_target_id_at", "target_id", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    source_id: Mapped[int] = mapped_column(ForeignKey(Account.id))
    target_id: Mapped[int] = mapped_column(ForeignKey(Account.id))
    unit: Mapped[Unit]
    amount: Mapped[int]
    reason: Mapped[str] = mapped_column(String(40))
    key: Mapped[str] = mapped_column(ForeignKey(TransferKey.key), index=True)
    about: Mapped[str] = mapped_column(String(80), default="", index=True)  # what it was for: "order:88"
    grade: Mapped[Grade | None]
    policy_version: Mapped[str] = mapped_column(String(40), default="")
    reverses_id: Mapped[int | None] = mapped_column(ForeignKey("ledger_transfers.id"))
    note: Mapped[str] = mapped_column(String(200), default="")
    at: Mapped[datetime]
    previous_hash: Mapped[bytes | None]  # room for a chain
    hash: Mapped[bytes | None]

    source: Mapped[Account] = relationship(foreign_keys=[source_id])
    target: Mapped[Account] = relationship(foreign_keys=[target_id])
