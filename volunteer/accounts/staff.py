"""The people who work here, as those see them who look after them. Reads only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, exists, func, not_, or_, select
from sqlalchemy.orm import Session, joinedload

from volunteer.access import STAFF, Actor, Permission, Role
from volunteer.accounts.models import Person, RoleGrant
from volunteer.accounts.models_entering import SecondFactor
from volunteer.kernel.db import load, under
from volunteer.kernel.errors import NotFound
from volunteer.kernel.text import like
from volunteer.places.models import Site
from volunteer.web.models import WebSession

SIZE = 30
SOON = timedelta(days=30)
SEEN = STAFF | {Role.VOLUNTEER, Role.MERCHANT}  # whose account may be looked after; a resident's is nobody's business


class Show(StrEnum):
    """Which of them a list shows."""

    WORKING = "working"
    ENDING = "ending"  # a role ends within thirty days
    WITHOUT_FACTOR = "without_factor"
    GONE = "gone"  # closed, or no role left


@dataclass(frozen=True)
class Row:
    """One person of the list: roles that hold now or later, and what deserves a look."""

    person: Person
    grants: Sequence[RoleGrant]
    two_factors: bool
    ends: datetime | None  # the earliest end that comes


@dataclass(frozen=True)
class Listing:
    """One page of the list."""

    rows: Sequence[Row]
    page: int
    pages: int
    total: int


def listing(
    session: Session, paths: Sequence[str], *, at: datetime, show: Show = Show.WORKING, words: str = "", page: int = 1
) -> Listing:
    """Return the staff of the sites under ``paths``, by name, thirty at a time."""
    wanted = _wanted(paths, show, at)
    if words.strip():
        login = Person.login_name.like(like(words), escape="\\")
        wanted = and_(wanted, or_(Person.search.like(like(words), escape="\\"), login))
    total = session.scalar(select(func.count()).select_from(Person).where(wanted)) or 0
    pages = max(1, -(-total // SIZE))
    page = min(max(page, 1), pages)
    found = select(Person).where(wanted).order_by(Person.search, Person.id).limit(SIZE).offset((page - 1) * SIZE)
    people = session.scalars(found).all()
    ids = [person.id for person in people]
    grants: dict[int, list[RoleGrant]] = {number: [] for number in ids}
    rows = (
        select(RoleGrant)
        .join(Site)
        .options(joinedload(RoleGrant.site))
        .where(RoleGrant.person_id.in_(ids), under(paths, Site.path))
    )
    for grant in session.scalars(rows.where(RoleGrant.role.in_(STAFF), _not_over(at)).order_by(RoleGrant.id)):
        grants[grant.person_id].append(grant)
    on = select(SecondFactor.person_id).where(SecondFactor.person_id.in_(ids), SecondFactor.confirmed_at.is_not(None))
    with_factor = set(session.scalars(on))
    return Listing([_row(person, grants[person.id], person.id in with_factor) for person in people], page, pages, total)


def counts(session: Session, paths: Sequence[str], *, at: datetime) -> dict[Show, int]:
    """Return how many people each list has."""
    return {show: session.scalar(select(func.count()).select_from(Person).where(_wanted(paths, show, at))) or 0 for show in Show}


def person_for(session: Session, actor: Actor, person_id: int) -> Person:
    """Return somebody of the actor's own places. Raises NotFound for anybody else, and for residents."""
    person = load(session, Person, person_id)
    paths = actor.scopes(Permission.PEOPLE_MANAGE)
    mine = (
        select(RoleGrant.id).join(Site).where(RoleGrant.person_id == person_id, RoleGrant.role.in_(SEEN), under(paths, Site.path))
    )
    if session.scalars(mine.limit(1)).first() is None:
        raise NotFound("person")
    return person


def last_seen(session: Session, person_id: int) -> WebSession | None:
    """Return the newest log-in of somebody."""
    found = select(WebSession).where(WebSession.person_id == person_id).order_by(WebSession.id.desc()).limit(1)
    return session.scalars(found).first()


def log_ins(session: Session, person_id: int, *, limit: int, before: int | None = None) -> Sequence[WebSession]:
    """Return somebody's log-ins, the newest first; kept for half a year."""
    found = select(WebSession).where(WebSession.person_id == person_id)
    if before is not None:
        found = found.where(WebSession.id < before)
    return session.scalars(found.order_by(WebSession.id.desc()).limit(limit)).all()


def _row(person: Person, grants: Sequence[RoleGrant], two_factors: bool) -> Row:
    ends = min((grant.until for grant in grants if grant.until is not None), default=None)
    return Row(person, grants, two_factors, ends)


def _wanted(paths: Sequence[str], show: Show, at: datetime) -> ColumnElement[bool]:
    def holds(*more: ColumnElement[bool]) -> ColumnElement[bool]:
        grants = select(RoleGrant.id).join(Site).where(RoleGrant.person_id == Person.id, RoleGrant.role.in_(STAFF))
        return exists(grants.where(under(paths, Site.path), *more))

    working = and_(Person.disabled_at.is_(None), holds(_not_over(at)))
    match show:
        case Show.ENDING:
            return and_(working, holds(_not_over(at), RoleGrant.until < at + SOON))
        case Show.WITHOUT_FACTOR:
            on = exists().where(SecondFactor.person_id == Person.id, SecondFactor.confirmed_at.is_not(None))
            return and_(working, not_(on))
        case Show.GONE:
            return and_(holds(), or_(Person.disabled_at.is_not(None), not_(holds(_not_over(at)))))
        case _:
            return working


def _not_over(at: datetime) -> ColumnElement[bool]:
    return or_(RoleGrant.until.is_(None), RoleGrant.until > at)
