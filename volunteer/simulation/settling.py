"""Settling the county: places, menu, rules, staff, volunteers and teams, all through the verbs that a real one uses."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from itertools import islice
from typing import NamedTuple

from sqlalchemy.orm import Session

from volunteer.access import SYSTEM, Role
from volunteer.accounts.registering import PersonDraft, register_person
from volunteer.catalogue.editing import ItemDraft, add_category, add_item, add_skill
from volunteer.catalogue.models import QuestionKind, Risk
from volunteer.catalogue.questions import QuestionDraft
from volunteer.kernel.clock import local_date, zone_of
from volunteer.kernel.geo import Point
from volunteer.places.adopting import adopt_policy
from volunteer.places.founding import SiteDraft, VenueDraft, found_site, found_venue, keep_calendar
from volunteer.places.models import Mark, PolicyKind, Site
from volunteer.simulation import county, crews, people, personas, shapes, skills
from volunteer.simulation.menu import Item, menu
from volunteer.simulation.progress import Progress
from volunteer.simulation.sizes import BROUGHT, VENUES, Size
from volunteer.teams.enrolling import TeamDraft, VolunteerDraft, add_team_class, enrol_volunteers, found_team, join_teams
from volunteer.teams.models import MemberRole, Team
from volunteer.teams.refreshing import refresh_teams

FOUNDED = timedelta(days=1000)  # before the day of filling
BATCH = 2000
SURE = 4  # of each team can do everything, are adult and insured


class Place(NamedTuple):
    """A site that was founded: what the story needs of it."""

    id: int
    code: str
    name: str
    point: Point
    branch: str  # the code of its branch; its own for a branch


@dataclass
class World:
    """What was settled: ids by the codes of the plan."""

    seed: int
    at: datetime
    today: date
    centre: int = 0
    sites: dict[str, Site] = field(default_factory=dict)
    stations: list[Place] = field(default_factory=list)
    items: dict[str, int] = field(default_factory=dict)
    people: dict[str, int] = field(default_factory=dict)  # personas by key
    desks: dict[str, int] = field(default_factory=dict)  # dispatchers by the code of their branch
    leaders: dict[int, int] = field(default_factory=dict)  # person by team
    home_team: int = 0


def settle(session: Session, seed: int, size: Size, progress: Progress, *, at: datetime) -> World:
    """Found the whole county of that size, as it stands on the day of ``at``."""
    world = World(seed, at, local_date(at, zone_of(session)))
    branches = county.branches(seed, VENUES - BROUGHT)
    _places(session, world, branches, progress)
    _menu(session, world)
    _staff(session, world)
    progress.step("menu", 1, 1)
    _volunteers(session, world, branches, size, progress)
    return world


def _places(session: Session, world: World, branches: list[county.Branch], progress: Progress) -> None:
    long_ago = world.at - FOUNDED
    centre = found_site(session, SYSTEM, _draft(county.centre()), at=long_ago)
    world.centre = centre.id
    world.sites[centre.code] = centre
    for number, branch in enumerate(branches, start=1):
        site = world.sites[branch.spot.code] = found_site(session, SYSTEM, _draft(branch.spot), centre, at=long_ago)
        for spot in branch.stations:
            station = world.sites[spot.code] = found_site(session, SYSTEM, _draft(spot), site, at=long_ago)
            world.stations.append(Place(station.id, spot.code, spot.name, _point(spot), branch.spot.code))
            for venue in branch.venues.get(spot.code, ()):
                draft = VenueDraft(code=venue.code, name=venue.name, name_en=venue.name_en, kind=venue.kind, point=_point(venue))
                found_venue(session, SYSTEM, station, draft, at=long_ago)
        progress.step("places", number, len(branches))
    session.merge(Mark(name="water", value=shapes.water()))
    for kind in PolicyKind:
        adopt_policy(session, SYSTEM, centre, kind, {}, valid_from=long_ago, at=long_ago)
    keep_calendar(session, SYSTEM, centre, holidays(world.today), at=long_ago)


def holidays(today: date) -> dict[date, tuple[bool, str, str]]:
    """Return the fixed days off around ``today``. A real centre imports each year's official calendar."""
    days: dict[date, tuple[bool, str, str]] = {}
    for year in range(today.year - 1, today.year + 2):
        days[date(year, 1, 1)] = (False, "元旦", "New Year's Day")
        days[date(year, 5, 1)] = (False, "劳动节", "Labour Day")
        for day in (1, 2, 3):
            days[date(year, 10, day)] = (False, "国庆节", "National Day")
    return days


