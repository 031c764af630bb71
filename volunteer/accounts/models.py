"""People, the roles granted to them, their codes and consents.

What a person is found by (the name with its pinyin, a blind index of the phone's last four digits) the row keeps by
itself whenever name or phone is set; rows that are inserted in bulk say it explicitly.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, event
from sqlalchemy import inspect as look_at
from sqlalchemy.orm import Mapped, Mapper, mapped_column, object_session, relationship

from volunteer.access import Role
from volunteer.kernel.crypto import Keyring
from volunteer.kernel.db import Base, Identified
from volunteer.kernel.sealed import Sealed
from volunteer.kernel.text import search_text
from volunteer.places.models import Site

TAIL = 4  # digits of a phone by which those who may do so look for somebody


class Person(Identified, Base):
    """One human being, whatever they do here: 群众, 志愿者 or staff. Holds the key that seals what is private."""

    __tablename__ = "people"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(60))
    search: Mapped[str | None] = mapped_column(String(400), index=True)  # the name as people look for it; see be_found
    wrapped_key: Mapped[bytes | None]  # destroyed when the person is forgotten
    phone_sealed: Mapped[bytes | None]
    phone_index: Mapped[str | None] = mapped_column(String(40), index=True)
    phone_tail_index: Mapped[str | None] = mapped_column(String(40), index=True)  # of the last four digits; see be_found
    document_sealed: Mapped[bytes | None]
    document_index: Mapped[str | None] = mapped_column(String(40), index=True)
    born_on: Mapped[date | None] = mapped_column(index=True)  # by which two entries of one person are found
    login_name: Mapped[str | None] = mapped_column(String(40), unique=True)
    password_hash: Mapped[str | None] = mapped_column(String(160))
    locale: Mapped[str] = mapped_column(String(12), default="zh_Hans")
    registered_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]

    phone = Sealed("phone_sealed")
    document = Sealed("document_sealed")

    grants: Mapped[list[RoleGrant]] = relationship(back_populates="person")
    brought: Mapped[list[Brought]] = relationship(order_by="Brought.id", foreign_keys="Brought.person_id")

    @property
    def is_forgotten(self) -> bool:
        """Whether the key was destroyed: what was sealed for this person can be read by nobody any more."""
        return self.wrapped_key is None

    def be_found(self) -> None:
        """Write what this person is found by: the name with its pinyin, and the end of the phone."""
        self.search = search_text(self.name)
        session = object_session(self)
        if session is not None and "keyring" in session.info:
            self.phone_tail_index = tail_index(session.info["keyring"], self.phone)


def tail_index(keyring: Keyring, phone: str | None) -> str | None:
    """Return the blind index of the last four digits of ``phone``."""
    return keyring.blind("phone-tail", phone[-TAIL:]) if phone else None


@event.listens_for(Person, "before_insert")
@event.listens_for(Person, "before_update")
def _on_write(mapper: Mapper[Person], connection: Any, person: Person) -> None:
    changed = look_at(person).attrs
    if person.search is None or any(changed[name].history.has_changes() for name in ("name", "phone_sealed", "wrapped_key")):
        person.be_found()


class Brought(Base):
    """``person_id`` took over the entry ``from_id`` of the same person, with the key under which that one's rows are sealed.

    The key is wrapped for the person who stays. Whoever destroys a person's key destroys these too.
    """

    __tablename__ = "brought_keys"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    from_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    wrapped_key: Mapped[bytes]
    at: Mapped[datetime]
    ended_at: Mapped[datetime | None]  # they are two people after all; what was written meanwhile can still be read


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
    STAR_NOTICE = "star_notice"  # to be named in public notices of stars


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
