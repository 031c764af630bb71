"""A team's day: its visits in their best order, what clashes, and when what does not fit could be instead. Reads only.

Visits whose crews share somebody follow each other; crews without anybody in common go side by side. A visit that nobody was
chosen for yet is planned with the one crew that the team has, else by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from volunteer.access import Actor, Permission
from volunteer.kernel.clock import local_date, zone_of
from volunteer.kernel.errors import NotFound
from volunteer.kernel.geo import Point
from volunteer.matching.dayplan import Binding, DayPlan, LeftOut, Stop, Travel, plan_day
from volunteer.orders.households.lifecycle import MoveState
from volunteer.orders.households.models_standing import Move
from volunteer.orders.lifecycle import WITH_TEAM, Status
from volunteer.orders.models import ServiceOrder, Visitor
from volunteer.orders.visits.crew import USUAL_MINUTES
from volunteer.places.models import Site
from volunteer.places.policies import visits_at
from volunteer.teams import fit
from volunteer.teams.models import Team, Volunteer

FIRST, LAST = time(8, 0), time(20, 0)  # within which a time is suggested to somebody who named none
NOTICE = timedelta(hours=1)  # nobody is asked for a time sooner than this
MOST = 200  # visits of a team that are looked at
FURTHEST = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class Entry:
    """A visit of the day: promised or suggested times, the way to it, or why it does not fit and when it could be."""

    order: ServiceOrder
    names: tuple[str, ...]
    begins: datetime | None
    ends: datetime | None
    settled: bool  # promised to the resident
    travel: int = 0
    spare: int = 0
    why: Binding | None = None
    other: ServiceOrder | None = None
    soonest: datetime | None = None
    instead: datetime | None = None  # when it would fit
    asked: Move | None = None  # the resident was asked for another time already


@dataclass(frozen=True, slots=True)
class Chain:
    """The visits of one crew in their order, and those that do not fit."""

    entries: tuple[Entry, ...]
    left_out: tuple[Entry, ...]
    travel: int

    @property
    def names(self) -> tuple[str, ...]:
        """Everybody who goes on one of them."""
        return tuple(dict.fromkeys(name for entry in (*self.entries, *self.left_out) for name in entry.names))


@dataclass(frozen=True, slots=True)
class TeamDay:
    """The day of a team."""

    team: Team
    day: date
    chains: tuple[Chain, ...] = ()

    @property
    def left_out(self) -> list[Entry]:
        """Every visit that does not fit."""
        return [entry for chain in self.chains for entry in chain.left_out]

    @property
    def movable(self) -> list[Entry]:
        """Those whose resident can be asked for the time that would fit."""
        return [one for one in self.left_out if one.instead and one.asked is None and one.order.status is Status.ACCEPTED]


@dataclass(slots=True)
class _Crew:
    people: set[int] = field(default_factory=set)
    orders: list[ServiceOrder] = field(default_factory=list)


def days_of(session: Session, actor: Actor, day: date, *, at: datetime) -> list[TeamDay]:
    """Return the day of every team that this actor leads. Three queries, and one for each team's rules of visits."""
    actor.may(Permission.VISIT_LEAD)
    teams = session.scalars(select(Team).where(Team.id.in_(actor.leads)).order_by(Team.id)).all()
    orders = _orders(session, [team.id for team in teams])
    return [team_day(session, team, [o for o in orders if o.team_id == team.id], day, at=at) for team in teams]


def day_of(session: Session, actor: Actor, team_id: int, day: date, *, at: datetime) -> TeamDay:
    """Return the day of one team. Raises NotFound for a team that this actor does not lead."""
    team = session.get(Team, team_id) if team_id in actor.leads else None
    if team is None:
        raise NotFound("team")
    actor.must(Permission.VISIT_LEAD, at=team.site_path)
    return team_day(session, team, _orders(session, [team.id]), day, at=at)


def team_day(session: Session, team: Team, orders: Sequence[ServiceOrder], day: date, *, at: datetime) -> TeamDay:
    """Return the plan of those of a team's orders that are on ``day``, or may be."""
    zone = zone_of(session)
    terms = visits_at(session, team.site_path, at)
    pace = fit.Pace(terms.travel_kmh, terms.travel_minutes)
    home = Point(team.latitude, team.longitude)
    chains = [_chain(crew.orders, home, pace, day, zone, at) for crew in _crews([o for o in orders if _on(o, day, zone, at)])]
    return TeamDay(team, day, tuple(chains))


def _orders(session: Session, team_ids: list[int]) -> Sequence[ServiceOrder]:
    found = (
        select(ServiceOrder)
        .where(ServiceOrder.team_id.in_(team_ids), ServiceOrder.status.in_(sorted(WITH_TEAM)))
        .options(
            joinedload(ServiceOrder.item),
            joinedload(ServiceOrder.site).defer(Site.area),
            joinedload(ServiceOrder.moves),
            selectinload(ServiceOrder.crew).joinedload(Visitor.volunteer).joinedload(Volunteer.person),
        )
        .order_by(ServiceOrder.id)
        .limit(MOST)
    )
    return session.scalars(found).unique().all()


