"""What stands between a person and the inside: the second factor, a log-in half done, links that open once."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from volunteer.access import Role
from volunteer.accounts.models import Person
from volunteer.kernel.db import Base, Identified
from volunteer.kernel.sealed import Sealed
from volunteer.places.models import Site


class SecondFactor(Identified, Base):
    """The secret that a person's authenticator shares with us, sealed with the person's key. In use once confirmed."""

    __tablename__ = "second_factors"

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True, autoincrement=False)
    secret_sealed: Mapped[bytes | None]
    begun_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    last_step: Mapped[int] = mapped_column(default=0)  # the newest 30 seconds whose code was taken: never twice

    person: Mapped[Person] = relationship()
    secret = Sealed("secret_sealed", holder="person")


class RecoveryCode(Base):
    """One of the ten codes for the day when the phone is lost; only its keyed hash is kept."""

    __tablename__ = "recovery_codes"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    code_hash: Mapped[str] = mapped_column(String(64))
    made_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class PendingEntry(Base):
    """A log-in whose first half was right: this browser has some minutes to show the second."""

    __tablename__ = "pending_entries"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    how: Mapped[str] = mapped_column(String(20))
    tries: Mapped[int] = mapped_column(default=0)
    expires_at: Mapped[datetime] = mapped_column(index=True)
    used_at: Mapped[datetime | None]


class Invitation(Identified, Base):
    """A link that makes somebody a member of staff: one role, one place, once. Only the token's hash is kept."""

    __tablename__ = "invitations"
    __table_args__ = (Index("ix_invitations_site_id_expires_at", "site_id", "expires_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(60))  # for whom, as the list of invitations says
    phone_sealed: Mapped[bytes | None]  # under the installation's key: nobody is there yet; wiped once it is used or over
    role: Mapped[Role]
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"))
    until: Mapped[datetime | None]  # when the role will end
    made_by: Mapped[int | None] = mapped_column(index=True)
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    person_id: Mapped[int | None]  # who came
    withdrawn_at: Mapped[datetime | None]

    site: Mapped[Site] = relationship()


class ResetLink(Base):
    """A link from an administrator with which somebody chooses a new password, once."""

    __tablename__ = "reset_links"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    made_by: Mapped[int | None]
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    used_at: Mapped[datetime | None]
