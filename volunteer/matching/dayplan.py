"""The order in which one crew makes the visits of a day: windows, durations, ways between, promises that stand. Pure.

Objective, in this order: keep every promise, make as many visits as possible, travel least, end soonest; ties by ids. Up to
EXACT visits this is solved exactly by dynamic programming over sets of visits (Held & Karp, 1962) with the non-dominated pairs
of end and travel at each; above, OR-Tools' routing finds the order from fixed parameters, without a clock, and an exact pass over
every few neighbours mends it. Same visits in any order, same plan.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from volunteer.matching.distance import great_circle_metres

EXACT = 10
NEIGHBOURS = 7  # that are solved anew together when a routed day is mended
GRID = 5  # minutes: nobody promises 10:37
NEXT_DOOR = 150.0  # metres within which nobody travels
EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
PROMISE, VISIT = 10_000_000, 100_000  # minutes of travel that dropping one is worth to the router: more than any day has
Spot = tuple[float, float]
Travel = Callable[[Spot, Spot], int]
Choice = tuple[int, int, tuple[int, ...]]  # travel, end, sequence: smaller is better


class Binding(StrEnum):
    """What keeps a visit out of a day."""

    WINDOW = "window"  # its own time is over, or ends before it begins
    HOME = "home"  # too far from where the crew starts
    OVERLAP = "overlap"  # at the same time as another one
    TRAVEL = "travel"  # too far from another one to be there in time
    FULL = "full"  # the others leave no room


@dataclass(frozen=True, slots=True)
class Stop:
    """A visit: where, for how many minutes, beginning between ``earliest`` and ``latest``; ``promised``: exactly at earliest."""

    id: int
    spot: Spot
    minutes: int
    earliest: datetime
    latest: datetime
    promised: bool = False


@dataclass(frozen=True, slots=True)
class Leg:
    """A visit in the plan, with the way to it from the one before and the minutes to spare before it begins."""

    stop_id: int
    begins: datetime
    ends: datetime
    travel: int
    spare: int


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A visit that does not fit: why, because of which other one, and when the crew could be there at the soonest."""

    stop_id: int
    why: Binding
    other: int | None = None
    soonest: datetime | None = None


@dataclass(frozen=True, slots=True)
class DayPlan:
    """The visits in their order, those that do not fit with the binding reason, and the minutes of travel."""

    legs: tuple[Leg, ...]
    left_out: tuple[LeftOut, ...]
    travel: int


@dataclass(frozen=True, slots=True)
class _Task:
    """A stop in whole minutes since EPOCH."""

    stop: Stop
    earliest: int
    latest: int

    @property
    def minutes(self) -> int:
        return self.stop.minutes


