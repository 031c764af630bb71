"""People, the roles granted to them, their codes and consents."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from volunteer.access import Role
from volunteer.kernel.db import Base, Identified
from volunteer.kernel.sealed import Sealed
from volunteer.places.models import Site


class Person(Identified, Base):
    """One human being, whatever they do here: 群众, 志愿者 or staff. Holds the key that seals what is private."""

    __tablename__ = "people"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(60))
    wrapped_key: Mapped[bytes | None]  # destroyed when the person is forgotten
    phone_sealed: Mapped[bytes | None]
    phone_index: Mapped[str | None] = mapped_column(String(40), index=True)
    document_sealed: Mapped[bytes | None]
    document_index: Mapped[str | None] = mapped_column(String(40), index=True)
    born_on: Mapped[date | None]
    login_name: Mapped[str | None] = mapped_column(String(40), unique=True)
    password_hash: Mapped[str | None] = mapped_column(String(160))
    locale: Mapped[str] = mapped_column(String(12), default="zh_Hans")
    registered_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]

    phone = Sealed("phone_sealed")
    document = Sealed("document_sealed")

    grants: Mapped[list[RoleGrant]] = relationship(back_populates="person")

    @property
    def is_forgotten(self) -> bool:
        """Whether the key was destroyed: what was sealed for this person can be read by nobody any more."""
        return self.wrapped_key is None


class RoleGrant(Base):
    """A role of a person over a site and everything below it, from ``since`` until ``until``."""

    __tablename__ = "role_grants"
    __table_args__ = (Index("ix_role_grants_site_id_role", "site_id", "role"),)  # the staff of a place, among all its volunteers

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    role: Mapped[Role]
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"))
    since: Mapped[datetime]
    until: Mapped[datetime | None]
    granted_by: Mapped[int | None]

    person: Mapped[Person] = relationship(back_populates="grants")
    site: Mapped[Site] = relationship()


class ConsentKind(StrEnum):
    """What somebody agreed to."""

    ORDER_NOTICE = "order_notice"  # what is kept about an order, and why
    CONTACT_FOR_OTHER = "contact_for_other"  # the one who ordered says that the other person agrees
    REGISTER_NOTICE = "register_notice"
    CASE_NOTICE = "case_notice"  # what is kept about a complaint or praise


class Consent(Base):
    """One consent: to which notice, in which version, when, through whom."""

    __tablename__ = "consents"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    kind: Mapped[ConsentKind]
    notice: Mapped[str] = mapped_column(String(20))  # version of the notice that was shown
    about: Mapped[str] = mapped_column(String(80), default="")
    via: Mapped[int | None]  # the clerk who asked, None when given by the person
    at: Mapped[datetime]


class LoginCode(Base):
    """A one-time code sent to a phone; only its hash is kept."""

    __tablename__ = "login_codes"

    id: Mapped[int] = mapped_column(primary_key=True)
    phone_index: Mapped[str] = mapped_column(String(40))
    code_hash: Mapped[str] = mapped_column(String(64))
    asked_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    tries: Mapped[int] = mapped_column(default=0)
    used_at: Mapped[datetime | None]

    __table_args__ = (Index("ix_login_codes_phone_index_expires_at", "phone_index", "expires_at"),)
