"""One search for all staff: what is found under the places that are the searcher's, by kind, with how many there are.

Names match by characters, pinyin run together, or initials, wherever they stand in the name; one character is enough.
Residents are never found by name: whoever needs one has the order's number, or may look by the end of the phone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, func, literal, or_, select
from sqlalchemy.orm import Session

from volunteer.access import Actor, Permission, Role
from volunteer.accounts.models import Person, RoleGrant
from volunteer.catalogue.models import ServiceItem
from volunteer.feedback.models import Case
from volunteer.kernel.db import under
from volunteer.kernel.serials import tidy_number
from volunteer.kernel.text import like, normalise
from volunteer.orders.lifecycle import Status
from volunteer.orders.models import ServiceOrder
from volunteer.places.models import Site, SiteLevel, Venue
from volunteer.teams.models import Team, Volunteer

SHOWN = 8
MANY = 500  # more are not counted
LONGEST = 60
STAFF_ROLES = (Role.CLERK, Role.DISPATCHER, Role.SITE_ADMIN, Role.DIRECTOR, Role.AUDITOR, Role.COUNTY_IT)


class Kind(StrEnum):
    """What may be found, in the order in which it is shown."""

    ORDERS = "orders"
    PEOPLE = "people"
    STAFF = "staff"
    TEAMS = "teams"
    SITES = "sites"
    VENUES = "venues"
    SERVICES = "services"
    CASES = "cases"


@dataclass(frozen=True)
class Hit:
    """One thing that was found. ``key`` is what its page's address is made of; ``paths`` say where it lies."""

    key: str
    name: str
    name_en: str = ""
    note: str = ""
    note_en: str = ""
    paths: tuple[str, ...] = ()
    status: Status | None = None
    closed: bool = False
    person_id: int | None = None
    code: str = ""


@dataclass(frozen=True)
class Group:
    """The first few of a kind, and how many there are; ``many`` when there are more than were counted."""

    kind: Kind
    hits: Sequence[Hit] = field(default_factory=list)
    count: int = 0

    @property
    def many(self) -> bool:
        """Whether counting stopped."""
        return self.count > MANY


def search(session: Session, actor: Actor, typed: str) -> list[Group]:
    """Return what is found for ``typed`` under the actor's own places, kind by kind; kinds without a find are left out."""
    words = "".join(sign for sign in normalise(typed[:LONGEST]) if sign.isprintable()).strip()
    paths = actor.scopes(Permission.STAFF_SEARCH)
    if not words or not paths:
        return []
    groups = [
        _orders(session, words, paths),
        _people(session, words, paths),
        _staff(session, words, actor.scopes(Permission.PEOPLE_MANAGE)),
        _teams(session, words, paths),
        _sites(session, words, paths),
        _venues(session, words, paths),
        _services(session, words, paths),
        _cases(session, words, actor.scopes(Permission.CASES_HANDLE)),
    ]
    return [group for group in groups if group.hits]


def says(column: Any, words: str) -> ColumnElement[bool]:
    """Return the condition that a search text contains ``words``; pinyin may be typed with spaces."""
    patterns = [like(words)]
    if " " in words and words.isascii():
        patterns.append(like(words.replace(" ", "")))
    return or_(*(column.like(pattern, escape="\\") for pattern in patterns))


def _begins(column: Any, words: str) -> ColumnElement[bool]:
    """A code or number that begins so: a range, which an index answers, and LIKE could not."""
    first = words.upper()
    found: ColumnElement[bool] = (column >= first) & (column < first + "\uffff")
    return found


def _sites_of(paths: Iterable[str]) -> Select[tuple[int]]:
    return select(Site.id).where(under(paths, Site.path))


def _orders(session: Session, words: str, paths: Sequence[str]) -> Group:
    """By number, service, village or the words of the place; the newest first."""
    named = [row[0] for row in session.execute(select(ServiceItem.id).where(says(ServiceItem.search, words)))]
    placed = [row[0] for row in session.execute(select(Site.path).where(says(Site.search, words), under(paths, Site.path)))]
    if number := tidy_number(words):
        found = ServiceOrder.number == number
    else:
        found = or_(
            says(ServiceOrder.number, words),
            says(ServiceOrder.place, words),
            ServiceOrder.item_id.in_(named),
            ServiceOrder.site_path.in_(placed),
        )
    ids = select(ServiceOrder.id, ServiceOrder.placed_at).where(under(paths, ServiceOrder.site_path), found)
    newest, count = _first(session, ids, ServiceOrder.placed_at.desc())
    rows = session.execute(
        select(
            ServiceOrder.number, ServiceOrder.status, ServiceOrder.site_path, ServiceOrder.desk_path,
            ServiceItem.name, ServiceItem.name_en, Site.name.label("site"), Site.name_en.label("site_en"),
        )
        .join(Site, Site.id == ServiceOrder.site_id)
        .outerjoin(ServiceItem, ServiceItem.id == ServiceOrder.item_id)
        .where(ServiceOrder.id.in_(newest))
        .order_by(ServiceOrder.placed_at.desc())
    )  # fmt: skip
    hits = [
        Hit(row.number, row.name or "", row.name_en or "", row.site, row.site_en, (row.site_path, row.desk_path), row.status)
        for row in rows
    ]
    return Group(Kind.ORDERS, hits, count)


def _people(session: Session, words: str, paths: Sequence[str]) -> Group:
    """Volunteers by name or number."""
    called = select(Person.id).where(says(Person.search, words))
    found = or_(Volunteer.id.in_(called), _begins(Volunteer.number, words))
    ids = select(Volunteer.id).where(found)
    if "/" not in paths:
        ids = ids.where(Volunteer.site_id.in_(_sites_of(paths)))
    first, count = _first(session, ids)
    return Group(Kind.PEOPLE, volunteers(session, first), count)