def _on(order: ServiceOrder, day: date, zone: ZoneInfo, at: datetime) -> bool:
    """Whether a visit is on that day, or may be: without any time named it is today's."""
    begins, ends = order.visit_begins, order.visit_ends
    if begins is None:
        begins, ends = order.window_begins, order.window_ends
    if begins is None:
        return day == local_date(at, zone)
    last = (ends or begins) - timedelta(microseconds=1)
    return local_date(begins, zone) <= day <= max(local_date(begins, zone), local_date(last, zone))


def _crews(orders: Sequence[ServiceOrder]) -> list[_Crew]:
    crews: list[_Crew] = []
    unsettled: list[ServiceOrder] = []
    for order in orders:
        going = {visitor.volunteer_id for visitor in order.visitors}
        if not going:
            unsettled.append(order)
            continue
        joined = _Crew(going, [order])
        for crew in [crew for crew in crews if crew.people & going]:
            crews.remove(crew)
            joined = _Crew(joined.people | crew.people, [*crew.orders, *joined.orders])
        crews.append(joined)
    if unsettled and len(crews) == 1:
        crews[0].orders += unsettled
    elif unsettled:
        crews.append(_Crew(orders=unsettled))
    return sorted(crews, key=lambda crew: min(order.id for order in crew.orders))


def _chain(orders: Sequence[ServiceOrder], home: Point, pace: fit.Pace, day: date, zone: ZoneInfo, at: datetime) -> Chain:
    def travel(one: tuple[float, float], other: tuple[float, float]) -> int:
        return int(fit.travel_time(Point(*one), Point(*other), pace).total_seconds() // 60)

    stops = {order.id: _stop(order, day, zone, at) for order in orders}
    plan = plan_day(stops.values(), home=home, travel=travel)
    instead = _instead(plan, stops, day, zone, at, home, travel)
    by_id = {order.id: order for order in orders}
    entries = tuple(
        Entry(
            by_id[leg.stop_id],
            _names(by_id[leg.stop_id]),
            leg.begins,
            leg.ends,
            by_id[leg.stop_id].visit_begins is not None,
            leg.travel,
            leg.spare,
            asked=_asked(by_id[leg.stop_id]),
        )
        for leg in plan.legs
    )
    left = tuple(_left(one, by_id, instead.get(one.stop_id)) for one in plan.left_out)
    return Chain(entries, left, plan.travel)


def _stop(order: ServiceOrder, day: date, zone: ZoneInfo, at: datetime) -> Stop:
    minutes = minutes_of(order)
    spot = (order.latitude, order.longitude)
    if order.visit_begins is not None:
        return Stop(order.id, spot, minutes, order.visit_begins, order.visit_begins, promised=True)
    first, last = _hours(day, zone)
    if order.window_begins is not None and order.window_ends is not None:
        midnight = datetime.combine(day, time(), zone)
        first = max(order.window_begins, midnight)
        last = min(order.window_ends, midnight + timedelta(days=1)) - timedelta(minutes=1)
    return Stop(order.id, spot, minutes, max(first, at), last)


def _instead(
    plan: DayPlan, stops: dict[int, Stop], day: date, zone: ZoneInfo, at: datetime, home: Point, travel: Travel
) -> dict[int, datetime]:
    """When those that do not fit could be, the others staying where they are: the soonest after their own time, else before."""
    first, last = _hours(day, zone)
    stay = [replace(stops[leg.stop_id], earliest=leg.begins, latest=leg.begins, promised=True) for leg in plan.legs]
    left = [stops[one.stop_id] for one in plan.left_out]
    found: dict[int, datetime] = {}
    for since in (lambda stop: max(first, stop.earliest, at + NOTICE), lambda stop: max(first, at + NOTICE)):
        loose = [replace(stop, earliest=since(stop), latest=last, promised=False) for stop in left if stop.id not in found]
        again = plan_day([*stay, *loose], home=home, travel=travel) if loose else DayPlan((), (), 0)
        placed = [leg for leg in again.legs if leg.stop_id in {stop.id for stop in loose}]
        stay += [replace(stops[leg.stop_id], earliest=leg.begins, latest=leg.begins, promised=True) for leg in placed]
        found |= {leg.stop_id: leg.begins for leg in placed}
    return found


def _left(one: LeftOut, by_id: dict[int, ServiceOrder], instead: datetime | None) -> Entry:
    order = by_id[one.stop_id]
    other = by_id[one.other] if one.other is not None else None
    return Entry(
        order,
        _names(order),
        order.visit_begins,
        order.visit_ends,
        order.visit_begins is not None,
        why=one.why,
        other=other,
        soonest=one.soonest,
        instead=instead,
        asked=_asked(order),
    )


def minutes_of(order: ServiceOrder) -> int:
    """Return how long a visit takes: as promised, else as its service usually does."""
    if order.visit_begins is not None and order.visit_ends is not None and order.visit_ends > order.visit_begins:
        return max(1, int((order.visit_ends - order.visit_begins).total_seconds() // 60))
    return order.item.minutes if order.item else USUAL_MINUTES


def _hours(day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    return datetime.combine(day, FIRST, zone), datetime.combine(day, LAST, zone)


def _names(order: ServiceOrder) -> tuple[str, ...]:
    return tuple(visitor.volunteer.person.name for visitor in order.visitors)


def _asked(order: ServiceOrder) -> Move | None:
    return next((move for move in order.moves if move.state is MoveState.ASKED), None)
