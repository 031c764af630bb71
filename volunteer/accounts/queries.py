"""Who somebody is and what they may do now. Reads only."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Select, and_, bindparam, or_, select
from sqlalchemy.orm import Session, aliased, joinedload, selectinload

from volunteer.access import Actor, Role, county_of
from volunteer.accounts.models import Brought, Person, RoleGrant
from volunteer.accounts.models_entering import SecondFactor
from volunteer.places.models import Site

LedBy = Callable[[Session, int, datetime], Iterable[tuple[int, str]]]  # (team's id, path of its site)


class Acting(NamedTuple):
    """A person who may act now, as whom, and whether logging in took (or takes next time) a second proof."""

    person: Person
    actor: Actor
    two_factors: bool


HOLDS = and_(
    RoleGrant.person_id == Person.id,
    RoleGrant.since <= bindparam("at"),
    or_(RoleGrant.until.is_(None), RoleGrant.until > bindparam("at")),
)
ACTING = (  # asked in every request, so put together once
    select(Person, RoleGrant.role, Site.path, SecondFactor.confirmed_at)
    .outerjoin(RoleGrant, HOLDS)
    .outerjoin(Site, Site.id == RoleGrant.site_id)
    .outerjoin(SecondFactor, SecondFactor.person_id == Person.id)
    .where(Person.id == bindparam("person"), Person.disabled_at.is_(None))
)


def led_by_nobody(session: Session, person_id: int, at: datetime) -> Iterable[tuple[int, str]]:
    """Where no teams are known, nobody leads one."""
    return ()


def load_actor(session: Session, person_id: int, at: datetime, led_by: LedBy = led_by_nobody) -> Acting | None:
    """Return the person with every grant that holds at ``at`` and the teams led, in two queries.

    None when the account does not exist or is disabled. Who leads a team is a TEAM_LEADER over the team's whole
    county: a team may serve anywhere in it, and ``leads`` says which offers are theirs.
    """
    rows = session.execute(ACTING, {"person": person_id, "at": at}).all()
    if not rows:
        return None
    person: Person = rows[0][0]
    grants = {(row.role, row.path) for row in rows if row.role is not None}
    leads = list(led_by(session, person_id, at))
    grants |= {(Role.TEAM_LEADER, county_of(path)) for _, path in leads}
    actor = Actor(person.id, frozenset(grants), frozenset(team for team, _ in leads), name=person.name)
    return Acting(person, actor, rows[0].confirmed_at is not None)


def by_login_name(session: Session, login_name: str) -> Person | None:
    """Return the person who logs in by that name."""
    return session.scalar(select(Person).where(Person.login_name == login_name.strip().lower()))


def by_phone(session: Session, phone: str) -> Sequence[Person]:
    """Return everybody with that phone who may act, first registered first: a household may share one."""
    index = session.info["keyring"].blind("phone", phone)
    found = select(Person).where(Person.phone_index == index, Person.disabled_at.is_(None))
    return session.scalars(found.order_by(Person.id)).all()


def selves(session: Session, person_id: int) -> list[int]:
    """Return the numbers of every entry that somebody has had here: their own, and those that were merged into it."""
    return selves_of(session, [person_id])[person_id]


def selves_of(session: Session, ids: Collection[int]) -> dict[int, list[int]]:
    """Return the same of many people at once, by their numbers."""
    merged = select(Brought.person_id, Brought.from_id).where(Brought.person_id.in_(ids), Brought.ended_at.is_(None))
    found = {person_id: [person_id] for person_id in ids}
    for person_id, from_id in session.execute(merged.order_by(Brought.id)).tuples():
        found[person_id].append(from_id)
    return found


def all_selves(session: Session, person_id: int) -> list[int]:
    """Return the same when ``person_id`` may itself have been merged away: the whole of who it is part of now."""
    near = or_(Brought.person_id == person_id, Brought.from_id == person_id)
    rows = session.execute(select(Brought).where(near, Brought.ended_at.is_(None)).order_by(Brought.id)).scalars().all()
    into = [row.person_id for row in rows if row.from_id == person_id]
    return selves(session, into[-1]) if into else [person_id, *(row.from_id for row in rows)]


def stayed() -> Select[tuple[int, int]]:
    """Return the query of every entry that was merged away (``from_id``) beside the one it is part of now (``person_id``)."""
    later = aliased(Brought)
    again = select(later.id).where(later.from_id == Brought.from_id, later.id > Brought.id, later.ended_at.is_(None))
    gone = select(Brought.from_id, Brought.person_id).join(Person, Person.id == Brought.from_id)
    return gone.where(Brought.ended_at.is_(None), Person.disabled_at.is_not(None), ~again.exists())


def names_of(session: Session, ids: Iterable[int]) -> dict[int, str]:
    """Return people's names by their ids."""
    found = select(Person.id, Person.name).where(Person.id.in_(set(ids)))
    return dict(session.execute(found).tuples().all())


def is_guest(person: Person) -> bool:
    """Whether somebody is known only because they asked for help: never had a role, a log-in name or a closed account."""
    return not (person.grants or person.login_name or person.disabled_at or person.is_forgotten)


def same_phone(session: Session, person: Person) -> list[Person]:
    """Return the person and whoever asked for help under the same phone without an account: they are theirs.

    Only for somebody who comes in by a code sent to that phone; a password proves no phone.
    """
    if person.phone_index is None or person.password_hash is not None:
        return [person]
    found = select(Person).where(Person.phone_index == person.phone_index, Person.id != person.id)
    others = session.scalars(found.options(selectinload(Person.grants)).order_by(Person.id)).all()
    return [person, *(other for other in others if is_guest(other))]


def grants_of(session: Session, person_id: int) -> Sequence[RoleGrant]:
    """Return every grant a person ever had, with its site, the newest first."""
    found = select(RoleGrant).options(joinedload(RoleGrant.site)).where(RoleGrant.person_id == person_id)
    return session.scalars(found.order_by(RoleGrant.since.desc(), RoleGrant.id.desc())).all()