@dataclass(frozen=True, slots=True)
class _Day:
    """Tasks by place, the way between any two, the way from home to each, and when the crew may leave home."""

    tasks: tuple[_Task, ...]
    ways: tuple[tuple[int, ...], ...]
    first: tuple[int, ...]
    starts: int | None

    def begin(self, place: int, before: int | None, end: int) -> int | None:
        """When the visit at ``place`` can begin after the one at ``before`` that ends at ``end``; None when too late."""
        task = self.tasks[place]
        soonest = self.arrival(place, before, end)
        at = max(task.earliest, soonest) if soonest is not None else task.earliest
        if not task.stop.promised:
            at = -(-at // GRID) * GRID
        return at if at <= task.latest else None

    def arrival(self, place: int, before: int | None, end: int) -> int | None:
        """When the crew can be there at the soonest; None when nothing holds it back."""
        if before is not None:
            return end + self.ways[before][place]
        return None if self.starts is None else self.starts + self.first[place]

    def way(self, place: int, before: int | None) -> int:
        """Minutes of travel to the visit at ``place``."""
        return self.first[place] if before is None else self.ways[before][place]


def plan_day(
    stops: Iterable[Stop],
    *,
    home: Spot | None = None,
    starts: datetime | None = None,
    travel: Travel | None = None,
    exact: int = EXACT,
) -> DayPlan:
    """Return the day of one crew that starts at ``home`` (not before ``starts``), every visit in it or named with its reason.

    travel: minutes between two places, the straight line at 20 km/h and five minutes by default. Raises ValueError for a visit
    without a duration, without coordinates or twice.
    """
    given = _checked(stops)
    day = _day(given, home, starts, travel or minutes_between)
    able = [
        place for place, task in enumerate(day.tasks) if task.earliest <= task.latest and day.begin(place, None, 0) is not None
    ]
    sequence = _best(day, able) if len(able) <= exact else _mended(day, _routed(day, able), able, min(exact, NEIGHBOURS))
    return _written(day, sequence)


def minutes_between(one: Spot, other: Spot, kmh: float = 20.0, minutes: float = 5.0) -> int:
    """Return the minutes of the way: the straight line at that pace and the time to leave and to find the door."""
    metres = great_circle_metres(one, other)
    return 0 if metres <= NEXT_DOOR else math.ceil(metres * 60 / (max(kmh, 1.0) * 1000) + minutes)


def _checked(stops: Iterable[Stop]) -> list[Stop]:
    given = sorted(stops, key=lambda stop: stop.id)
    if len({stop.id for stop in given}) != len(given):
        raise ValueError("a visit stands twice in the day")
    for stop in given:
        if stop.minutes <= 0 or not all(math.isfinite(degree) for degree in stop.spot):
            raise ValueError(f"visit {stop.id} needs a duration and a place")
    return given


def _day(given: Sequence[Stop], home: Spot | None, starts: datetime | None, travel: Travel) -> _Day:
    tasks = tuple(_Task(s, _minute(s.earliest), _minute(s.earliest if s.promised else s.latest, down=True)) for s in given)
    ways = tuple(tuple(0 if one is other else travel(one.spot, other.spot) for other in given) for one in given)
    first = tuple(0 if home is None else travel(home, stop.spot) for stop in given)
    return _Day(tasks, ways, first, None if starts is None else _minute(starts))


def _minute(at: datetime, *, down: bool = False) -> int:
    seconds = (at - EPOCH).total_seconds()
    return math.floor(seconds / 60) if down else math.ceil(seconds / 60)


def _best(day: _Day, places: Sequence[int], before: int | None = None, end: int = 0) -> tuple[int, ...]:
    """The best sequence of some of ``places``, exactly: over all sets and last visits, the pairs that nothing beats."""
    states: dict[tuple[int, int | None], list[Choice]] = {(0, before): [(0, end, ())]}
    found: list[tuple[tuple[int, int], Choice]] = [((0, 0), (0, end, ()))]
    for size in range(len(places)):
        for (mask, last), choices in [item for item in states.items() if item[0][0].bit_count() == size]:
            for position, place in enumerate(places):
                if mask >> position & 1:
                    continue
                for travel, ended, sequence in choices:
                    begins = day.begin(place, last, ended)
                    if begins is None:
                        continue
                    choice = (travel + day.way(place, last), begins + day.tasks[place].minutes, (*sequence, place))
                    _keep(states.setdefault((mask | 1 << position, place), []), choice)
    for (mask, _), choices in states.items():
        inside = [place for position, place in enumerate(places) if mask >> position & 1]
        promised = sum(day.tasks[place].stop.promised for place in inside)
        found += (((-promised, -len(inside)), choice) for choice in choices)
    return min(found)[1][2]


def _keep(choices: list[Choice], new: Choice) -> None:
    """Add a choice unless another one is no worse in travel and end; drop those that it beats."""
    if any(one[0] <= new[0] and one[1] <= new[1] and (one[:2] != new[:2] or one[2] <= new[2]) for one in choices):
        return
    choices[:] = [one for one in choices if not (new[0] <= one[0] and new[1] <= one[1])] + [new]


def _routed(day: _Day, places: Sequence[int]) -> tuple[int, ...]:
    from ortools.constraint_solver import pywrapcp, routing_enums_pb2  # slow to load: for long days only

    count = len(places)
    base = min(day.tasks[place].earliest for place in places)
    base = base if day.starts is None else min(base, day.starts)
    horizon = max(day.tasks[place].latest + day.tasks[place].minutes for place in places) - base
    manager = pywrapcp.RoutingIndexManager(count + 1, 1, count)
    routing = pywrapcp.RoutingModel(manager)

    def way(one: int, other: int) -> int:
        here, there = manager.IndexToNode(one), manager.IndexToNode(other)
        if there == count:
            return 0
        return day.way(places[there], None if here == count else places[here])

    def spent(one: int, other: int) -> int:
        here = manager.IndexToNode(one)
        return way(one, other) + (0 if here == count else day.tasks[places[here]].minutes)

    routing.SetArcCostEvaluatorOfAllVehicles(routing.RegisterTransitCallback(way))
    routing.AddDimension(routing.RegisterTransitCallback(spent), horizon, horizon * 2, False, "time")
    time = routing.GetDimensionOrDie("time")
    for node, place in enumerate(places):
        task = day.tasks[place]
        index = manager.NodeToIndex(node)
        time.CumulVar(index).SetRange(task.earliest - base, task.latest - base)
        routing.AddDisjunction([index], PROMISE if task.stop.promised else VISIT)
    if day.starts is not None:
        time.CumulVar(routing.Start(0)).SetMin(day.starts - base)
    search = pywrapcp.DefaultRoutingSearchParameters()
    search.first_solution_strategy = routing_enums_pb2.FirstSolutionStrategy.PARALLEL_CHEAPEST_INSERTION
    search.local_search_metaheuristic = routing_enums_pb2.LocalSearchMetaheuristic.GREEDY_DESCENT
    search.solution_limit = 1_000
    solution = routing.SolveWithParameters(search)
    sequence: list[int] = []
    index = routing.Start(0) if solution else None
    while index is not None and not routing.IsEnd(index):
        node = manager.IndexToNode(index)
        if node != count:
            sequence.append(places[node])
        index = solution.Value(routing.NextVar(index))
    return tuple(sequence)


def _mended(day: _Day, sequence: Sequence[int], able: Sequence[int], exact: int) -> tuple[int, ...]:
    """Solve every window of neighbours exactly, with what was left out, until nothing gets better."""
    best, worth = _made(day, sequence)
    for _ in range(len(able)):
        before = worth
        for start in range(max(1, len(best) - exact + 2)):
            left = [place for place in able if place not in best]
            for extra in [None, *left]:
                inner = [*best[start : start + exact - 1], *([] if extra is None else [extra])]
                ended = _ended(day, best[:start])
                middle = _best(day, sorted(inner), best[start - 1] if start else None, ended)
                tried, value = _made(day, (*best[:start], *middle, *best[start + exact - 1 :]))
                if value < worth:
                    best, worth = tried, value
        if worth == before:
            break
    return best


def _made(day: _Day, sequence: Sequence[int]) -> tuple[tuple[int, ...], tuple[int, int, int, int, tuple[int, ...]]]:
    """The visits of a sequence that can be made, in it, and what it is worth: smaller is better."""
    made: list[int] = []
    end = travel = promised = 0
    for place in sequence:
        before = made[-1] if made else None
        begins = day.begin(place, before, end)
        if begins is None:
            continue
        travel += day.way(place, before)
        end = begins + day.tasks[place].minutes
        promised += day.tasks[place].stop.promised
        made.append(place)
    return tuple(made), (-promised, -len(made), travel, end, tuple(made))


def _ended(day: _Day, sequence: Sequence[int]) -> int:
    return _made(day, sequence)[1][3]


def _written(day: _Day, sequence: Sequence[int]) -> DayPlan:
    legs: list[Leg] = []
    before, end = None, 0
    for place in sequence:
        begins = day.begin(place, before, end)
        if begins is None:
            raise AssertionError("a sequence that was chosen can be made")
        way = day.way(place, before)
        spare = 0 if before is None else begins - end - way
        end = begins + day.tasks[place].minutes
        legs.append(Leg(day.tasks[place].stop.id, _moment(begins), _moment(end), way, spare))
        before = place
    times = {place: (_minute(leg.begins), _minute(leg.ends)) for place, leg in zip(sequence, legs, strict=True)}
    left = [place for place in range(len(day.tasks)) if place not in times]
    return DayPlan(tuple(legs), tuple(_reason(day, place, times) for place in left), sum(leg.travel for leg in legs))


def _reason(day: _Day, place: int, times: dict[int, tuple[int, int]]) -> LeftOut:
    """Why a visit is not in the plan: its own window, the way from home, one other visit, or all of them together."""
    task = day.tasks[place]
    if task.earliest > task.latest:
        return LeftOut(task.stop.id, Binding.WINDOW)
    if day.begin(place, None, 0) is None:
        arrival = day.arrival(place, None, 0)
        near = arrival is not None and day.starts is not None and day.starts > task.latest
        return LeftOut(
            task.stop.id, Binding.WINDOW if near else Binding.HOME, soonest=None if arrival is None else _moment(arrival)
        )
    clashes: list[tuple[bool, int, int, int]] = []
    for other, (begins, ends) in times.items():
        after = day.begin(place, other, ends)
        ended = task.earliest + task.minutes
        if after is None and ended + day.ways[place][other] > begins:
            arrival = ends + day.ways[other][place]
            overlaps = task.earliest < ends and begins < task.latest + task.minutes
            clashes.append((not overlaps, arrival, day.tasks[other].stop.id, other))
    if not clashes:
        return LeftOut(task.stop.id, Binding.FULL)
    apart, arrival, other_id, _ = min(clashes)
    return LeftOut(task.stop.id, Binding.TRAVEL if apart else Binding.OVERLAP, other_id, _moment(arrival))


def _moment(minute: int) -> datetime:
    return EPOCH + timedelta(minutes=minute)
