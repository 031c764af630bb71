"""文明良票 in the demo county: two versions of the rules and a draft, gifts, wishes in every state, some that run out soon."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from volunteer.access import SYSTEM
from volunteer.kernel.clock import local_date, zone_of
from volunteer.ledger import ageing, queries
from volunteer.ledger.models import Account, Unit
from volunteer.ledger.point_labels import LabelDraft, name_points
from volunteer.ledger.point_rules import Terms
from volunteer.ledger.rules import person, person_of
from volunteer.places.models import Site
from volunteer.rewards.points import giving, requesting, ruling, trying, wishing
from volunteer.rewards.points.models import SmallWish
from volunteer.rewards.points.ruling import RuleDraft
from volunteer.rewards.points.wishing import WishDraft
from volunteer.simulation import county
from volunteer.simulation.settling import FOUNDED, World
from volunteer.simulation.stage import Stage

DAY = timedelta(days=1)
SECOND = 35 * DAY  # ago: since then points last longer, and a good rating brings some
FIRST_TERMS = Terms(per_hour=20, categories={"health": 1200}, holiday=1500, per_day=240, per_month=1200, months=2, wish_most=800)
TERMS = Terms(
    per_hour=20, categories={"health": 1200, "company": 1200}, grades={"c": 800}, holiday=1500, bonus={"4": 2, "5": 5},
    per_activity=160, per_day=240, per_month=1200, months=24, give_day=200, give_month=800, alone=100, wish_most=800,
)  # fmt: skip
TRIED = Terms(
    per_hour=20, categories={"health": 1500, "company": 1500}, grades={"a": 1100, "c": 800}, holiday=2000, bonus={"5": 5},
    per_activity=160, per_day=200, per_month=800, months=18, give_day=200, give_month=800, alone=100, wish_most=800,
)  # fmt: skip


def set_rules(session: Session, world: World) -> None:
    """Publish the rules that hold from the first day and from some weeks ago, before anybody earns anything."""
    centre = world.sites[county.CENTRE[0]]
    for terms, at, note in ((FIRST_TERMS, world.at - FOUNDED, "试行"), (TERMS, world.at - SECOND, "试行一年后调整")):
        begins = local_date(at, zone_of(session)) + DAY
        rule = ruling.write_draft(session, SYSTEM, centre, RuleDraft(terms=terms, valid_from=begins, note=note), at=at)
        ruling.publish(session, SYSTEM, rule.id, None, at=at)
    label = LabelDraft(name="文明良票", name_en="Civic tickets")
    name_points(session, SYSTEM, centre, label, at=world.at - FOUNDED)


def give_and_wish(session: Session, world: World) -> None:
    """Neighbours give, wishes are gathered for, one comes true; a draft was tried. Draws no lots."""
    stage, at = Stage(session, world), world.at
    clerk, admin, mine = stage.persona("clerk"), stage.persona("admin"), stage.persona("volunteer")
    station = next(world.sites[place.code] for place in world.stations if place.id in _sites_of(world, clerk.grants))
    wishes = [
        _wish(session, world, station, title, title_en, points, at - 9 * DAY)
        for title, title_en, points in (
            ("给独居老人一台收音机", "A radio for somebody who lives alone", 120),
            ("两套小学生文具", "Pencils and paper for two pupils", 60),
            ("一床厚被子", "A thick quilt", 40),
        )
    ]
    _fill(stage, wishes[0], 60, at - 3 * DAY)  # half full
    for wish, points in ((wishes[1], 60), (wishes[2], 40)):
        _fill(stage, wish, points, at - 4 * DAY)
    if wishes[2].state == "full":
        wishing.fulfil(session, admin, wishes[2].id, None, "被子已送到，老人说很暖和。", at=at - DAY)
    resident = world.people["resident"]
    if _has(session, mine.user_id) >= 30:
        giving.give(session, mine, resident, 10, "demo gift of a volunteer", at=at - 2 * DAY)
        giving.give_to_pool(session, mine, station.id, 5, "demo gift to a pool", at=at - 2 * DAY)
    requesting.ask_correction(
        session, admin, world.sites[station_branch(world, station)].id, mine.user_id or 0, 8, "上月活动漏记", at=at - DAY
    )
    _draft(session, world, station, at - timedelta(hours=5))
    while ageing.count(session, at):
        session.flush()  # the next batch asks who was counted
    while ageing.warn(session, at):
        session.flush()  # the next batch asks who was told


def station_branch(world: World, station: Site) -> str:
    """Return the code of the branch of a station."""
    return next(place.branch for place in world.stations if place.id == station.id)


def _sites_of(world: World, grants: frozenset[tuple[object, str]]) -> set[int]:
    return {int(path.strip("/").split("/")[-1]) for _role, path in grants if path != "/"}


def _wish(session: Session, world: World, station: Site, title: str, title_en: str, points: int, at: datetime) -> SmallWish:
    until = world.today + 20 * DAY
    clerk = Stage(session, world).persona("clerk")
    draft = WishDraft(title=title, title_en=title_en, points=points, until=until)
    return wishing.post(session, clerk, station, draft, at=at)


def _fill(stage: Stage, wish: SmallWish, points: int, at: datetime) -> None:
    """Some who have enough give in turn."""
    session, left = stage.session, points
    for number, giver in enumerate(_rich(session, stage.world)):
        amount = min((25, 20, 15)[number % 3], left, _has(session, giver))
        if amount > 0:
            giving.give_to_wish(session, stage.actor(giver), wish.id, amount, f"demo {wish.id} {number}", at=at)
            left -= amount


def _rich(session: Session, world: World) -> list[int]:
    """Return volunteers with some points, none of them a persona, none of those who have most: they go shopping."""
    found = select(Account.owner).where(Account.unit == Unit.POINTS, Account.owner.startswith("person:"), Account.balance >= 60)
    numbers = [person_of(owner) for owner in session.scalars(found.order_by(Account.balance, Account.id).limit(20))]
    return [number for number in numbers if number is not None and number not in set(world.people.values())]


def _draft(session: Session, world: World, station: Site, at: datetime) -> None:
    """The administrator of the branch would like other weights, and has tried them."""
    admin = Stage(session, world).persona("admin")
    branch = world.sites[station_branch(world, station)]
    draft = RuleDraft(terms=TRIED, valid_from=world.today + 30 * DAY, note="关爱老人多记一些，每月上限收紧")
    rule = ruling.write_draft(session, admin, branch, draft, at=at)
    trying.begin(session, admin, rule.id, at=at)


def _has(session: Session, person_id: int | None) -> int:
    return queries.balance(session, person(person_id or 0), Unit.POINTS)
