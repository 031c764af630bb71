"""Every night: whose hours reach another star, and whose no longer reach one that they hold. It proposes, people decide."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

import structlog
from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from volunteer.access import county_of
from volunteer.kernel.clock import local_date, zone_of
from volunteer.kernel.db import insert_into, lock
from volunteer.places.models import Site
from volunteer.recognition.counting import Rules, graded_minutes, rules_at
from volunteer.recognition.lifecycle import EligibilityAction, EligibilityState
from volunteer.recognition.models import DoubtKind, Eligibility, StarAward, StarDoubt, StarReview, StarStanding
from volunteer.recognition.stars import counted, proposal
from volunteer.teams.models import Standing, Volunteer

BATCH = 500
log = structlog.get_logger(__name__)


def review(session: Session, at: datetime, *, batch: int = BATCH) -> int:
    """Look at the next ``batch`` volunteers of tonight's review; return how many, 0 when everybody was looked at.

    How far it has come stands in a row of the day that is held meanwhile: a second run, or a run after a crash, goes on
    where the last one committed, and looks at nobody twice.
    """
    night = _tonight(session, local_date(at, zone_of(session)))
    if night.done_at is not None:
        return 0
    people = session.execute(
        select(Volunteer.id, Volunteer.standing, Site.path)
        .join(Site, Site.id == Volunteer.site_id)
        .where(Volunteer.id > night.after_id)
        .order_by(Volunteer.id)
        .limit(batch)
    ).all()
    if not people:
        night.done_at = at
        log.debug("stars_reviewed", looked_at=night.looked_at, found=night.found)
        return 0
    night.found += _look_at(session, people, at)
    night.after_id, night.looked_at = people[-1].id, night.looked_at + len(people)
    return len(people)


def _tonight(session: Session, day: date) -> StarReview:
    fresh = insert_into(session, StarReview).values(day=day, after_id=0, looked_at=0, found=0)
    session.execute(fresh.on_conflict_do_nothing())
    return lock(session, StarReview, day)


def _look_at(session: Session, people: Sequence[Row[tuple[int, Standing, str]]], at: datetime) -> int:
    ids = [row.id for row in people]
    minutes = graded_minutes(session, ids)
    rules: dict[str, Rules] = {}
    standings = {row.volunteer_id: row for row in session.scalars(select(StarStanding).where(StarStanding.volunteer_id.in_(ids)))}
    proposals: dict[int, dict[int, Eligibility]] = {}
    known_rows = select(Eligibility).where(Eligibility.volunteer_id.in_(ids)).order_by(Eligibility.id)
    for one in session.scalars(known_rows.with_for_update(key_share=True)):  # whoever awards one at this moment is waited for
        proposals.setdefault(one.volunteer_id, {})[one.stars] = one
    awards: dict[int, list[StarAward]] = {}
    held = select(StarAward).where(StarAward.volunteer_id.in_(ids), StarAward.revoked_at.is_(None)).order_by(StarAward.id)
    for award in session.scalars(held):
        awards.setdefault(award.volunteer_id, []).append(award)

    found = 0
    for volunteer_id, standing, path in people:
        county = county_of(path)
        if county not in rules:
            rules[county] = rules_at(session, county, at)
        mine = awards.get(volunteer_id, [])
        total = rules[county].minutes(minutes[volunteer_id])
        made = proposal(
            total,
            rules[county].stars.thresholds,
            max((award.stars for award in mine), default=0),
            active=standing is Standing.ACTIVE,
        )
        _note(session, standings.get(volunteer_id), volunteer_id, total, made.stars, at)
        known = proposals.get(volunteer_id, {})
        found += _propose(session, known, volunteer_id, made.propose, total, rules[county].version, at)
        _lapse(known, made.propose, made.stars, at)
        for award in mine:
            found += _doubt(session, award, counted(minutes[volunteer_id], award.evidence.value), at)
    return found


def _note(session: Session, row: StarStanding | None, volunteer_id: int, minutes: int, stars: int, at: datetime) -> None:
    """Keep what was counted; a row that says so already is left alone, and nothing yet needs no row."""
    if row is None and minutes:
        session.add(StarStanding(volunteer_id=volunteer_id, minutes=minutes, stars=stars, counted_at=at))
    elif row is not None and (row.minutes, row.stars) != (minutes, stars):
        row.minutes, row.stars, row.counted_at = minutes, stars, at


def _propose(
    session: Session,
    known: dict[int, Eligibility],
    volunteer_id: int,
    stars: int | None,
    minutes: int,
    version: str,
    at: datetime,
) -> int:
    """Propose a star once; what a person put aside stays aside, what lapsed or was awarded long ago comes again."""
    if stars is None:
        return 0
    row = known.get(stars)
    if row is not None and row.state in (EligibilityState.PROPOSED, EligibilityState.ASIDE):
        return 0
    if row is None:
        row = Eligibility(volunteer_id=volunteer_id, stars=stars)
        session.add(row)
    else:
        row.advance(EligibilityAction.PROPOSE)
    row.minutes, row.policy_version = minutes, version
    row.found_at, row.closed_at, row.closed_by, row.note = at, None, None, ""
    return 1


def _lapse(known: dict[int, Eligibility], proposed: int | None, reached: int, at: datetime) -> None:
    """A proposal that is not tonight's lapses; so does one put aside once its star is no longer reached."""
    for stars, row in known.items():
        stale = row.state is EligibilityState.PROPOSED and stars != proposed
        over = row.state is EligibilityState.ASIDE and stars > reached
        if stale or over:
            row.advance(EligibilityAction.LAPSE)
            row.closed_at = at


def _doubt(session: Session, award: StarAward, minutes: int, at: datetime) -> int:
    """Ask a person to look at an award whose hours fell below what was needed on its day; once for each fall."""
    if minutes >= award.needed:
        return 0
    asked = [doubt.minutes for doubt in award.doubts if doubt.kind is DoubtKind.HOURS and doubt.minutes is not None]
    if any(doubt.is_open for doubt in award.doubts if doubt.kind is DoubtKind.HOURS) or any(minutes >= one for one in asked):
        return 0
    session.add(StarDoubt(award=award, kind=DoubtKind.HOURS, minutes=minutes, raised_at=at))
    return 1
