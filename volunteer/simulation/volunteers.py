"""The demo's volunteers who want something: an application, papers that wait and that end, a break, a girl with her mother."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta
from typing import Protocol

from sqlalchemy import select
from sqlalchemy.orm import Session

from volunteer.access import Actor, Role
from volunteer.accounts.queries import load_actor
from volunteer.catalogue.models import Skill
from volunteer.kernel.clock import local_date, zone_of
from volunteer.kernel.geo import Point
from volunteer.places.models import PolicyKind, PolicyRow, Site
from volunteer.simulation.personas import HOME_BRANCH, HOME_STATION
from volunteer.simulation.sizes import NEWCOMERS
from volunteer.teams import belonging, founding, joining, membership, papers, profiling
from volunteer.teams.belonging import teams_of
from volunteer.teams.models import MemberRole, Membership, Standing, TeamClass, Volunteer
from volunteer.teams.models_teams import AskKind, TeamAsk
from volunteer.teams.models_volunteers import PaperKind
from volunteer.teams.queries import led_by

GIRL_AGE = 15
WAITING = NEWCOMERS - 1  # besides her


class World(Protocol):
    """What is needed of the settled county."""

    people: dict[str, int]
    seed: int
    at: datetime


def volunteers_live(session: Session, world: World) -> None:
    """Let a few volunteers of the home branch use their pages."""
    rng = random.Random(f"volunteers {world.seed}")  # noqa: S311 - invented people
    at = world.at
    today = local_date(at, zone_of(session))
    branch = session.scalars(select(Site).where(Site.code == HOME_BRANCH)).one()
    station = session.scalars(select(Site).where(Site.name == HOME_STATION)).first() or branch
    admin = _actor(session, world.people["admin"], at)
    mine = _actor(session, world.people["volunteer"], at)
    leader = _actor(session, world.people["leader"], at)
    nearby = _members_near(session, branch, at, but={world.people["volunteer"], world.people["leader"]})
    if len(nearby) < 6:
        return
    chosen = rng.sample(nearby, 6)
    licensed = session.scalars(select(Skill).where(Skill.licensed.is_(True)).order_by(Skill.id)).first()

    policy = papers.PaperDraft(kind=PaperKind.INSURANCE, number="PICC-2026-001207", until=today + timedelta(days=20))
    papers.enter_paper(session, admin, chosen[0], policy, at=at - timedelta(days=3))
    training = papers.PaperDraft(kind=PaperKind.TRAINING, title="急救培训", minutes=240)
    papers.send_paper(session, mine, training, at=at - timedelta(days=2))
    papers.send_paper(session, _actor(session, chosen[1], at), training, at=at - timedelta(days=1))
    if licensed is not None:
        ending = papers.PaperDraft(kind=PaperKind.LICENCE, skill=licensed.code, number="DG-0042", until=today + timedelta(days=6))
        papers.enter_paper(session, admin, chosen[2], ending, at=at - timedelta(days=40))
    profiling.pause(session, _actor(session, chosen[3], at), today + timedelta(days=12), at=at)
    profiling.add_days(session, mine, today + timedelta(days=9), today + timedelta(days=11), at=at)
    profiling.save_wishes(session, mine, reach_km=6.0, by_day=True, at=at)
    _girl(session, station, today, at)
    _register(session, station, at)
    _application(session, chosen[4], station, at)
    _asks(session, chosen[5], leader, mine, at)


def _girl(session: Session, station: Site, today: date, at: datetime) -> None:
    draft = joining.JoinDraft(
        site=station,
        name="周小雨",
        phone="13800009021",
        born_on=today.replace(year=today.year - GIRL_AGE, day=1),
        consent=True,
        guardian_name="周妈妈",
        guardian_phone="13800009022",
        guardian_consent=True,
        hours=[(5, 480, 720), (6, 480, 720)],
    )
    joining.join(session, draft, at=at - timedelta(days=4))


def _register(session: Session, station: Site, at: datetime) -> None:
    """Two who registered under a rule of the station's own: there the site says yes first."""
    session.add(
        PolicyRow(
            site=station,
            kind=PolicyKind.JOINING,
            valid_from=at - timedelta(days=3),
            values={"approval": 1, "document": 0, "youngest": 8},
            made_at=at - timedelta(days=3),
        )
    )
    session.flush()  # the rule is asked of the database
    for number, name in enumerate(("钱新来", "孙一鸣")[:WAITING]):
        draft = joining.JoinDraft(
            site=station, name=name, phone=f"1380000902{number + 3}", born_on=date(1988 + number, 5, 6), consent=True
        )
        joining.join(session, draft, at=at - timedelta(hours=20 + number))


def _application(session: Session, founder: int, station: Site, at: datetime) -> None:
    kind = session.scalars(select(TeamClass).order_by(TeamClass.id)).first()
    if kind is None:
        return
    draft = founding.ApplicationDraft(
        name=f"{station.name}夕阳红合唱队",
        name_en="Sunset Choir",
        kind=kind.code,
        site=station,
        point=Point(station.latitude, station.longitude),
        reach_km=3.0,
        capacity=2,
        about="每周二下午到养老院唱歌，陪老人说说话。",
    )
    founding.apply_for_team(session, _actor(session, founder, at), draft, at=at - timedelta(hours=30))


def _asks(session: Session, stranger: int, leader: Actor, mine: Actor, at: datetime) -> None:
    """Somebody wants into the leader's team, and another team would like to have the volunteer persona."""
    own = next(iter(sorted(leader.leads)), None)
    if own is not None and belonging.membership(session, own, stranger, at=at) is None:
        membership.ask_to_join(session, _actor(session, stranger, at), own, "我会换灯泡，周末有空", at=at - timedelta(hours=5))
    theirs = {one.team_id for one in teams_of(session, mine.user_id or 0, at=at)}
    other = select(Membership).where(Membership.role == MemberRole.LEADER, Membership.until.is_(None)).order_by(Membership.id)
    for row in session.scalars(other.limit(5)):
        if row.team_id not in theirs and mine.user_id is not None:
            session.add(
                TeamAsk(
                    team_id=row.team_id, volunteer_id=mine.user_id, kind=AskKind.INVITE, asked_by=row.volunteer_id, asked_at=at
                )
            )
            return


def _members_near(session: Session, branch: Site, at: datetime, but: set[int]) -> list[int]:
    """Return plain members who live in the home branch and are in no team of anybody persona."""
    leads = select(Membership.volunteer_id).where(Membership.role != MemberRole.MEMBER)
    found = (
        select(Volunteer.id)
        .join(Site, Site.id == Volunteer.site_id)
        .where(Site.path.startswith(branch.path), Volunteer.standing == Standing.ACTIVE, Volunteer.id.not_in(leads))
        .order_by(Volunteer.id)
        .limit(60)
    )
    return [one for one in session.scalars(found) if one not in but]


def _actor(session: Session, person_id: int, at: datetime) -> Actor:
    acting = load_actor(session, person_id, at, led_by)
    return acting.actor if acting is not None else Actor(person_id, frozenset({(Role.VOLUNTEER, "/")}))
