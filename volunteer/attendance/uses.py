"""What an hour counts for, by its evidence and the centre's policy of its day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy.orm import Session

from volunteer.kernel.clock import start_of_day, zone_of
from volunteer.ledger.models import Grade
from volunteer.ledger.rules import counts
from volunteer.places.policies import evidence_at

NOON = timedelta(hours=12)  # a policy that begins on a day holds for the whole of it


@dataclass(frozen=True, slots=True)
class Uses:
    """For what an entry counts."""

    points: bool
    stars: bool
    certificates: bool

    @property
    def all(self) -> bool:
        """Whether it counts for everything."""
        return self.points and self.stars and self.certificates


def uses_of(session: Session, grade: Grade | str | None, site_path: str, day: date) -> Uses:
    """Return for what an entry of ``grade`` counts that the site booked for service on ``day``."""
    shown = Grade(grade) if grade is not None else None
    terms = evidence_at(session, site_path, start_of_day(day, zone_of(session)) + NOON)
    return Uses(counts(shown, terms.points), counts(shown, terms.stars), counts(shown, terms.certificates))
