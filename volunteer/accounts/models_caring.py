"""Who looks after whom: somebody who may ask for help for another person, as long as that person agrees."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from volunteer.accounts.models import Person
from volunteer.kernel.db import Base, Identified


class Relation(StrEnum):
    """What the helper is to the person."""

    CHILD = "child"
    SPOUSE = "spouse"
    GRANDCHILD = "grandchild"
    RELATIVE = "relative"
    NEIGHBOUR = "neighbour"
    OTHER = "other"


class ConsentHow(StrEnum):
    """How the person said yes."""

    SPOKEN = "spoken"
    BY_PHONE = "by_phone"
    WRITTEN = "written"
    GUARDIAN = "guardian"  # they cannot decide for themselves; a guardian does


class Care(Identified, Base):
    """One person's right to ask for help for another. It holds until the consent is withdrawn, by either of them."""

    __tablename__ = "cares"
    __table_args__ = (Index("ix_cares_helper_id_ended_at", "helper_id", "ended_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    helper_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    person_id: Mapped[int] = mapped_column(
        ForeignKey("people.id"), index=True
    )  # who is cared for: the owner of what is asked for
    relation: Mapped[Relation]
    how: Mapped[ConsentHow]
    notice: Mapped[str] = mapped_column(String(20))  # version of the notice
    agreed_at: Mapped[datetime]
    written_by: Mapped[int | None]  # a clerk, when one wrote it down
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[int | None]

    helper: Mapped[Person] = relationship(foreign_keys=[helper_id])
    person: Mapped[Person] = relationship(foreign_keys=[person_id])
