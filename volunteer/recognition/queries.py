"""Lists of proposals and awards, in the order of their days: nobody is ever ranked. Reads only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select
from sqlalchemy.orm import Session, joinedload

from volunteer.access import Actor, Permission, county_of
from volunteer.accounts.models import Person
from volunteer.kernel.db import under
from volunteer.kernel.errors import NotFound
from volunteer.kernel.text import like
from volunteer.places.models import Site
from volunteer.recognition.lifecycle import EligibilityState
from volunteer.recognition.models import Eligibility, StarAward, StarDoubt, StarStanding
from volunteer.teams.models import Standing, Volunteer

PAGE = 30
P = Permission.STARS_AWARD


class Tab(StrEnum):
    """The lists of those who award."""

    PROPOSED = "proposed"
    ASIDE = "aside"
    NOTICE = "notice"
    DOUBTED = "doubted"
    STANDS = "stands"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class Change:
    """What another threshold of one star means: how many volunteers reach it now, and how many would."""

    stars: int
    minutes: int
    then: int
    reach: int
    would: int


def proposals_for(
    session: Session, actor: Actor, state: EligibilityState, words: str = "", page: int = 1
) -> Sequence[Eligibility]:
    """Return one page of proposals in the actor's places, one row more than fits; those that wait longest first."""
    found = _named(
        select(Eligibility).join(Volunteer, Volunteer.id == Eligibility.volunteer_id).where(Eligibility.state == state), words
    ).where(under(actor.scopes(P), Site.path))
    found = found.options(joinedload(Eligibility.volunteer).options(joinedload(Volunteer.person), joinedload(Volunteer.site)))
    return session.scalars(found.order_by(Eligibility.found_at, Eligibility.id).offset((page - 1) * PAGE).limit(PAGE + 1)).all()


def awards_for(session: Session, actor: Actor, tab: Tab, words: str = "", page: int = 1) -> Sequence[StarAward]:
    """Return one page of awards of the actor's places, the latest first, one row more than fits."""
    found = _named(select(StarAward).join(Volunteer, Volunteer.id == StarAward.volunteer_id).where(_is(tab)), words)
    found = found.where(under(actor.scopes(P), StarAward.site_path)).options(*_whole())
    order = StarAward.decided_at.desc(), StarAward.id.desc()
    return session.scalars(found.order_by(*order).offset((page - 1) * PAGE).limit(PAGE + 1)).unique().all()


def counts_for(session: Session, actor: Actor) -> dict[str, int]:
    """Return how long each list is; what stands or was revoked is not counted."""
    mine = under(actor.scopes(P), StarAward.site_path)
    counts = {
        tab.value: session.scalar(select(func.count(StarAward.id)).where(mine, _is(tab))) or 0
        for tab in (Tab.NOTICE, Tab.DOUBTED)
    }
    for state in (EligibilityState.PROPOSED, EligibilityState.ASIDE):
        found = select(func.count(Eligibility.id)).join(Volunteer, Volunteer.id == Eligibility.volunteer_id)
        found = found.join(Site, Site.id == Volunteer.site_id).where(Eligibility.state == state)
        counts[state.value] = session.scalar(found.where(under(actor.scopes(P), Site.path))) or 0
    return counts


def award_called(session: Session, actor: Actor, number: str) -> StarAward:
    """Return an award of the actor's places. Raises NotFound."""
    made = session.scalars(select(StarAward).where(StarAward.number == number).options(*_whole())).unique().one_or_none()
    if made is None:
        raise NotFound("staraward")
    actor.must(P, at=made.site_path)
    return made


def bodies_for(session: Session, actor: Actor) -> Sequence[Site]:
    """Return the sites in whose name the actor may award: where the right is held, not what lies below."""
    return session.scalars(select(Site).where(Site.path.in_(actor.scopes(P)), Site.closed_at.is_(None)).order_by(Site.path)).all()


def on_notice(session: Session, today: date, page: int = 1) -> Sequence[StarAward]:
    """Return one page of what hangs in public today, one row more than fits: by day and number, whoever it is."""
    hangs = StarAward.revoked_at.is_(None), StarAward.notice_from <= today, StarAward.notice_until >= today
    found = select(StarAward).where(*hangs).options(*_whole()).order_by(StarAward.notice_from.desc(), StarAward.number)
    return session.scalars(found.offset((page - 1) * PAGE).limit(PAGE + 1)).unique().all()