def _menu(session: Session, world: World) -> None:
    long_ago = world.at - FOUNDED
    for code, name, name_en, licensed in skills.SKILLS:
        add_skill(session, SYSTEM, code, name, name_en, licensed=licensed, at=long_ago)
    for code, name, name_en, standing in skills.CLASSES:
        add_team_class(session, SYSTEM, code, name, name_en, standing=standing, at=long_ago)
    for one in menu().categories:
        add_category(
            session, SYSTEM, one.code, one.name, one.name_en, one.icon, elder=one.elder, elder_en=one.elder_en, at=long_ago
        )
    centre = world.sites[county.CENTRE[0]]
    for item in menu().items:
        world.items[item.code] = add_item(session, SYSTEM, centre, _item(item), at=long_ago).id


def _staff(session: Session, world: World) -> None:
    """Make the personas, and a dispatcher at each branch."""
    rng = random.Random(f"staff {world.seed}")  # noqa: S311 - invented people
    station = next(place for place in world.stations if place.name == personas.HOME_STATION)
    places = {
        "centre": world.sites[county.CENTRE[0]],
        "branch": world.sites[personas.HOME_BRANCH],
        "station": world.sites[station.code],
    }
    for number, one in enumerate(personas.PERSONAS, start=1):
        born_on = date(one.born, 1 + number, 10 + number)
        draft = PersonDraft(
            name=one.name,
            phone=one.phone,
            document=people.identity_number(born_on, 900 + number),
            born_on=born_on,
            login_name=one.key,
            password=personas.PASSWORD,
        )
        granted = None if one.role is Role.VOLUNTEER else one.role  # volunteers are granted theirs when they enrol
        person = register_person(session, SYSTEM, draft, at=world.at - FOUNDED, role=granted, site=places[one.place])
        world.people[one.key] = person.id
    for number, (code, *_) in enumerate(county.BRANCHES, start=1):
        draft = PersonDraft(name=people.full_name(rng), phone=f"138000091{number:02d}")
        person = register_person(session, SYSTEM, draft, at=world.at - FOUNDED, role=Role.DISPATCHER, site=world.sites[code])
        world.desks[code] = person.id


def _volunteers(session: Session, world: World, branches: list[county.Branch], size: Size, progress: Progress) -> None:
    plan = crews.crews(world.seed, branches, county.centre(), size.teams, size.volunteers)
    teams = _found_teams(session, world, plan, progress)
    seats = list(_seats(plan, size.settled))
    drafts = _drafts(world, plan, seats, branches)
    ids: list[int] = []
    while batch := list(islice(drafts, BATCH)):
        ids += enrol_volunteers(session, SYSTEM, batch, at=world.at)
        progress.step("volunteers", len(ids), len(seats))
    joins = [(teams[crew], person, _role(place)) for person, (crew, place) in zip(ids, seats, strict=False)]
    for start in range(0, len(joins), BATCH):
        join_teams(session, SYSTEM, joins[start : start + BATCH], at=world.at - timedelta(days=70), refresh=False)
    world.leaders = {team.id: person for team, person, role in joins if role is MemberRole.LEADER}
    refresh_teams(session, [team.id for team in teams], at=world.at)


def _found_teams(session: Session, world: World, plan: Sequence[crews.Crew], progress: Progress) -> list[Team]:
    rng = random.Random(f"founded {world.seed}")  # noqa: S311 - an invented county
    teams = []
    for number, crew in enumerate(plan, start=1):
        draft = TeamDraft(
            site=world.sites[crew.site],
            kind=crew.kind,
            code=crew.code,
            name=crew.name,
            name_en=crew.name_en,
            point=Point(crew.latitude, crew.longitude),
            reach_km=crew.reach_km,
            capacity=max(crew.capacity, 8) if crew.name == personas.HOME_TEAM else crew.capacity,
        )
        teams.append(found_team(session, SYSTEM, draft, at=world.at - timedelta(days=rng.randint(100, 900))))
        if crew.name == personas.HOME_TEAM:
            world.home_team = teams[-1].id
        progress.step("teams", number, len(plan))
    return teams


