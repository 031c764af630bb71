"""Stars in every state, a catalogue of benefits and some uses, households with their months: invented, through the verbs.

The county took the hours of some volunteers over from the paper books of earlier years; without them nobody would have a
star after sixty days.
"""

from __future__ import annotations

import random
import tomllib
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from volunteer.access import SYSTEM, Actor, Role
from volunteer.accounts.models import Person
from volunteer.ledger import book
from volunteer.ledger.models import Grade, Transfer, Unit
from volunteer.ledger.rules import issued_by, person
from volunteer.places.adopting import adopt_policy
from volunteer.places.models import PolicyKind, Site
from volunteer.recognition import awarding, counting_homes, handing_out, homes, naming, reviewing
from volunteer.recognition import keeping_benefits as keeping
from volunteer.recognition.home_rules import month_of
from volunteer.recognition.keeping_benefits import BenefitDraft
from volunteer.recognition.lifecycle import EligibilityState
from volunteer.recognition.models import Eligibility
from volunteer.recognition.models_benefits import Benefit, BenefitClass, Period
from volunteer.simulation import personas
from volunteer.simulation.settling import World
from volunteer.simulation.stage import Stage
from volunteer.teams.models import Standing, Volunteer

DATA = Path(__file__).parent / "data"
EARLIER = (6_300, 19_200, 37_000, 6_900, 62_000, 18_400, 6_050, 92_000, 7_200, 6_400, 20_000, 6_100, 6_800, 36_500)
HOUSEHOLDS = 18
DAY = timedelta(days=1)


def honour(session: Session, world: World) -> None:
    """Play it. Draws lots from a stream of its own."""
    rng = random.Random(f"{world.seed}:recognition")  # noqa: S311 - a story, not a secret
    stage = Stage(session, world)
    county = session.get_one(Site, world.centre)
    adopt_policy(session, SYSTEM, county, PolicyKind.STARS, {}, valid_from=world.at - 60 * DAY, at=world.at - 60 * DAY)
    people = _people(session, world)
    booked = _bring_over(session, world, people[: len(EARLIER)])
    _stars(session, world, stage, booked)
    _benefits(session, world, stage, county, people)
    _households(session, world, stage, people[len(EARLIER) :], rng)


def _people(session: Session, world: World) -> Sequence[Volunteer]:
    """Grown-up volunteers of the home branch who are nobody's persona."""
    branch = world.sites[personas.HOME_BRANCH]
    found = (
        select(Volunteer)
        .join(Person, Person.id == Volunteer.id)
        .join(Site, Site.id == Volunteer.site_id)
        .where(Site.path.startswith(branch.path), Volunteer.standing == Standing.ACTIVE)
        .where(Person.born_on < world.today - 20 * 366 * DAY, Person.login_name.is_(None))
        .order_by(Volunteer.id)
        .limit(len(EARLIER) + 3 * HOUSEHOLDS)
    )
    return session.scalars(found).all()


def _bring_over(session: Session, world: World, people: Sequence[Volunteer]) -> list[tuple[Volunteer, Transfer]]:
    """Hours of earlier years, as the paper books say: a roll-call each."""
    brought = []
    for volunteer, minutes in zip(people, EARLIER, strict=False):
        transfer = book.move(
            session, Unit.MINUTES, minutes, source=issued_by(volunteer.site_id, Unit.MINUTES), target=person(volunteer.id),
            reason="service", key=f"earlier:{volunteer.id}", at=world.at - 58 * DAY, day=world.today - 200 * DAY,
            grade=Grade.C, note="旧册转入",
        )  # fmt: skip
        brought.append((volunteer, transfer))
    return brought


def _stars(session: Session, world: World, stage: Stage, brought: Sequence[tuple[Volunteer, Transfer]]) -> None:
    """Awards that stand, hang, are doubted and are revoked; a proposal put aside, and some that wait."""
    admin, director = stage.persona("admin"), stage.persona("director")
    branch, before = world.sites[personas.HOME_BRANCH].id, world.at - 20 * DAY
    for volunteer, _transfer in brought[:9:2]:
        naming.name_me(session, _as(volunteer), True, at=world.at - 30 * DAY)
    _review(session, before)
    ids = [_proposed(session, volunteer.id) for volunteer, _transfer in brought]
    standing = [awarding.award(session, admin, one, branch, at=before) for one in ids[:4]]
    revoked = awarding.award(session, admin, ids[4], branch, at=before)
    awarding.revoke(session, director, revoked.id, "核查发现部分时长由他人代签", at=before + 9 * DAY)
    while awarding.end_notices(session, before + 9 * DAY):
        pass
    lately = world.at - 3 * DAY
    hanging = [awarding.award(session, admin, one, branch, at=lately) for one in ids[5:8]]
    awarding.object_to(session, admin, hanging[-1].id, "有人说去年夏天没见过他参加服务", at=lately + DAY)
    awarding.put_aside(session, admin, ids[8:9], "等本人补交旧册原件", at=lately)
    fallen = next(transfer for volunteer, transfer in brought if volunteer.id == standing[3].volunteer_id)
    book.reverse(session, fallen, note="旧册转入重复，已更正", at=world.at - 2 * DAY)
    _review(session, world.at - DAY)


