"""Looking up many people at once: by phone, identity number and volunteer number, without reading what is sealed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeVar

from sqlalchemy import delete, inspect, select
from sqlalchemy.orm import Session

from volunteer.access import Actor, Permission
from volunteer.accounts.models import Person
from volunteer.catalogue.models import Skill
from volunteer.exchange.hours import Span
from volunteer.exchange.using import OTHER, WORDS
from volunteer.kernel.db import Base
from volunteer.ledger.models import Account
from volunteer.places.models import Site
from volunteer.teams.models import Availability, MemberRole, Membership, Standing, Team, Volunteer, VolunteerSkill

AT_ONCE = 500
OWN = frozenset({"volunteers", "volunteer_skills", "availabilities", "memberships", "role_grants", "consents"})
Item = TypeVar("Item")


@dataclass
class Teams:
    """Open teams that a sheet may name."""

    by_code: dict[str, Team] = field(default_factory=dict)
    by_name: dict[str, list[str]] = field(default_factory=dict)
    led: set[str] = field(default_factory=set)  # those that have a leader


@dataclass
class Known:
    """A volunteer as a sheet shows one; ``phone`` is empty unless it was asked for."""

    id: int
    name: str
    phone_index: str
    phone: str
    born_on: date | None
    number: str
    site: str
    insured_until: date | None
    skills: tuple[str, ...] = ()
    hours: tuple[Span, ...] = ()
    teams: tuple[str, ...] = ()
    role: MemberRole = MemberRole.MEMBER
    closed: bool = False


def teams(session: Session, actor: Actor, permission: Permission) -> Teams:
    """Return the open teams under the actor's places."""
    found = Teams()
    for team in session.scalars(select(Team).where(Team.closed_at.is_(None)).order_by(Team.code)):
        if actor.can(permission, at=team.site_path):
            found.by_code[team.code] = team
            for name in {team.name, team.name_en} - {""}:
                found.by_name.setdefault(name, []).append(team.code)
    leading = select(Team.code).join(Membership, Membership.team_id == Team.id)
    found.led = set(session.scalars(leading.where(Membership.role == MemberRole.LEADER, Membership.until.is_(None))))
    return found


def people_by_phone(session: Session, phones: Iterable[str]) -> dict[str, dict[str, int]]:
    """Return by phone the names and ids of those who have it."""
    blind = session.info["keyring"].blind
    phone_of = {blind("phone", phone): phone for phone in phones}
    found: dict[str, dict[str, int]] = {}
    columns = (Person.phone_index, Person.name, Person.id)
    for some in _pieces(list(phone_of)):
        wanted = select(*columns).where(
            Person.phone_index.in_(some), Person.disabled_at.is_(None), Person.wrapped_key.is_not(None)
        )
        for index, name, number in session.execute(wanted.order_by(Person.id.desc())):
            found.setdefault(phone_of[index], {})[name] = number
    return found


def people_by_document(session: Session, documents: Iterable[str]) -> dict[str, int]:
    """Return by identity number the id of the person who has it."""
    blind = session.info["keyring"].blind
    document_of = {blind("document", document.upper()): document for document in documents}
    found: dict[str, int] = {}
    for some in _pieces(list(document_of)):
        for index, number in session.execute(select(Person.document_index, Person.id).where(Person.document_index.in_(some))):
            found[document_of[index]] = number
    return found


def volunteers_by_number(session: Session, numbers: Iterable[str]) -> dict[str, int]:
    """Return by volunteer number the id of the volunteer."""
    found: dict[str, int] = {}
    for some in _pieces(sorted(numbers)):
        rows = session.execute(select(Volunteer.number, Volunteer.id).where(Volunteer.number.in_(some)))
        found |= dict(rows.tuples().all())
    return found


def volunteers_under(session: Session, codes: Iterable[str], sites: Mapping[str, Site]) -> list[int]:
    """Return the ids of the volunteers of these places."""
    ids: list[int] = []
    for some in _pieces([sites[code].id for code in sorted(codes)]):
        ids += session.scalars(select(Volunteer.id).where(Volunteer.site_id.in_(some)).order_by(Volunteer.id))
    return ids


