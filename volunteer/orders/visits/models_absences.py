"""A visit to which somebody did not come, as the team saw it, as they tell it, and what a second person decided."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from volunteer.accounts.models import Person
from volunteer.kernel.db import Base, Identified
from volunteer.kernel.sealed import Sealed
from volunteer.orders.models import ServiceOrder
from volunteer.orders.visits.lifecycle import ABSENCES, AbsenceAction, AbsenceState
from volunteer.teams.models import Team, Volunteer


class Absence(Identified, Base):
    """未到: never counted before the other side was heard and a second person has decided."""

    __tablename__ = "absences"
    __table_args__ = (
        Index("ix_absences_volunteer_id_state", "volunteer_id", "state"),
        Index("ix_absences_state_site_path", "state", "site_path"),
        Index("uq_absences_order_id_volunteer_id_about", "order_id", "volunteer_id", "about", unique=True),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("service_orders.id"))
    volunteer_id: Mapped[int] = mapped_column(ForeignKey("volunteers.id"))
    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id"))
    about: Mapped[str] = mapped_column(String(40))  # the turn of service: an order that was reopened has another
    site_path: Mapped[str] = mapped_column(String(120))  # of the team, whose site decides
    planned_at: Mapped[datetime]
    state: Mapped[AbsenceState]
    proposed_by: Mapped[int | None]  # None: the job
    proposed_at: Mapped[datetime]
    answer_by: Mapped[datetime | None]
    said_sealed: Mapped[bytes | None]
    said_at: Mapped[datetime | None]
    decided_by: Mapped[int | None]
    decided_at: Mapped[datetime | None]
    note: Mapped[str] = mapped_column(String(300), default="")
    version: Mapped[int] = mapped_column()

    order: Mapped[ServiceOrder] = relationship()
    volunteer: Mapped[Volunteer] = relationship()
    team: Mapped[Team] = relationship()

    said = Sealed("said_sealed", "person")

    __mapper_args__ = {"version_id_col": version}

    @property
    def person(self) -> Person:
        """Whose key seals what they said."""
        return self.volunteer.person

    def advance(self, action: AbsenceAction) -> None:
        """Move along the lifecycle. The only writer of state."""
        self.state = ABSENCES.next(self.state, action)
