"""Rows that a test needs but is not about. Everything has a default; say only what matters."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from volunteer.access import Actor, Role
from volunteer.accounts.models import Person, RoleGrant
from volunteer.catalogue.models import Risk, ServiceCategory, ServiceItem, Skill
from volunteer.kernel import serials
from volunteer.kernel.text import search_text
from volunteer.orders.lifecycle import Status
from volunteer.orders.models import Offer, ServiceOrder
from volunteer.places.models import Site, SiteLevel
from volunteer.teams.models import MemberRole, Membership, Team, TeamClass, TeamSkill, Volunteer, VolunteerSkill

NOON = datetime(2026, 3, 4, 4, 0, tzinfo=UTC)  # a Wednesday, 12:00 in Shanghai
LONG_AGO = NOON - timedelta(days=400)
ALWAYS = "f" * 42
_next = count(1)


def a_site(session: Session, parent: Site | None = None, level: SiteLevel | None = None, **values: Any) -> Site:
    """A centre, or what lies below ``parent``: a branch under a centre, a station under a branch."""
    n = next(_next)
    if level is None:
        below = {None: SiteLevel.CENTRE, SiteLevel.CENTRE: SiteLevel.BRANCH}
        level = below.get(parent.level if parent else None, SiteLevel.STATION)
    site = Site(
        parent=parent,
        path=f"draft{n}",
        level=level,
        code=f"S{n}",
        name=values.pop("name", f"第{n}站"),
        name_en=values.pop("name_en", f"Site {n}"),
        latitude=values.pop("latitude", 31.16),
        longitude=values.pop("longitude", 120.64),
        phone="0512-00000000",
        head="沈明",
        **values,
    )
    session.add(site)
    session.flush()  # the path needs the id
    site.path = f"{parent.path if parent else '/'}{site.id}/"
    site.search = search_text(site.name)
    session.flush()  # later rows copy the path
    return site


def a_county(session: Session) -> tuple[Site, Site, Site]:
    """A centre, one branch and one station."""
    centre = a_site(session)
    branch = a_site(session, centre)
    return centre, branch, a_site(session, branch)


def a_person(session: Session, name: str = "李试", phone: str | None = None, **values: Any) -> Person:
    """Somebody with a phone of their own."""
    phone = phone or f"199{next(_next):08d}"
    person = Person(name=name, registered_at=LONG_AGO, **values)
    keyring = session.info["keyring"]
    person.wrapped_key = keyring.new_data_key(person.uid)
    session.add(person)
    person.phone = phone
    person.phone_index = keyring.blind("phone", phone)
    session.flush()  # the id is wanted
    return person


def an_actor(person: Person | None = None, *grants: tuple[Role, Site | str], leads: set[int] | None = None) -> Actor:
    """Somebody who acts, with roles over sites."""
    pairs = frozenset((role, place if isinstance(place, str) else place.path) for role, place in grants)
    return Actor(person.id if person else None, pairs, frozenset(leads or ()), name=person.name if person else "")


def staff(session: Session, role: Role, site: Site, name: str = "赵试") -> Actor:
    """A member of staff with one role over ``site``, stored and as an actor."""
    person = a_person(session, name)
    session.add(RoleGrant(person_id=person.id, role=role, site_id=site.id, since=LONG_AGO))
    session.flush()  # log-ins read the grant
    return an_actor(person, (role, site))


def a_skill(session: Session, code: str = "electric", **values: Any) -> Skill:
    """The skill ``code``, made when missing."""
    skill = session.scalar(select(Skill).where(Skill.code == code))
    if skill is None:
        skill = Skill(code=code, name=values.pop("name", code), name_en=values.pop("name_en", code), **values)
        session.add(skill)
        session.flush()  # the id is wanted
    return skill


def an_item(session: Session, centre: Site, *, skills: tuple[str, ...] = ("electric",), **values: Any) -> ServiceItem:
    """A line of the menu."""
    category = session.scalar(select(ServiceCategory).where(ServiceCategory.code == "repair"))
    if category is None:
        category = ServiceCategory(code="repair", name="水电维修", name_en="Repairs", icon="lightbulb", position=1)
        session.add(category)
    item = ServiceItem(
        site_id=centre.id,
        category=category,
        code=f"item{next(_next)}",
        name=values.pop("name", "换灯管"),
        name_en=values.pop("name_en", "Replace a lamp"),
        minutes=values.pop("minutes", 40),
        risk=values.pop("risk", Risk.LOW),
        reply_minutes=values.pop("reply_minutes", 120),
        **values,
    )
    item.skills = [a_skill(session, code) for code in skills]
    item.search = search_text(item.name, item.name_en)
    session.add(item)
    session.flush()  # the id is wanted
    return item


def a_volunteer(session: Session, site: Site, name: str = "陈试", skills: tuple[str, ...] = (), **values: Any) -> Volunteer:
    """A volunteer who can do ``skills``."""
    person = a_person(session, name, born_on=values.pop("born_on", NOON.date().replace(year=1980)))
    volunteer = Volunteer(
        id=person.id,
        number=f"WJ-0000-{next(_next):04d}",
        site_id=site.id,
        insured_until=values.pop("insured_until", NOON.date().replace(year=2030)),
        registered_at=LONG_AGO,
        **values,
    )
    session.add(volunteer)
    session.flush()  # members point at it
    for code in skills:
        session.add(VolunteerSkill(volunteer_id=volunteer.id, skill_id=a_skill(session, code).id, proficiency=0.9))
    session.flush()  # so that it can be read back at once
    return volunteer


def a_team(session: Session, site: Site, *, skills: tuple[str, ...] = ("electric",), members: int = 2, **values: Any) -> Team:
    """A team at ``site``, always available, its first member the leader."""
    n = next(_next)
    kind = session.scalar(select(TeamClass).where(TeamClass.code == "other"))
    if kind is None:
        kind = TeamClass(code="other", name="其他", name_en="Other")
        session.add(kind)
    team = Team(
        site_id=site.id,
        site_path=site.path,
        kind=kind,
        code=f"T{n}",
        name=values.pop("name", f"第{n}服务队"),
        name_en=values.pop("name_en", f"Team {n}"),
        latitude=values.pop("latitude", site.latitude),
        longitude=values.pop("longitude", site.longitude),
        reach_km=values.pop("reach_km", 15.0),
        capacity=values.pop("capacity", 4),
        hours=values.pop("hours", ALWAYS),
        insured_until=values.pop("insured_until", NOON.date().replace(year=2030)),
        founded_at=LONG_AGO,
        **values,
    )
    team.search = search_text(team.name, team.name_en)
    session.add(team)
    session.flush()  # members point at it
    for position in range(members):
        volunteer = a_volunteer(session, site, f"队员{position}", skills)
        role = MemberRole.MEMBER if position else MemberRole.LEADER
        session.add(Membership(team_id=team.id, volunteer_id=volunteer.id, role=role, since=team.founded_at))
    for code in skills:
        session.add(
            TeamSkill(
                team_id=team.id,
                skill_id=a_skill(session, code).id,
                proficiency=0.9,
                members=members,
                insured_until=NOON.date().replace(year=2030),
            )
        )
    session.flush()  # so that it can be read back at once
    return team


def leader_of(session: Session, team: Team) -> Actor:
    """The leader of ``team`` as an actor."""
    person = session.scalars(
        select(Person)
        .join(Membership, Membership.volunteer_id == Person.id)
        .where(Membership.team_id == team.id, Membership.role == MemberRole.LEADER)
    ).one()
    county = "/" + team.site_path.split("/")[1] + "/"
    return an_actor(person, (Role.TEAM_LEADER, county), leads={team.id})


def an_order(
    session: Session, site: Site, *, item: ServiceItem | None = None, status: Status = Status.PLACED, **values: Any
) -> ServiceOrder:
    """An order at a station, put straight into ``status``: for tests that are not about how it came there."""
    n = next(_next)
    branch = site.parent or site
    order = ServiceOrder(
        number=serials.order_number(NOON.date(), n),
        secret_hash=f"{n:064d}",
        status=status,
        resident=values.pop("resident", None) or a_person(session, "李奶奶"),
        item=item,
        site=site,
        site_path=site.path,
        desk=branch,
        desk_path=branch.path,
        place=values.pop("place", "鲈乡二村"),
        latitude=values.pop("latitude", site.latitude),
        longitude=values.pop("longitude", site.longitude),
        placed_at=values.pop("placed_at", NOON - timedelta(minutes=30)),
        due_at=values.pop("due_at", NOON + timedelta(hours=1)),
        **values,
    )
    session.add(order)
    order.phone, order.contact, order.door = "19900000000", "李奶奶", "3幢201室"
    order.code, order.start_code = "123456", "4072"
    session.flush()  # the id is wanted
    return order


def an_offer(session: Session, order: ServiceOrder, team: Team, **values: Any) -> Offer:
    """An open offer of ``order`` to ``team``, good for two hours."""
    offer = Offer(
        order=order,
        team=team,
        made_at=values.pop("made_at", NOON - timedelta(minutes=5)),
        expires_at=values.pop("expires_at", NOON + timedelta(hours=2)),
        score=0.8,
        rank=1,
        candidates=1,
        metres=1200.0,
        reasons={},
        policy_version="test",
        **values,
    )
    session.add(offer)
    session.flush()  # the id is wanted
    return offer
