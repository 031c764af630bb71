"""时长 and 积分 as double entry: accounts, and transfers that nobody rewrites.

The database itself refuses to change or remove what stands in ``ledger_transfers``, ``ledger_keys`` and ``ledger_links``
(triggers of the second migration). That is why the chain is a table of its own: a job adds a link to a transfer long
after it was posted without touching it, one after another in the order in which it finds them.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, LargeBinary, String
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
    """What ``owner`` ("person:12", "site:3:minutes-issued") has of ``unit``. ``balance`` equals the sum of its transfers."""

    __tablename__ = "ledger_accounts"
    __table_args__ = (Index("uq_ledger_accounts_owner_unit", "owner", "unit", unique=True),)

    id: Mapped[int] = mapped_column(primary_key=True)
    owner: Mapped[str] = mapped_column(String(60))
    unit: Mapped[Unit]
    balance: Mapped[int] = mapped_column(BigInteger, default=0)
    floor: Mapped[int | None] = mapped_column(BigInteger)  # None: may go as low as it likes (an issuing account)


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
    day: Mapped[date | None]  # the local day of the service; ``at`` is when it was written down
    grade: Mapped[Grade | None]
    policy_version: Mapped[str] = mapped_column(String(40), default="")
    reverses_id: Mapped[int | None] = mapped_column(ForeignKey("ledger_transfers.id"), unique=True)
    note: Mapped[str] = mapped_column(String(200), default="")
    at: Mapped[datetime]

    source: Mapped[Account] = relationship(foreign_keys=[source_id])
    target: Mapped[Account] = relationship(foreign_keys=[target_id])


class Link(Base):
    """One link of the chain over the transfers: ``hash`` covers the transfer and the link before."""

    __tablename__ = "ledger_links"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)  # 1, 2, 3 … without a gap
    transfer_id: Mapped[int] = mapped_column(ForeignKey(Transfer.id), unique=True)
    previous_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    at: Mapped[datetime]
