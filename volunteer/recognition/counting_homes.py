"""The minutes of homes, month by month, for their members; sums by station for staff, without anybody's name."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import case, func, or_, select
from sqlalchemy.orm import Session, joinedload

from volunteer.access import Actor, Permission
from volunteer.kernel.clock import local_date, start_of_day, zone_of
from volunteer.kernel.db import insert_into, under
from volunteer.ledger.models import Account, Transfer, Unit
from volunteer.ledger.rules import counts, person, person_of
from volunteer.places.models import Site
from volunteer.places.policies import terms_at
from volunteer.places.terms import Homes
from volunteer.recognition.counting import rules_at
from volunteer.recognition.home_rules import Month, Stay, minutes_by_home, share_reached, statement_month
from volunteer.recognition.models_homes import Home, HomeMember, HomeMonth

BATCH = 200


@dataclass(frozen=True, slots=True)
class Station:
    """One station's homes in one month: how many, how many reached the goal, and the share unless they are too few."""

    site: Site
    homes: int
    reached: int
    minutes: int

    @property
    def share(self) -> float | None:
        """The share that reached the goal."""
        return share_reached(self.homes, self.reached)


def minutes_of(session: Session, homes: Collection[Home], month: Month, *, at: datetime) -> dict[int, int]:
    """Return each home's minutes of ``month`` as far as they are booked. A few queries, however many homes."""
    stays = _stays(session, [home.id for home in homes], month)
    people = {stay.person_id for stay in stays}
    weakest = {home.id: rules_at(session, home.site.path, at).weakest for home in homes}
    found = minutes_by_home([], [])
    for grade in set(weakest.values()):
        served = _served(session, people, month, grade)
        found |= {home_id: n for home_id, n in minutes_by_home(stays, served).items() if weakest[home_id] == grade}
    return {home.id: found.get(home.id, 0) for home in homes}


def own_minutes(session: Session, home: Home, person_id: int, month: Month, *, at: datetime) -> int:
    """Return what one member has put in: shown to that member alone."""
    stays = [stay for stay in _stays(session, [home.id], month) if stay.person_id == person_id]
    served = _served(session, {person_id}, month, rules_at(session, home.site.path, at).weakest)
    return minutes_by_home(stays, served).get(home.id, 0)


def goal_of(session: Session, home: Home, at: datetime) -> int:
    """Return the goal of a month that holds at a home's station."""
    return terms_at(session, home.site.path, Homes, at).goal_minutes


def months_of(session: Session, home_id: int, limit: int = 12) -> Sequence[HomeMonth]:
    """Return a home's finished months, the latest first."""
    found = select(HomeMonth).where(HomeMonth.home_id == home_id).order_by(HomeMonth.month.desc()).limit(limit)
    return session.scalars(found).all()


def close_months(session: Session, at: datetime, *, batch: int = BATCH, month: Month | None = None) -> int:
    """Write the statements of up to ``batch`` homes for the latest month whose records are in; return how many.

    Each is written once: a home that has one is not looked at again, so a second run or machine writes nothing, and
    jobs that stood still for half a month are made up for.
    """
    zone = zone_of(session)
    month = month or statement_month(local_date(at, zone))
    written = select(HomeMonth.home_id).where(HomeMonth.home_id == Home.id, HomeMonth.month == month.first).exists()
    there = (
        Home.founded_at < start_of_day(month.last, zone),
        or_(Home.closed_at.is_(None), Home.closed_at >= start_of_day(month.first, zone)),
    )
    found = select(Home).where(*there, ~written).options(joinedload(Home.site)).order_by(Home.id).limit(batch)
    homes = session.scalars(found).all()
    minutes = minutes_of(session, homes, month, at=at)
    members = _members(session, [home.id for home in homes], month)
    for home in homes:
        row = insert_into(session, HomeMonth).values(
            home_id=home.id, month=month.first, site_path=home.site.path, minutes=minutes[home.id],
            goal=goal_of(session, home, at), members=members.get(home.id, 0), counted_at=at,
        )  # fmt: skip
        session.execute(row.on_conflict_do_nothing())
    return len(homes)


def stations_in(session: Session, actor: Actor, month: Month) -> list[Station]:
    """Return the actor's stations with homes that have a statement of ``month``, in the order of their codes: no ranking."""
    reached = func.sum(case((HomeMonth.minutes >= HomeMonth.goal, 1), else_=0))
    found = (
        select(Site, func.count(HomeMonth.home_id), reached, func.sum(HomeMonth.minutes))
        .join(HomeMonth, HomeMonth.site_path == Site.path)
        .where(HomeMonth.month == month.first, under(actor.scopes(Permission.OVERVIEW_SEE), HomeMonth.site_path))
        .group_by(Site.id)
        .order_by(Site.code)
    )
    return [Station(site, homes, int(done or 0), int(minutes or 0)) for site, homes, done, minutes in session.execute(found)]


def living(session: Session, actor: Actor) -> int:
    """Return how many homes there are now in the actor's places."""
    mine = under(actor.scopes(Permission.OVERVIEW_SEE), Site.path), Home.closed_at.is_(None)
    return session.scalar(select(func.count(Home.id)).join(Site, Site.id == Home.site_id).where(*mine)) or 0


def written_months(session: Session, actor: Actor, limit: int = 12) -> Sequence[date]:
    """Return the months that have statements in the actor's places, the latest first."""
    mine = under(actor.scopes(Permission.OVERVIEW_SEE), HomeMonth.site_path)
    return session.scalars(select(HomeMonth.month).where(mine).distinct().order_by(HomeMonth.month.desc()).limit(limit)).all()


def _stays(session: Session, home_ids: Collection[int], month: Month) -> list[Stay]:
    in_it = HomeMember.since <= month.last, or_(HomeMember.until.is_(None), HomeMember.until >= month.first)
    found = select(HomeMember).where(HomeMember.home_id.in_(home_ids), HomeMember.since.is_not(None), *in_it)
    return [Stay(row.home_id, row.person_id, row.since, row.until) for row in session.scalars(found) if row.since]


def _members(session: Session, home_ids: Collection[int], month: Month) -> dict[int, int]:
    people: dict[int, set[int]] = {}
    for stay in _stays(session, home_ids, month):
        if stay.covers(month.last) or (stay.until is not None and stay.until >= month.first):
            people.setdefault(stay.home_id, set()).add(stay.person_id)
    return {home_id: len(who) for home_id, who in people.items()}


def _served(session: Session, people: Collection[int], month: Month, weakest: str) -> list[tuple[int, date, int]]:
    """(person, local day, minutes) of a month, less what was taken back; only evidence that counts."""
    owners = [person(one) for one in sorted(people)]
    served: list[tuple[int, date, int]] = []
    for sign, side in ((1, Transfer.target_id), (-1, Transfer.source_id)):
        rows = session.execute(
            select(Account.owner, Transfer.day, Transfer.grade, func.sum(Transfer.amount))
            .join(Transfer, side == Account.id)
            .where(Account.unit == Unit.MINUTES, Account.owner.in_(owners), Transfer.day.between(month.first, month.last))
            .group_by(Account.owner, Transfer.day, Transfer.grade)
        )
        served += [
            (person_of(owner) or 0, day, sign * int(minutes))
            for owner, day, grade, minutes in rows
            if day and counts(grade, weakest)
        ]
    return served
