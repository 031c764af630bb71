"""How many minutes of each grade stand to somebody's credit, and which rules of stars hold. Reads only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from volunteer.access import county_of
from volunteer.ledger.models import Account, Grade, Transfer, Unit
from volunteer.ledger.rules import person, person_of
from volunteer.places.policies import evidence_at, terms_at
from volunteer.places.terms import Stars
from volunteer.recognition.stars import counted

Graded = Mapping[Grade | None, int]


@dataclass(frozen=True, slots=True)
class Rules:
    """What holds for stars in a county on a moment: thresholds, days of notice, and the weakest evidence that counts."""

    stars: Stars
    weakest: str

    def minutes(self, by_grade: Graded) -> int:
        """Return the minutes that count for stars."""
        return counted(by_grade, self.weakest)

    @property
    def version(self) -> str:
        """Return what an award says that it was counted by."""
        return f"stars:{self.stars.version}"


def rules_at(session: Session, site_path: str, at: datetime) -> Rules:
    """Return the rules of stars of the county of ``site_path``."""
    county = county_of(site_path)
    return Rules(terms_at(session, county, Stars, at), evidence_at(session, county, at).stars)


def graded_minutes(session: Session, volunteer_ids: Collection[int]) -> dict[int, Counter[Grade | None]]:
    """Return everybody's minutes by grade: what came in less what went out again. Two queries, however many people."""
    found: dict[int, Counter[Grade | None]] = {volunteer_id: Counter() for volunteer_id in volunteer_ids}
    for sign, side in ((1, Transfer.target_id), (-1, Transfer.source_id)):
        for owner, grade, minutes in _sums(session, side, volunteer_ids):
            found[person_of(owner) or 0][grade] += sign * minutes
    return found


def _sums(
    session: Session, side: InstrumentedAttribute[int], volunteer_ids: Collection[int]
) -> list[tuple[str, Grade | None, int]]:
    rows = session.execute(
        select(Account.owner, Transfer.grade, func.sum(Transfer.amount))
        .join(Transfer, side == Account.id)
        .where(Account.unit == Unit.MINUTES, Account.owner.in_([person(one) for one in volunteer_ids]))
        .group_by(Account.owner, Transfer.grade)
    )
    return [(owner, grade, int(minutes)) for owner, grade, minutes in rows]
