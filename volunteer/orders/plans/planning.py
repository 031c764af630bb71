"""一键派单, the reading: what waits at a desk in the matcher's words, and what its plan says of each order. Writes nothing."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, exists, func, select
from sqlalchemy.orm import Session, joinedload, load_only, selectinload

from volunteer import matching
from volunteer.access import Actor, Permission
from volunteer.catalogue.models import ServiceItem
from volunteer.kernel.clock import zone_of
from volunteer.orders.candidates import asked_in_round, centre_of, request_of
from volunteer.orders.lifecycle import WITH_TEAM, OfferState, Status
from volunteer.orders.models import Offer, ServiceOrder
from volunteer.orders.plans.models_runs import DispatchRun
from volunteer.orders.prices.learned import prices_at
from volunteer.orders.rulebook.braking import braked_at
from volunteer.orders.rulebook.models_rules import Handled, Handling
from volunteer.places import policies
from volunteer.teams import queries as teams

MOST = 20_000  # orders in one plan, the most pressing first; the rest waits for the next
AT_ONCE = 500  # numbers in one question to the database
WANTED = (
    ServiceOrder.number, ServiceOrder.status, ServiceOrder.version, ServiceOrder.resident_id, ServiceOrder.item_id,
    ServiceOrder.urgent, ServiceOrder.site_id, ServiceOrder.site_path, ServiceOrder.desk_id, ServiceOrder.desk_path,
    ServiceOrder.latitude, ServiceOrder.longitude, ServiceOrder.when_kind, ServiceOrder.window_begins, ServiceOrder.window_ends,
    ServiceOrder.due_at, ServiceOrder.team_id,
)  # fmt: skip
IN_POOL = exists().where(
    Handling.order_id == ServiceOrder.id, Handling.closed_at.is_(None), Handling.kind.in_((Handled.POOL, Handled.CHOOSE))
)
WAITS = and_(  # verified, sorted into a service, neither on offer nor in the open pool
    ServiceOrder.status == Status.VERIFIED, ServiceOrder.item_id.is_not(None), ~IN_POOL
)
PRESSING = (ServiceOrder.urgent.desc(), ServiceOrder.due_at.is_(None), ServiceOrder.due_at, ServiceOrder.id)
ODD = "odd"  # why: the order's place or window makes no sense
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Kept:
    """An order that is with a team already: the plan leaves it there and keeps a place for it."""

    order_id: int
    team_id: int
    here: bool  # at this desk or below: the plan has a line for it


@dataclass(frozen=True)
class Solved:
    """What the solver says. draft: each order with its team or why there is none, the most pressing first."""

    draft: list[dict[str, Any]]
    total: float
    bound: float
    gap: float
    prices: dict[str, float]  # what one more place of a team would be worth, by its id


@dataclass(frozen=True)
class Task:
    """Everything that a plan rests on, read at one moment: no database is needed to answer it."""

    run_id: int
    attempt: int
    requests: list[matching.Request]
    roster: matching.Roster
    policy: matching.Policy
    locked: Mapping[int, int]
    forbidden: frozenset[tuple[int, int]]
    kept: tuple[Kept, ...]
    waiting: int
    out: tuple[int, ...]  # left out by the dispatcher
    odd: tuple[int, ...]  # the matcher cannot read these

    def answer(self) -> Solved | Exception:
        """Return the best plan; what went wrong when there is none, so that whoever waits can be told."""
        try:
            plan = matching.assign(self.requests, self.roster, self.policy, locked=self.locked, forbidden=self.forbidden)
            prices = {str(team_id): round(price, 6) for team_id, price in plan.prices.items()}
            return Solved(self._draft(plan), plan.total, plan.bound, plan.gap, prices)
        except Exception as error:
            log.exception("plan_failed run=%s", self.run_id)
            return error

    @property
    def learned(self) -> bool:
        """Whether prices learned from past days had a say."""
        return bool(self.roster.learned.any())

    def _draft(self, plan: matching.Plan) -> list[dict[str, Any]]:
        with_team = {one.order_id for one in self.kept}
        wished = self.locked.keys() - with_team
        said: dict[int, dict[str, Any]] = {
            order_id: {"team": team_id, "wished": order_id in wished} for order_id, team_id in plan.teams.items()
        }
        said |= {one.request_id: {"why": one.reason.value, "facts": dict(one.facts)} for one in plan.unserved}
        return [
            *({"order": one.id, **said[one.id]} for one in self.requests if one.id not in with_team),
            *({"order": order_id, "why": ODD} for order_id in self.odd),
            *({"order": order_id, "out": True} for order_id in self.out),
            *({"order": one.order_id, "kept": one.team_id} for one in self.kept if one.here),
        ]


def pending(site_path: str) -> Select[Any]:
    """Select the orders that wait to be dispatched at a desk or below."""
    return select(ServiceOrder).where(WAITS, ServiceOrder.desk_path.startswith(site_path))


def desks_of(session: Session, site_path: str) -> list[str]:
    """Return the paths of the desks at or below a place at which something waits, and of the place's own."""
    found = session.scalars(pending(site_path).with_only_columns(ServiceOrder.desk_path).distinct())
    return sorted({site_path, *found})


def count(session: Session, site_path: str) -> int:
    """Return how many orders wait."""
    return session.scalar(pending(site_path).with_only_columns(func.count())) or 0


def scope_of(actor: Actor, site_path: str) -> str:
    """Return the subtree whose teams may be asked: the widest of the planner's own places around the desk."""
    return min((path for path in actor.scopes(Permission.ORDER_DISPATCH) if site_path.startswith(path)), key=len)


