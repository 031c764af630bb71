"""Which rules of points hold: every published version, read once in a transaction. Reads only."""

from __future__ import annotations

from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from volunteer.kernel.clock import local_date, zone_of
from volunteer.kernel.remembered import dropped_with
from volunteer.ledger.lifecycle import RuleState
from volunteer.ledger.models_points import PointRule
from volunteer.ledger.point_rules import Terms, version_of

READ = "point rules read"  # what this transaction has read, in the session's info
dropped_with(READ, PointRule)


class Held(NamedTuple):
    """The version of the rules that holds somewhere on a day."""

    id: int
    site_id: int
    since: date
    terms: Terms

    @property
    def called(self) -> str:
        """What transfers say of it."""
        return version_of(self.id)


def rule_at(session: Session, site_path: str, day: date) -> Held | None:
    """Return the rule that holds at a place on a local day: the nearest site's above it that has one. None: no points."""
    rules = _published(session)
    for site_id in reversed([int(part) for part in site_path.strip("/").split("/") if part]):
        for rule in rules.get(site_id, ()):
            if rule.since <= day:
                return rule
    return None


def rule_now(session: Session, site_path: str, at: datetime) -> Held | None:
    """Return the rule that holds at a place today."""
    return rule_at(session, site_path, local_date(at, zone_of(session)))


def published(session: Session) -> dict[int, Held]:
    """Return every published rule by its number."""
    return {rule.id: rule for rules in _published(session).values() for rule in rules}


def _published(session: Session) -> dict[int, list[Held]]:
    """Every published rule by its site, the latest first; there are few, and they are read once in a transaction."""
    read: dict[int, list[Held]] | None = session.info.get(READ)
    if read is None:
        read = {}
        found = select(PointRule).where(PointRule.state == RuleState.PUBLISHED)
        for row in session.scalars(found.order_by(PointRule.published_from.desc())):
            if row.published_from is not None:
                read.setdefault(row.site_id, []).append(Held(row.id, row.site_id, row.published_from, row.terms))
        session.info[READ] = read
    return read
