"""The open pool: what waits there, what a team could take of it, who has applied. Reads only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.orm import Session, contains_eager, joinedload, selectinload

from volunteer import matching
from volunteer.access import Actor, Permission
from volunteer.catalogue.models import ServiceItem
from volunteer.kernel.clock import zone_of
from volunteer.kernel.errors import NotFound
from volunteer.kernel.geo import geodesic_metres
from volunteer.orders.candidates import ESCALATE, PASS_DOWN, request_of
from volunteer.orders.lifecycle import WITH_TEAM, Action, Status
from volunteer.orders.models import OrderEvent, ServiceOrder
from volunteer.orders.rulebook.braking import braked_at, stops_taking
from volunteer.orders.rulebook.lifecycle import ApplicationState
from volunteer.orders.rulebook.models_rules import Application, Handled, Handling
from volunteer.orders.rulebook.rules import TooMuch
from volunteer.places.models import Site
from volunteer.places.policies import matching_at
from volunteer.teams import queries as teams
from volunteer.teams.queries import TeamCard

SHOWN = 30  # nearest ones on the page
LOOKED_AT = 400  # of the desk's
WAITING = (Handled.POOL, Handled.CHOOSE)
LEFT_ANOTHER_WAY = frozenset(
    {Action.OFFER, Action.CLAIM, Action.WITHDRAW, Action.GIVE_UP, Action.HAND_OVER, Action.SPLIT, ESCALATE, PASS_DOWN}
)


@dataclass(frozen=True, slots=True)
class Chance:
    """An order that a team could take. metres: geodesic. applied: the team's own application, if there is one."""

    order: ServiceOrder
    handling: Handling
    team: TeamCard
    metres: float
    applied: Application | None


@dataclass(frozen=True, slots=True)
class Pool:
    """What the teams of an actor find in the pool, the nearest first. others: how many wait that none of them can take."""

    teams: list[TeamCard]
    chances: list[Chance]
    others: int
    braked: Mapping[int, list[TooMuch]]  # by team: what it has to do first


def still_waits() -> ColumnElement[bool]:
    """The condition that an order of the pool is still there: nobody did anything else with it since."""
    since = and_(OrderEvent.order_id == Handling.order_id, OrderEvent.at >= Handling.at, OrderEvent.what.in_(LEFT_ANOTHER_WAY))
    return and_(
        Handling.kind.in_(WAITING), Handling.closed_at.is_(None), ServiceOrder.status == Status.VERIFIED, ~exists().where(since)
    )


def waiting(session: Session, order: ServiceOrder) -> Handling | None:
    """Return what keeps the order in the pool now, None when it is not there."""
    found = select(Handling).join(Handling.order).where(Handling.order_id == order.id, still_waits())
    return session.scalars(found.options(selectinload(Handling.applications)).order_by(Handling.id.desc())).first()


def pool_of(session: Session, actor: Actor, *, at: datetime) -> Pool:
    """Return the pool as the teams that this actor leads see it."""
    directory = teams.directory(session)
    mine = [directory.cards[team_id] for team_id in sorted(actor.leads) if team_id in directory.cards]
    if not mine:
        return Pool([], [], 0, {})
    paths = {part for card in mine for part in _above(card.site_path)}
    found = (
        select(Handling)
        .join(Handling.order)
        .join(ServiceOrder.item)
        .where(still_waits(), Handling.scope.in_(paths), Handling.until > at)
        .options(
            contains_eager(Handling.order).options(
                contains_eager(ServiceOrder.item).options(joinedload(ServiceItem.skills), joinedload(ServiceItem.category)),
                joinedload(ServiceOrder.site).defer(Site.area),
            ),
            selectinload(Handling.applications),
        )
        .order_by(Handling.until, Handling.id)
        .limit(LOOKED_AT)
    )
    rows = session.scalars(found).unique().all()
    loads = _loads(session, [card.id for card in mine])
    braked: dict[int, list[TooMuch]] = {}
    for path in {card.site_path for card in mine}:
        braked |= {team: much for team, much in braked_at(session, path, at=at).items() if directory.cards.get(team) in mine}
    rules = {path: matching_at(session, path, at) for path in {row.order.desk_path for row in rows}}
    zone = zone_of(session)
    chances = [one for row in rows if (one := _nearest(row, mine, loads, rules[row.order.desk_path], at, zone)) is not None]
    chances.sort(key=lambda one: (one.metres, one.order.id))
    stopped = {team_id: much for team_id, found_much in braked.items() if (much := stops_taking(found_much))}
    return Pool(mine, chances[:SHOWN], len(rows) - len(chances), stopped)