def notice_count(session: Session, today: date) -> int:
    """Return how many awards hang in public today."""
    hangs = StarAward.revoked_at.is_(None), StarAward.notice_from <= today, StarAward.notice_until >= today
    return session.scalar(select(func.count(StarAward.id)).where(*hangs)) or 0


def awards_of(session: Session, volunteer_id: int) -> Sequence[StarAward]:
    """Return a volunteer's awards, revoked ones too, the latest first."""
    found = select(StarAward).where(StarAward.volunteer_id == volunteer_id).options(*_whole())
    return session.scalars(found.order_by(StarAward.decided_at.desc(), StarAward.id.desc())).unique().all()


def proposed_for(session: Session, volunteer_id: int) -> Eligibility | None:
    """Return what is proposed for a volunteer now."""
    mine = Eligibility.volunteer_id == volunteer_id, Eligibility.state == EligibilityState.PROPOSED
    return session.scalars(select(Eligibility).where(*mine).order_by(Eligibility.stars.desc())).first()


def held_by(session: Session, volunteer_id: int) -> int:
    """Return the highest star that stands; 0 when none does. What is on notice or revoked does not count yet, or any more."""
    mine = StarAward.volunteer_id == volunteer_id, StarAward.revoked_at.is_(None), StarAward.stands_at.is_not(None)
    return session.scalar(select(func.max(StarAward.stars)).where(*mine)) or 0


def preview(session: Session, county: Site, now: Sequence[int], then: Sequence[int]) -> list[Change]:
    """Return for each star how many active volunteers of the county reach it now and would; as the last review counted."""
    sums = [func.coalesce(func.sum(case((StarStanding.minutes >= line, 1), else_=0)), 0) for line in (*now, *then)]
    found = (
        select(*sums)
        .join(Volunteer, Volunteer.id == StarStanding.volunteer_id)
        .join(Site, Site.id == Volunteer.site_id)
        .where(Site.path.startswith(county.path), Volunteer.standing == Standing.ACTIVE)
    )
    row = session.execute(found).one()
    return [Change(star + 1, now[star], then[star], int(row[star]), int(row[len(now) + star])) for star in range(len(now))]


def counties_of(session: Session, actor: Actor, permission: Permission) -> Sequence[Site]:
    """Return the open centres over the sites where the actor holds ``permission``."""
    paths = {county_of(path) for path in actor.scopes(permission) if path != "/"}
    return session.scalars(select(Site).where(Site.path.in_(paths), Site.closed_at.is_(None)).order_by(Site.id)).all()


def last_counted(session: Session) -> datetime | None:
    """Return when the review last changed what it counted for anybody."""
    return session.scalar(select(func.max(StarStanding.counted_at)))


def _is(tab: Tab) -> ColumnElement[bool]:
    held = StarAward.revoked_at.is_(None)
    doubted = select(StarDoubt.id).where(StarDoubt.award_id == StarAward.id, StarDoubt.settled_at.is_(None)).exists()
    return {
        Tab.NOTICE: and_(held, StarAward.stands_at.is_(None), ~doubted),
        Tab.DOUBTED: and_(held, doubted),
        Tab.STANDS: and_(held, StarAward.stands_at.is_not(None), ~doubted),
    }.get(tab, StarAward.revoked_at.is_not(None))


def _named(found: Select[Any], words: str) -> Select[Any]:
    found = found.join(Person, Person.id == Volunteer.id).join(Site, Site.id == Volunteer.site_id)
    if not words:
        return found
    pattern = like(words)
    return found.where(or_(Person.search.like(pattern, escape="\\"), func.lower(Volunteer.number).like(pattern, escape="\\")))


def _whole() -> tuple[Any, ...]:
    return (
        joinedload(StarAward.volunteer).options(joinedload(Volunteer.person), joinedload(Volunteer.site)),
        joinedload(StarAward.site),
        joinedload(StarAward.doubts),
    )