def volunteers(session: Session, ids: Sequence[int]) -> list[Hit]:
    """Return the volunteers of those ids as they are shown in a list."""
    rows = session.execute(
        select(Volunteer.id, Volunteer.number, Person.name, Site.name.label("site"), Site.name_en.label("site_en"), Site.path)
        .join(Person, Person.id == Volunteer.id)
        .join(Site, Site.id == Volunteer.site_id)
        .where(Volunteer.id.in_(ids))
        .order_by(func.length(Person.name), Volunteer.id)
    )
    return [Hit(row.number, row.name, note=row.site, note_en=row.site_en, paths=(row.path,), person_id=row.id) for row in rows]


def _staff(session: Session, words: str, paths: Sequence[str]) -> Group:
    """Staff with a role in the places whose people the searcher manages."""
    if not paths:
        return Group(Kind.STAFF)
    found = (
        select(Person.id, Person.name, func.min(Site.name).label("site"), func.min(Site.name_en).label("site_en"))
        .join(RoleGrant, RoleGrant.person_id == Person.id)
        .join(Site, Site.id == RoleGrant.site_id)
        .where(RoleGrant.role.in_(sorted(STAFF_ROLES)), under(paths, Site.path), says(Person.search, words))
        .group_by(Person.id, Person.name)
    )
    rows, count = _counted(session, found, Person.id)
    hits = [Hit(str(row.id), row.name, note=row.site, note_en=row.site_en, person_id=row.id) for row in rows]
    return Group(Kind.STAFF, hits, count)


def _teams(session: Session, words: str, paths: Sequence[str]) -> Group:
    found = select(
        Team.id, Team.code, Team.name, Team.name_en, Team.closed_at, Team.site_path, Site.name.label("site"),
        Site.name_en.label("site_en"),
    ).join(Site, Site.id == Team.site_id)  # fmt: skip
    found = found.where(under(paths, Team.site_path), or_(says(Team.search, words), _begins(Team.code, words)))
    rows, count = _counted(session, found, func.length(Team.name), Team.id)
    return Group(
        Kind.TEAMS,
        [
            Hit(row.code, row.name, row.name_en, row.site, row.site_en, (row.site_path,), closed=row.closed_at is not None)
            for row in rows
        ],
        count,
    )


def _sites(session: Session, words: str, paths: Sequence[str]) -> Group:
    found = select(Site.id, Site.name, Site.name_en, Site.path, Site.code, Site.level, Site.closed_at)
    found = found.where(under(paths, Site.path), or_(says(Site.search, words), _begins(Site.code, words)))
    rows, count = _counted(session, found, Site.level != SiteLevel.CENTRE, Site.code)
    hits = [Hit(str(row.id), row.name, row.name_en, paths=(row.path,), closed=row.closed_at is not None) for row in rows]
    return Group(Kind.SITES, hits, count)


def _venues(session: Session, words: str, paths: Sequence[str]) -> Group:
    found = select(
        Venue.id, Venue.name, Venue.name_en, Venue.closed_at, Site.name.label("site"), Site.name_en.label("site_en"), Site.path
    ).join(Site, Site.id == Venue.site_id)
    found = found.where(under(paths, Site.path), or_(says(Venue.search, words), _begins(Venue.code, words)))
    rows, count = _counted(session, found, Venue.code)
    hits = [
        Hit(str(row.id), row.name, row.name_en, row.site, row.site_en, (row.path,), closed=row.closed_at is not None)
        for row in rows
    ]
    return Group(Kind.VENUES, hits, count)


def _services(session: Session, words: str, paths: Sequence[str]) -> Group:
    """Of the menu that holds in the searcher's places: a branch sees the services of its centre."""
    above = or_(*(literal(path).startswith(Site.path) for path in paths))
    found = select(ServiceItem.id, ServiceItem.code, ServiceItem.name, ServiceItem.name_en, ServiceItem.closed_at, Site.path)
    found = found.join(Site, Site.id == ServiceItem.site_id)
    found = found.where(or_(above, under(paths, Site.path)), says(ServiceItem.search, words))
    rows, count = _counted(session, found, ServiceItem.position, ServiceItem.id)
    return Group(
        Kind.SERVICES,
        [
            Hit(str(row.id), row.name, row.name_en, paths=(row.path,), closed=row.closed_at is not None, code=row.code)
            for row in rows
        ],
        count,
    )


def _cases(session: Session, words: str, paths: Sequence[str]) -> Group:
    """By the number of the case or of the order that it is about; only for those who handle cases."""
    if not paths:
        return Group(Kind.CASES)
    found = select(Case.id, Case.number, Case.label, Case.site_path, Case.desk_path).where(
        under(paths, Case.site_path, Case.desk_path), or_(says(Case.number, words), says(Case.label, words))
    )
    rows, count = _counted(session, found, Case.id.desc())
    return Group(Kind.CASES, [Hit(row.number, row.number, row.number, row.label, row.label) for row in rows], count)


def _first(session: Session, ids: Select[Any], *order: Any) -> tuple[list[int], int]:
    """Return the first few ids and how many there are, counting no further than MANY."""
    some = ids.order_by(*order).limit(MANY + 1).subquery()
    found = list(session.scalars(select(some.c.id)))
    return found[:SHOWN], len(found)


def _counted(session: Session, found: Select[Any], *order: Any) -> tuple[list[Any], int]:
    """Return the first few rows and how many there are, counting no further than MANY."""
    rows = session.execute(found.order_by(*order).limit(MANY + 1)).all()
    return list(rows[:SHOWN]), len(rows)
