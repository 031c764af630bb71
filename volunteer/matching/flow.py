"""The exact core: every order once at most, every team within its seats, the largest total gain. Arrays in, arrays out.

Gains, prices and bypasses are whole numbers, so that "largest" means largest: there is nothing to round. The network is solved
by OR-Tools' cost-scaling min-cost flow; ``certificate.py`` proves the answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from ortools.graph.python import min_cost_flow

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Indices = NDArray[np.int32]

LARGEST_COST = 2**60  # what OR-Tools can still multiply by the number of nodes must stay below 2^63


@dataclass(frozen=True)
class Network:
    """Orders 0 to n - 1, teams 0 to m - 1, and who can do what for how much.

    rows, cols, gains: (a,) arcs in order of (row, col): order, team, what the pair is worth. bypass: (n,) what it costs to leave
    an order unserved. seat_cols, seat_prices: (s,) one row per seat, in order of team and price: a team's first order takes its
    cheapest seat, so that rising prices spread the work.
    """

    rows: Indices
    cols: Indices
    gains: Ints
    bypass: Ints
    seat_cols: Indices
    seat_prices: Ints
    teams: int

    @property
    def orders(self) -> int:
        """Return how many orders there are."""
        return len(self.bypass)

    @cached_property
    def row_start(self) -> Ints:
        """Return (n + 1,) where the arcs of each order begin."""
        return np.searchsorted(self.rows, np.arange(self.orders + 1, dtype=np.int32)).astype(np.int64)

    @cached_property
    def seat_start(self) -> Ints:
        """Return (m + 1,) where the seats of each team begin."""
        return np.searchsorted(self.seat_cols, np.arange(self.teams + 1, dtype=np.int32)).astype(np.int64)

    @cached_property
    def seats(self) -> Ints:
        """Return (m,) the seats of each team."""
        return np.diff(self.seat_start)


@dataclass(frozen=True)
class Flow:
    """Who does what. arc: (n,) the arc that serves each order or -1. col: (n,) its team or -1. taken: (m,) seats in use."""

    arc: Ints
    col: Indices
    taken: Ints

    @property
    def served(self) -> int:
        """Return how many orders are served."""
        return int((self.arc >= 0).sum())


def network(
    rows: NDArray[np.integer],
    cols: NDArray[np.integer],
    gains: NDArray[np.integer],
    capacities: NDArray[np.integer],
    *,
    orders: int | None = None,
    bypass: NDArray[np.integer] | None = None,
    seat_prices: NDArray[np.integer] | None = None,
) -> Network:
    """Return the network of these arcs, in any order, each pair once.

    capacities: (m,) seats of each team. orders: how many there are; by default up to the last that has an arc. bypass: (n,) what
    leaving an order unserved costs; by default nothing, so that a pair with a negative gain is never made. seat_prices: one per
    seat, team after team, rising within a team; by default 0. Raises ValueError when the arrays do not fit.
    """
    count = int(orders if orders is not None else len(bypass) if bypass is not None else rows.max(initial=-1) + 1)
    teams = len(capacities)
    _check(rows, cols, gains, capacities, count)
    order = np.lexsort((cols, rows))
    if (order[1:] == order[:-1] + 1).all():
        order = slice(None)  # type: ignore[assignment]  # sorted already: no copies
    rows, cols, gains = (array[order] for array in (rows, cols, gains))
    if ((rows[1:] == rows[:-1]) & (cols[1:] == cols[:-1])).any():
        raise ValueError("a pair of order and team stands there twice")
    if seat_prices is None:
        asked = np.bincount(cols, minlength=teams)  # more seats than orders that ask are not needed
        counts = np.minimum(capacities, asked)
        prices = np.zeros(int(counts.sum()), np.int64)
    else:
        counts = np.asarray(capacities)
        prices = np.asarray(seat_prices, np.int64)
    seat_cols = np.repeat(np.arange(teams, dtype=np.int32), counts)
    if len(prices) != len(seat_cols) or ((np.diff(prices) < 0) & (np.diff(seat_cols) == 0)).any():
        raise ValueError("there must be one price for every seat, rising within a team")
    return Network(
        rows=rows.astype(np.int32, copy=False),
        cols=cols.astype(np.int32, copy=False),
        gains=gains.astype(np.int64, copy=False),
        bypass=np.zeros(count, np.int64) if bypass is None else np.asarray(bypass, np.int64),
        seat_cols=seat_cols,
        seat_prices=prices,
        teams=teams,
    )


def _check(
    rows: NDArray[np.integer],
    cols: NDArray[np.integer],
    gains: NDArray[np.integer],
    capacities: NDArray[np.integer],
    orders: int,
) -> None:
    if not len(rows) == len(cols) == len(gains):
        raise ValueError(f"{len(rows)} rows, {len(cols)} columns and {len(gains)} gains do not fit")
    for name, array in (("rows", rows), ("cols", cols), ("gains", gains), ("capacities", capacities)):
        if len(array) and not np.issubdtype(array.dtype, np.integer):
            raise ValueError(f"{name} must be whole numbers")
    if len(capacities) and capacities.min() < 0:
        raise ValueError("a capacity is negative")
    if len(rows) and (rows.min() < 0 or rows.max() >= orders or cols.min() < 0 or cols.max() >= len(capacities)):
        raise ValueError("an arc leads to an order or a team that is not there")


def solve(net: Network) -> Flow:
    """Return the flow with the largest value (see ``value``). The same network gives the same flow.

    Raises OverflowError when gains times orders leave 64 bits.
    """
    flow, pairs = ready(net)
    if flow.solve() != flow.OPTIMAL:
        raise OverflowError("the gains are too large to be added up exactly")
    used = np.flatnonzero(flow.flows(pairs))
    arc = np.full(net.orders, -1, np.int64)
    arc[net.rows[used]] = used
    col = np.full(net.orders, -1, np.int32)
    col[net.rows[used]] = net.cols[used]
    return Flow(arc, col, np.bincount(net.cols[used], minlength=net.teams))


def ready(net: Network) -> tuple[min_cost_flow.SimpleMinCostFlow, Indices]:
    """Return the solver with its arcs laid out, and the numbers of those that stand for pairs."""
    n, m, sink = net.orders, net.teams, net.orders + net.teams
    top = int(net.gains.max(initial=0))
    cost = top + max(int(net.bypass.max(initial=0)), -int(net.gains.min(initial=0)), int(net.seat_prices.max(initial=0)))
    if cost * (n + m + 2) > LARGEST_COST:
        raise OverflowError("the gains are too large to be added up exactly")
    flow = min_cost_flow.SimpleMinCostFlow()
    pairs = flow.add_arcs_with_capacity_and_unit_cost(
        net.rows, net.cols + np.int32(n), np.ones(len(net.rows), np.int64), top - net.gains
    )
    cols, prices, counts = _steps(net)
    flow.add_arcs_with_capacity_and_unit_cost(cols + np.int32(n), np.full(len(cols), sink, np.int32), counts, prices)
    nobody = np.arange(n, dtype=np.int32)
    flow.add_arcs_with_capacity_and_unit_cost(nobody, np.full(n, sink, np.int32), np.ones(n, np.int64), top + net.bypass)
    flow.set_nodes_supplies(nobody, np.ones(n, np.int64))
    flow.set_node_supply(sink, -n)
    return flow, pairs


def _steps(net: Network) -> tuple[Indices, Ints, Ints]:
    """Return the seats with equal prices of one team as one: team, price, how many."""
    if not len(net.seat_cols):
        return net.seat_cols, net.seat_prices, net.seat_prices
    fresh = (np.diff(net.seat_cols) != 0) | (np.diff(net.seat_prices) != 0)
    first = np.flatnonzero(np.concatenate(([True], fresh)))
    return net.seat_cols[first], net.seat_prices[first], np.diff(np.append(first, len(net.seat_cols)))


def value(net: Network, flow: Flow) -> int:
    """Return gains and bypasses of the served orders less the prices of the seats taken."""
    served = np.flatnonzero(flow.arc >= 0)
    gained = int(net.gains[flow.arc[served]].sum()) + int(net.bypass[served].sum())
    return gained - seats_cost(net, flow.taken)


def seats_cost(net: Network, taken: Ints) -> int:
    """Return the prices of these many seats, the cheapest first."""
    place = np.arange(len(net.seat_cols)) - net.seat_start[net.seat_cols]
    return int(net.seat_prices[place < taken[net.seat_cols]].sum())