def volunteers(session: Session, ids: Sequence[int], *, private: bool) -> Iterator[Known]:
    """Yield those of the people who are volunteers, with skills, hours and teams; their phones only when ``private``."""
    for some in _pieces(list(ids)):
        found: dict[int, Known] = {}
        rows = (
            select(Volunteer, Person, Site.code).join(Person, Person.id == Volunteer.id).join(Site, Site.id == Volunteer.site_id)
        )
        for volunteer, person, site in session.execute(rows.where(Volunteer.id.in_(some)).order_by(Volunteer.id)):
            phone = (person.phone or "") if private else ""
            found[person.id] = Known(
                person.id, person.name, person.phone_index or "", phone, person.born_on, volunteer.number, site,
                volunteer.insured_until, closed=volunteer.standing not in {Standing.ACTIVE, Standing.WAITING},
            )  # fmt: skip
        skills = select(VolunteerSkill.volunteer_id, Skill.code).join(Skill, Skill.id == VolunteerSkill.skill_id)
        for person_id, code in session.execute(skills.where(VolunteerSkill.volunteer_id.in_(some)).order_by(Skill.code)):
            found[person_id].skills += (code,)
        spans = select(Availability.volunteer_id, Availability.weekday, Availability.begins, Availability.ends)
        order = (Availability.weekday, Availability.begins)
        for person_id, day, begins, ends in session.execute(spans.where(Availability.volunteer_id.in_(some)).order_by(*order)):
            found[person_id].hours += ((day, begins, ends),)
        inside = select(Membership.volunteer_id, Team.code, Membership.role).join(Team, Team.id == Membership.team_id)
        present = (Membership.volunteer_id.in_(some), Membership.until.is_(None))
        for person_id, code, role in session.execute(inside.where(*present).order_by(Team.code)):
            found[person_id].teams += (code,)
            found[person_id].role = role if role is not MemberRole.MEMBER else found[person_id].role
        for one in found.values():
            one.skills, one.teams = tuple(sorted(one.skills)), tuple(sorted(one.teams))
        yield from found.values()


def deeds(session: Session, things: Mapping[int, str]) -> dict[int, list[tuple[str, int]]]:
    """Return by id what points at volunteers beyond what registering made, as (msgid, how many)."""
    found: dict[int, dict[str, int]] = {}
    people, volunteers_table = inspect(Person).local_table, inspect(Volunteer).local_table
    for table in Base.metadata.sorted_tables:
        if table.name in OWN:
            continue
        for key in table.foreign_keys:
            if key.column.table not in (people, volunteers_table):
                continue
            for some in _pieces(list(things)):
                for number in session.scalars(select(key.parent).where(key.parent.in_(some))):
                    if key.column.table is volunteers_table or things[number].startswith("person:"):
                        words = WORDS.get(table.name, OTHER)
                        found.setdefault(number, {})[words] = found.get(number, {}).get(words, 0) + 1
    for some in _pieces(list(things)):
        owners = {f"person:{number}": number for number in some}
        for owner in session.scalars(select(Account.owner).where(Account.owner.in_(list(owners)))):
            found.setdefault(owners[owner], {})[WORDS["ledger"]] = 1
    return {number: sorted(words.items()) for number, words in found.items()}


def let_go(session: Session, things: Sequence[str]) -> list[int]:
    """Delete volunteers that did nothing ("person:7" with the person, "volunteer:7" without); return the ids of their teams."""
    tables = {table.name: table for table in Base.metadata.sorted_tables}
    left: set[int] = set()
    for some in _pieces(list(things)):
        ids = [int(thing.split(":")[1]) for thing in some]
        new = [int(thing.split(":")[1]) for thing in some if thing.startswith("person:")]
        left |= set(session.scalars(select(Membership.team_id).where(Membership.volunteer_id.in_(ids))))
        for name in ("volunteer_skills", "availabilities", "memberships"):
            session.execute(delete(tables[name]).where(tables[name].c.volunteer_id.in_(ids)))
        session.execute(delete(tables["volunteers"]).where(tables["volunteers"].c.id.in_(ids)))
        grants = tables["role_grants"]
        session.execute(delete(grants).where(grants.c.person_id.in_(ids), grants.c.role == "volunteer"))
        for name in ("role_grants", "consents"):
            session.execute(delete(tables[name]).where(tables[name].c.person_id.in_(new)))
        session.execute(delete(tables["people"]).where(tables["people"].c.id.in_(new)))
    return sorted(left)


def _pieces(items: list[Any]) -> Iterator[list[Any]]:
    for start in range(0, len(items), AT_ONCE):
        yield items[start : start + AT_ONCE]