def handled_now(session: Session, order_ids: Iterable[int]) -> dict[int, Handling]:
    """Return what rules are doing with these orders now, or why they left them, with the rule. One query."""
    found = (
        select(Handling)
        .where(Handling.order_id.in_(list(order_ids)), or_(Handling.closed_at.is_(None), Handling.kind == Handled.OFFER))
        .options(joinedload(Handling.rule))
        .order_by(Handling.id)
    )
    return {handling.order_id: handling for handling in session.scalars(found)}


def applicants(handling: Handling | None) -> Sequence[Application]:
    """Return the teams that would like to take it."""
    if handling is None:
        return []
    return [one for one in handling.applications if one.state is ApplicationState.OPEN]


def pooled_order(session: Session, actor: Actor, number: str) -> int:
    """Return the id of an order that a team of this actor may have seen in the pool. Raises NotFound otherwise."""
    found = session.execute(
        select(ServiceOrder.id, Handling.scope)
        .join(Handling, Handling.order_id == ServiceOrder.id)
        .where(ServiceOrder.number == number, Handling.kind.in_(WAITING))
    ).first()
    cards = teams.directory(session).cards
    homes = [cards[team_id].site_path for team_id in actor.leads if team_id in cards]
    if found is None or not any(home.startswith(found.scope) for home in homes):
        raise NotFound("order")
    actor.must(Permission.OFFER_ANSWER, at=found.scope)
    return int(found.id)


def _nearest(
    row: Handling, mine: Sequence[TeamCard], loads: Mapping[int, int], policy: matching.Policy, at: datetime, zone: ZoneInfo
) -> Chance | None:
    """The nearest of the teams that could take the order, or that has applied for it."""
    order = row.order
    if order.item is None:
        return None
    request = request_of(order, order.item, {}, at=at, zone=zone)
    applied = {one.team_id: one for one in row.applications if one.state is ApplicationState.OPEN}
    able = [
        (geodesic_metres(request.point, card.point), card)
        for card in mine
        if card.site_path.startswith(row.scope) and _could(request, card, policy, loads, order.site_path, at)
    ]
    if not able:
        return None
    metres, card = min(able, key=lambda pair: (pair[1].id not in applied, pair[0], pair[1].id))
    return Chance(order, row, card, metres, applied.get(card.id))


def _could(
    request: matching.Request, card: TeamCard, policy: matching.Policy, loads: Mapping[int, int], path: str, at: datetime
) -> bool:
    if teams.paused(card, at) or not teams.serves(card, path):
        return False
    return not matching.why_not(request, teams.loaded(card, loads), policy)


def _loads(session: Session, team_ids: Sequence[int]) -> dict[int, int]:
    mine = select(ServiceOrder.team_id).where(ServiceOrder.team_id.in_(team_ids), ServiceOrder.status.in_(sorted(WITH_TEAM)))
    found: dict[int, int] = {}
    for team_id in session.scalars(mine):
        if team_id is not None:
            found[team_id] = found.get(team_id, 0) + 1
    return found


def _above(path: str) -> list[str]:
    """``/1/12/`` → ``/1/``, ``/1/12/``."""
    parts = path.strip("/").split("/")
    return ["/" + "/".join(parts[: n + 1]) + "/" for n in range(len(parts))]