def read(session: Session, run: DispatchRun, desks: Iterable[str], *, at: datetime) -> Task:
    """Read what a plan rests on: the waiting orders of these desks, the teams, what is with a team already."""
    here = ServiceOrder.desk_path.in_(list(desks))
    out = frozenset(run.wishes.get("out", ()))
    wished = {int(order_id): team_id for order_id, team_id in run.wishes.get("team", {}).items()}
    waits = _orders(session, pending(run.site_path).where(here).limit(MOST))
    offered = _orders(session, _on_offer(run.scope))
    directory = teams.directory(session)
    loads, kept = _loads(session), tuple(_kept(offered, run.site_path))
    held_back = braked_at(session, run.site_path, at=at, loads=loads).keys() - {one.team_id for one in kept}
    full = {team_id: directory.cards[team_id].team.capacity for team_id in held_back if team_id in directory.cards}
    prices = prices_at(session, centre_of(run.site_path), run.site_path, at=at)
    roster = directory.roster(run.scope, loads | full, at=at, prices=prices)  # whoever has too much open has no room for more
    with_team = {one.order_id: one.team_id for one in kept if one.team_id in roster.row}
    planned = [order for order in waits if order.id not in out]
    planned += [order for order in offered if order.id in with_team]
    forbidden = frozenset(_forbidden(planned, with_team, directory, run.scope))
    requests, odd = _requests(session, planned, at)
    fit = {(one.id, wished[one.id]) for one in requests if wished.get(one.id) in roster.row} - forbidden
    return Task(
        run_id=run.id,
        attempt=run.attempts,
        requests=requests,
        roster=roster,
        policy=policies.matching_at(session, run.site_path, at, mean=directory.mean_rating(centre_of(run.site_path))),
        locked={one.id: with_team[one.id] for one in requests if one.id in with_team} | dict(fit),
        forbidden=forbidden,
        kept=kept,
        waiting=count(session, run.site_path),
        out=tuple(order.id for order in waits if order.id in out),
        odd=odd,
    )


def _requests(session: Session, orders: Sequence[ServiceOrder], at: datetime) -> tuple[list[matching.Request], tuple[int, ...]]:
    """The orders in the matcher's words, and those that it cannot read: one bad row must not cost the others their plan."""
    known, zone = _known(session, orders), zone_of(session)
    requests, odd = [], []
    for order in orders:
        if order.item is not None:
            try:
                requests.append(request_of(order, order.item, known.get(order.resident_id, {}), at=at, zone=zone))
            except ValueError:
                odd.append(order.id)
    return requests, tuple(odd)


def of_ids(session: Session, ids: Sequence[int]) -> dict[int, ServiceOrder]:
    """Return orders with what the matcher asks about them, by id."""
    return {order.id: order for order in _orders(session, select(ServiceOrder).where(ServiceOrder.id.in_(ids)))}


def _orders(session: Session, found: Select[Any]) -> list[ServiceOrder]:
    """Load only what the matcher asks about: nothing sealed. The most pressing first."""
    found = found.options(
        load_only(*WANTED),
        joinedload(ServiceOrder.item).selectinload(ServiceItem.skills),
        selectinload(ServiceOrder.events),
        selectinload(ServiceOrder.offers),
    )
    return list(session.scalars(found.order_by(*PRESSING)).unique())


def _on_offer(scope: str) -> Select[Any]:
    """Whatever is with a team of this reach takes a place there, whichever desk gave it to them."""
    return select(ServiceOrder).where(ServiceOrder.status == Status.OFFERED, ServiceOrder.desk_path.startswith(scope))


def _kept(offered: Sequence[ServiceOrder], site_path: str) -> Iterable[Kept]:
    """Of several teams that are asked at once the best placed counts: one of them will come."""
    for order in offered:
        asked = [offer for offer in order.offers if offer.state is OfferState.OPEN]
        if asked and order.item is not None:
            yield Kept(order.id, min(asked, key=_place).team_id, order.desk_path.startswith(site_path))


def _place(offer: Offer) -> tuple[bool, int, int]:
    return offer.rank == 0, offer.rank, offer.id


def _forbidden(
    orders: Sequence[ServiceOrder], with_team: Mapping[int, int], directory: teams.Directory, scope: str
) -> Iterable[tuple[int, int]]:
    """Nobody is asked twice in a round, nor outside of the area that a team has chosen."""
    elsewhere = {path: directory.elsewhere(scope, path) for path in {order.site_path for order in orders}}
    for order in orders:
        if order.id not in with_team:
            yield from ((order.id, team_id) for team_id in asked_in_round(order) | elsewhere[order.site_path])


def _loads(session: Session) -> dict[int, int]:
    found = (
        select(ServiceOrder.team_id, func.count())
        .where(ServiceOrder.status.in_(sorted(WITH_TEAM)), ServiceOrder.team_id.is_not(None))
        .group_by(ServiceOrder.team_id)
    )
    return {team_id: number for team_id, number in session.execute(found) if team_id is not None}


def _known(session: Session, orders: Sequence[ServiceOrder]) -> dict[int, dict[int, int]]:
    """How often each team served each of these residents."""
    known: dict[int, dict[int, int]] = {}
    residents = sorted({order.resident_id for order in orders})
    for some in (residents[start : start + AT_ONCE] for start in range(0, len(residents), AT_ONCE)):
        found = (
            select(ServiceOrder.resident_id, ServiceOrder.team_id, func.count())
            .where(ServiceOrder.resident_id.in_(some), ServiceOrder.team_id.is_not(None))
            .where(ServiceOrder.status.in_((Status.SERVED, Status.CLOSED)))
            .group_by(ServiceOrder.resident_id, ServiceOrder.team_id)
        )
        for resident_id, team_id, number in session.execute(found):
            known.setdefault(resident_id, {})[team_id] = number
    return known
