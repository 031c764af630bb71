"""What a household keeps here: its places, and what those who serve it must know."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from volunteer.accounts.models import Person
from volunteer.kernel.db import Base, Identified
from volunteer.kernel.sealed import Sealed
from volunteer.places.models import Site


class SavedPlace(Identified, Base):
    """A place in somebody's own address book: 家, 妈妈家. Removing it really removes it."""

    __tablename__ = "saved_places"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    label_sealed: Mapped[bytes | None]
    door_sealed: Mapped[bytes | None]
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"))
    latitude: Mapped[float]
    longitude: Mapped[float]
    kept_at: Mapped[datetime]

    person: Mapped[Person] = relationship()
    site: Mapped[Site] = relationship()

    label = Sealed("label_sealed", "person")
    door = Sealed("door_sealed", "person")


class MarkerKind(Base):
    """A kind of vulnerable household that a county adds to the usual ones, or (closed) does not use."""

    __tablename__ = "marker_kinds"

    code: Mapped[str] = mapped_column(String(32), primary_key=True)
    name: Mapped[str] = mapped_column(String(40))
    name_en: Mapped[str] = mapped_column(String(40), default="")
    closed_at: Mapped[datetime | None]


class Marker(Identified, Base):
    """What those who serve a household must know (独居, 残疾, 留守儿童, …). Sealed, with consent, until a day of re-check."""

    __tablename__ = "markers"
    __table_args__ = (Index("ix_markers_person_id_site_path", "person_id", "site_path"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    site_path: Mapped[str] = mapped_column(String(120))
    kind_sealed: Mapped[bytes | None]  # the kind alone says enough about somebody
    note_sealed: Mapped[bytes | None]
    reason_sealed: Mapped[bytes | None]  # why it was set
    consent_sealed: Mapped[bytes | None]  # who agreed, how and when
    check_on: Mapped[date]  # from then on it is shown to no team until somebody has looked again
    kept_by: Mapped[int | None]
    kept_at: Mapped[datetime]
    changed_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship()

    kind = Sealed("kind_sealed", "person")
    note = Sealed("note_sealed", "person")
    reason = Sealed("reason_sealed", "person")
    consent = Sealed("consent_sealed", "person")