def _seats(plan: Sequence[crews.Crew], volunteers: int) -> Iterator[tuple[int, int]]:
    """Yield (crew, place in it) for each volunteer, leaders first, until nobody is left; the last make teams larger by one."""
    taken = 0
    for place in range(max(crew.size for crew in plan)):
        for number, crew in enumerate(plan):
            if place < crew.size and taken < volunteers:
                taken += 1
                yield number, place
    for number, crew in islice(enumerate(plan), volunteers - taken):
        yield number, crew.size


def _drafts(
    world: World, plan: Sequence[crews.Crew], seats: Sequence[tuple[int, int]], branches: Sequence[county.Branch]
) -> Iterator[VolunteerDraft]:
    """Yield a draft for each seat; the first two seats of the home team are the personas'."""
    rng = random.Random(f"volunteers {world.seed}")  # noqa: S311 - invented people
    everywhere = [spot.code for branch in branches for spot in branch.stations]
    by_branch = {branch.spot.code: [spot.code for spot in branch.stations] for branch in branches}
    own = iter([("leader", 0), ("volunteer", 1)])
    for number, ((crew_number, place), person) in enumerate(
        zip(seats, people.enrolees(world.seed, world.today), strict=False), 1
    ):
        crew = plan[crew_number]
        station = (
            crew.site
            if crew.site not in by_branch and crew.site != county.CENTRE[0]
            else rng.choice(by_branch.get(crew.site, everywhere))
        )
        known = None
        if crew.name == personas.HOME_TEAM and place < 2:
            key, _ = next(own)
            known = world.people[key]
            station = next(one.code for one in world.stations if one.name == personas.HOME_STATION)
        if place < SURE:
            person = replace(
                person, life="often", insured_days=rng.randint(120, 330), born_on=_grown_up(person.born_on, world.today)
            )
        yield VolunteerDraft(
            site=world.sites[station],
            number=f"YS-{number // 10000:04d}-{number % 10000:04d}",
            name=person.name,
            phone=person.phone,
            document=people.identity_number(person.born_on, number),
            born_on=person.born_on,
            insured_until=None if person.insured_days is None else world.today + timedelta(days=person.insured_days),
            skills=[
                (code, level, None if days is None else world.today + timedelta(days=days))
                for code, level, days in crews.skills_of(rng, crew, place)
            ],
            hours=person.hours,
            registered_at=world.at - timedelta(days=person.registered_days),
            person_id=known,
        )


def _role(place: int) -> MemberRole:
    return {0: MemberRole.LEADER}.get(place, MemberRole.MEMBER)


def _grown_up(born_on: date, today: date) -> date:
    return born_on if (today - born_on).days > 19 * 366 else date(born_on.year - 12, born_on.month, min(born_on.day, 28))


def _draft(spot: county.Spot) -> SiteDraft:
    return SiteDraft(
        code=spot.code, name=spot.name, name_en=spot.name_en, point=_point(spot), phone=spot.phone, head=spot.head, area=spot.area
    )


def _point(spot: county.Spot) -> Point:
    return Point(spot.latitude, spot.longitude)


def _item(item: Item) -> ItemDraft:
    return ItemDraft(
        code=item.code,
        category=item.category,
        name=item.name,
        name_en=item.name_en,
        summary=item.summary,
        summary_en=item.summary_en,
        bring=item.bring,
        bring_en=item.bring_en,
        minutes=item.minutes,
        people=item.people,
        risk=Risk(item.risk),
        reply_minutes=item.reply,
        stopper=item.stopper.name,
        stopper_en=item.stopper.name_en,
        stopper_call=item.stopper.call,
        skills=item.skills,
        questions=[
            QuestionDraft(
                code=q.code, kind=QuestionKind(q.kind), name=q.name, name_en=q.name_en, choices=q.choices, required=q.required
            )
            for q in item.questions
        ],
    )
