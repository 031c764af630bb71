"""Who of a team could go on a visit: its members with what the rule of fitness needs to know. Reads only."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import BindParameter, bindparam, select
from sqlalchemy.orm import Session

from volunteer.accounts.models import Person
from volunteer.catalogue.models import Risk, ServiceCategory, Skill
from volunteer.kernel.clock import local_date, zone_of
from volunteer.kernel.geo import Point
from volunteer.orders.lifecycle import WITH_TEAM
from volunteer.orders.models import ServiceOrder, Visitor
from volunteer.orders.visits.lifecycle import VisitorState
from volunteer.places.models import Site
from volunteer.places.policies import visits_at
from volunteer.teams.ages import is_guarded
from volunteer.teams.fit import DAY_MINUTES, Member, Pace, Task, Visit
from volunteer.teams.models import Availability, MemberRole, Membership, Standing, Volunteer, VolunteerSkill
from volunteer.teams.models_volunteers import DayOff, Guardian, Wish
from volunteer.teams.rules import by_daylight

USUAL_MINUTES = 60  # of an order without a line of the menu

# Put together once: every choice of members asks all six.
PEOPLE: BindParameter[int] = bindparam("people", expanding=True)
MEMBERS = (
    select(
        Membership.role,
        Volunteer,
        Person.name,
        Person.born_on,
        Site.latitude,
        Site.longitude,
        Guardian.consented_at,
        Guardian.heard_at,
    )
    .join(Volunteer, Volunteer.id == Membership.volunteer_id)
    .join(Person, Person.id == Membership.volunteer_id)
    .join(Site, Site.id == Volunteer.site_id)
    .outerjoin(Guardian, Guardian.volunteer_id == Person.id)
    .where(
        Membership.team_id == bindparam("team"),
        Membership.since <= bindparam("at"),
        Membership.until.is_(None) | (Membership.until > bindparam("at")),
        Person.disabled_at.is_(None),
        Volunteer.standing == Standing.ACTIVE,
    )
    .order_by(Person.id)
)
DAYS = select(DayOff).where(DayOff.volunteer_id.in_(PEOPLE), DayOff.last >= bindparam("today"))
WISHES = (
    select(Wish.volunteer_id, ServiceCategory.code)
    .join(ServiceCategory, ServiceCategory.id == Wish.category_id)
    .where(Wish.volunteer_id.in_(PEOPLE), Wish.likes.is_(False))
)
SKILLS = (
    select(VolunteerSkill.volunteer_id, Skill.code, VolunteerSkill.licence_until)
    .join(Skill, Skill.id == VolunteerSkill.skill_id)
    .where(VolunteerSkill.volunteer_id.in_(PEOPLE))
)
HOURS = select(Availability.volunteer_id, Availability.weekday, Availability.begins, Availability.ends).where(
    Availability.volunteer_id.in_(PEOPLE)
)
VISITS = (
    select(
        Visitor.volunteer_id,
        ServiceOrder.visit_begins,
        ServiceOrder.visit_ends,
        ServiceOrder.latitude,
        ServiceOrder.longitude,
    )
    .join(ServiceOrder, ServiceOrder.id == Visitor.order_id)
    .where(
        Visitor.volunteer_id.in_(PEOPLE),
        Visitor.state == VisitorState.GOING,
        ServiceOrder.status.in_(sorted(WITH_TEAM)),
        ServiceOrder.id != bindparam("but"),
        ServiceOrder.visit_begins.is_not(None),
    )
)


@dataclass(frozen=True, slots=True)
class Mate:
    """A member of the team: the name that the leader reads, and what the rule needs."""

    id: int
    name: str
    role: MemberRole
    member: Member


def crew_of(session: Session, order: ServiceOrder, *, at: datetime, team_id: int | None = None) -> list[Mate]:
    """Return the present members of the order's team (or of one that was asked), the leader first, with their other visits.

    Six queries.
    """
    rows = session.execute(MEMBERS, {"team": team_id or order.team_id, "at": at}).all()
    ids = [row[1].id for row in rows]
    skills = _skills(session, ids)
    hours = _hours(session, ids)
    visits = visits_of(session, ids, but=order.id)
    today = local_date(at, zone_of(session))
    days, unwished = _days(session, ids, today), _unwished(session, ids)
    mates = [
        Mate(
            volunteer.id,
            name,
            role,
            Member(
                volunteer.id,
                skills.get(volunteer.id, {}),
                born_on=born_on,
                insured_until=volunteer.insured_until,
                paused_until=volunteer.paused_until,
                hours=tuple(by_daylight(hours.get(volunteer.id, [])) if volunteer.by_day else hours.get(volunteer.id, [])),
                visits=tuple(visits.get(volunteer.id, ())),
                guarded=is_guarded(born_on, today, consented=consented is not None, heard=heard is not None),
                away=tuple((day.first, day.last) for day in days.get(volunteer.id, ()) if not day.free),
                extra=tuple(
                    (day.first, day.begins or 0, day.ends or DAY_MINUTES) for day in days.get(volunteer.id, ()) if day.free
                ),
                unwished=frozenset(unwished.get(volunteer.id, ())),
                home=Point(latitude, longitude),
                reach_km=volunteer.reach_km,
            ),
        )
        for role, volunteer, name, born_on, latitude, longitude, consented, heard in rows
    ]
    first = {MemberRole.LEADER: 0, MemberRole.DEPUTY: 1, MemberRole.MEMBER: 2}
    return sorted(mates, key=lambda mate: (first[mate.role], mate.id))


def papers_of(session: Session, order: ServiceOrder, *, at: datetime) -> list[Mate]:
    """Return the present members of the order's team with what the law asks of them, and nothing that they once wished.

    Two queries; one where no skill is asked for.
    """
    rows = session.execute(MEMBERS, {"team": order.team_id, "at": at}).all()
    asked = order.item is not None and bool(order.item.skills)
    skills = _skills(session, [row[1].id for row in rows]) if asked else {}
    today = local_date(at, zone_of(session))
    return [
        Mate(
            volunteer.id,
            name,
            role,
            Member(
                volunteer.id,
                skills.get(volunteer.id, {}),
                born_on=born_on,
                insured_until=volunteer.insured_until,
                guarded=is_guarded(born_on, today, consented=consented is not None, heard=heard is not None),
            ),
        )
        for role, volunteer, name, born_on, _, _, consented, heard in rows
    ]


def task_of(order: ServiceOrder, begins: datetime) -> Task:
    """Return what the order asks of whoever goes at ``begins``."""
    item = order.item
    minutes = item.minutes if item else USUAL_MINUTES
    skills = item.skills if item else []
    return Task(
        skills=frozenset(skill.code for skill in skills),
        licensed=frozenset(skill.code for skill in skills if skill.licensed),
        risky=item is not None and item.risk is Risk.HIGH,
        begins=begins,
        ends=begins + timedelta(minutes=minutes),
        point=Point(order.latitude, order.longitude),
        kind=item.category.code if item else "",
    )


def pace_at(session: Session, order: ServiceOrder, at: datetime) -> Pace:
    """Return how people get about where the order is."""
    terms = visits_at(session, order.site_path, at)
    return Pace(terms.travel_kmh, terms.travel_minutes)


def visits_of(session: Session, volunteer_ids: Iterable[int], *, but: int | None = None) -> dict[int, list[Visit]]:
    """Return the other visits that members have promised or are on, by member."""
    rows = session.execute(VISITS, {"people": list(volunteer_ids), "but": but or 0})
    found: dict[int, list[Visit]] = {}
    for volunteer_id, begins, ends, latitude, longitude in rows:
        visit = Visit(begins, ends or begins + timedelta(minutes=USUAL_MINUTES), Point(latitude, longitude))
        found.setdefault(volunteer_id, []).append(visit)
    return found


def _days(session: Session, ids: list[int], today: date) -> dict[int, list[DayOff]]:
    found: dict[int, list[DayOff]] = {}
    for day in session.scalars(DAYS, {"people": ids, "today": today}):
        found.setdefault(day.volunteer_id, []).append(day)
    return found


def _unwished(session: Session, ids: list[int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for volunteer_id, code in session.execute(WISHES, {"people": ids}):
        found.setdefault(volunteer_id, []).append(code)
    return found


def _skills(session: Session, ids: list[int]) -> dict[int, dict[str, date | None]]:
    rows = session.execute(SKILLS, {"people": ids})
    found: dict[int, dict[str, date | None]] = {}
    for volunteer_id, code, licence_until in rows:
        found.setdefault(volunteer_id, {})[code] = licence_until
    return found


def _hours(session: Session, ids: list[int]) -> dict[int, list[tuple[int, int, int]]]:
    rows = session.execute(HOURS, {"people": ids})
    found: dict[int, list[tuple[int, int, int]]] = {}
    for volunteer_id, weekday, begins, ends in rows:
        found.setdefault(volunteer_id, []).append((weekday, begins, ends))
    return found