def _benefits(session: Session, world: World, stage: Stage, county: Site, people: Sequence[Volunteer]) -> None:
    """The catalogue, and what was handed out at the home station."""
    branch = world.sites[personas.HOME_BRANCH]
    admin, clerk, at = stage.persona("admin"), stage.persona("clerk"), world.at - 45 * DAY
    lines: dict[str, Benefit] = {}
    for row in tomllib.loads((DATA / "benefits.toml").read_text(encoding="utf-8"))["benefit"]:
        own = bool(row.pop("branch", False))
        site, keeper = (branch, admin) if own else (county, SYSTEM)
        line = keeping.write_benefit(session, keeper, site, _draft(row, world.today - 45 * DAY), at=at)
        lines[line.code] = line
    old = _draft({"code": "OLD-1", "kind": "shops", "name": "旧书市集券", "name_en": "Second-hand book fair"}, at.date())
    keeping.close_benefit(session, admin, keeping.write_benefit(session, admin, branch, old, at=at).id, at=world.at - 9 * DAY)
    station = next(place.id for place in world.stations if place.name == personas.HOME_STATION)
    given = ("HOME-2", "SHOP-1", "LIB-1", "BIKE-1", "SHOP-3", "KID-2", "SEE-2")
    for number, code in enumerate(given):
        shown = people[number].number
        use = handing_out.hand_out(session, clerk, lines[code].id, shown, station, at=world.at - (9 - number) * DAY)
    handing_out.take_back(session, clerk, use.id, "点错了人", at=world.at - 2 * DAY)
    mine = stage.persona("volunteer").user_id
    shown = session.get_one(Volunteer, mine).number
    handing_out.hand_out(session, clerk, lines["HOME-2"].id, shown, station, at=world.at - 5 * DAY)


def _households(session: Session, world: World, stage: Stage, people: Sequence[Volunteer], rng: random.Random) -> None:
    """Some households of the home station and its neighbours; the volunteer's own with the resident; two months written down."""
    at = world.at - 80 * DAY
    station = next(place.id for place in world.stations if place.name == personas.HOME_STATION)
    free = list(people)
    for number in range(min(HOUSEHOLDS, len(free) // 3)):
        head, *others = free[3 * number : 3 * number + rng.choice((1, 2, 3))]
        where = station if number < HOUSEHOLDS // 2 else head.site_id
        home = homes.found(session, _as(head), f"{head.person.name[:1]}家", _station(session, where, station), at=at)
        for other in others:
            homes.join(session, _as(other), homes.open_link(session, _as(head), at=at), at=at)
        if rng.random() < 0.75:
            _served(session, home.id, head, at.date(), world, rng)
    me, resident = stage.persona("volunteer"), stage.persona("resident")
    homes.found(session, me, "小禾家", station, at=at)
    homes.join(session, resident, homes.open_link(session, me, at=at), at=at)
    asks = free[-1]
    homes.found(session, _as(asks), "隔壁陈家", station, at=at)
    this = month_of(world.today)
    for month in (this.before.before, this.before):
        while counting_homes.close_months(session, world.at, month=month):
            pass


def _served(session: Session, home_id: int, head: Volunteer, first: date, world: World, rng: random.Random) -> None:
    """An hour or so in each month since the household began, taken over from its own book."""
    day, number = first + 3 * DAY, 0
    while day < world.today:
        book.move(
            session, Unit.MINUTES, rng.choice((30, 60, 60, 90)), source=issued_by(head.site_id, Unit.MINUTES),
            target=person(head.id), reason="service", key=f"home:{home_id}:{number}", at=world.at - 3 * DAY, day=day,
            grade=Grade.C, note="站点集体活动",
        )  # fmt: skip
        day, number = day + 25 * DAY, number + 1


def _draft(row: dict[str, Any], begins: date) -> BenefitDraft:
    return BenefitDraft(
        code=row["code"], kind=BenefitClass(row["kind"]), name=row["name"], name_en=row["name_en"], words=row.get("words", ""),
        words_en=row.get("words_en", ""), giver=row.get("giver", ""), stars_least=row.get("stars", 0),
        minutes_least=row.get("hours", 0) * 60, age_least=row.get("age_least"), age_most=row.get("age_most"), begins=begins,
        limit_each=row.get("each"), period=Period(row.get("period", "year")), limit_all=row.get("all"),
    )  # fmt: skip


def _station(session: Session, site_id: int, fallback: int) -> int:
    site = session.get_one(Site, site_id)
    return site_id if site.level.value == "station" else fallback


def _review(session: Session, at: datetime) -> None:
    while reviewing.review(session, at):
        pass


def _proposed(session: Session, volunteer_id: int) -> int:
    mine = Eligibility.volunteer_id == volunteer_id, Eligibility.state == EligibilityState.PROPOSED
    return session.scalars(select(Eligibility.id).where(*mine)).one()


def _as(volunteer: Volunteer) -> Actor:
    return Actor(volunteer.id, frozenset({(Role.VOLUNTEER, volunteer.site.path)}), name=volunteer.person.name)
