"""Proof that a flow is the largest: prices for the teams under which nobody would rather have somebody else.

OR-Tools gives no dual values. They are found as longest ways through the residual graph of the optimal flow, in whole numbers:
team prices v and order surpluses u with u[r] + v[t] >= bypass[r] + gain[r, t] for every arc, whose sum equals the flow's value.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from volunteer.matching.flow import Flow, Network, value

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]


class NotTheLargest(ValueError):
    """There is a better flow in this network."""


@dataclass(frozen=True, slots=True)
class Duals:
    """surplus: (n,) what each order would lose by not being there. prices: (m,) what one more seat of each team is worth."""

    surplus: Ints
    prices: Ints


def duals(net: Network, flow: Flow) -> Duals:
    """Return the lowest team prices that prove the flow. Raises NotTheLargest when there is a better one.

    A team's price is what the whole would gain from one more seat of it; with seats left, what the next one costs.
    """
    prices = _floor(net, flow)
    raised = np.flatnonzero(flow.taken > 0)  # teams whose orders might now rather go elsewhere
    by_team = np.argsort(flow.col, kind="stable")  # unserved first
    first = np.searchsorted(flow.col[by_team], np.arange(net.teams + 1))
    worth = np.where(flow.arc >= 0, net.gains[flow.arc], 0) if len(net.gains) else np.zeros(net.orders, np.int64)
    for _ in range(net.teams + 1):
        if not len(raised):
            break
        orders = by_team[_spread(first[raised], first[raised + 1])]
        start, end = net.row_start[orders], net.row_start[orders + 1]
        arcs = _spread(start, end)
        asked = np.repeat(prices[flow.col[orders]] - worth[orders], end - start) + net.gains[arcs]
        cols = net.cols[arcs]
        higher = asked > prices[cols]
        cols, asked = cols[higher], asked[higher]
        np.maximum.at(prices, cols, asked)
        raised = np.unique(cols)
    else:
        raise NotTheLargest("the flow is not the largest: a round of exchanges would gain")
    _refuse_slack(net, flow, prices)
    return Duals(surplus(net, flow, prices, worth), prices)


def surplus(net: Network, flow: Flow, prices: Ints, worth: Ints) -> Ints:
    """Return (n,) what is left of each order's worth when its team is paid; 0 for the unserved."""
    served = np.flatnonzero(flow.arc >= 0)
    left = np.zeros(net.orders, np.int64)
    left[served] = net.bypass[served] + worth[served] - prices[flow.col[served]]
    if left.min(initial=0) < 0:
        raise NotTheLargest("the flow is not the largest: an order costs more than it brings")
    return left


def bound(net: Network, duals: Duals) -> int:
    """Return the value that no flow can exceed, by these prices."""
    above = np.maximum(duals.prices[net.seat_cols] - net.seat_prices, 0)
    return int(duals.surplus.sum()) + int(above.sum())


def proves(net: Network, flow: Flow, duals: Duals) -> bool:
    """Whether these prices prove the flow: no arc is worth more than its ends, and the bound is the value."""
    worth = net.bypass[net.rows] + net.gains
    fair = duals.surplus[net.rows] + duals.prices[net.cols] >= worth
    return bool(fair.all()) and bool((duals.surplus >= 0).all()) and bound(net, duals) == value(net, flow)


def _floor(net: Network, flow: Flow) -> Ints:
    """Return (m,) the least that each team's price can be: its last seat taken, and what every unserved order would pay."""
    prices = np.zeros(net.teams, np.int64)
    has = net.seats > 0
    last = net.seat_start[:-1] + np.maximum(flow.taken - 1, 0)
    prices[has] = net.seat_prices[last[has]]
    left = np.flatnonzero(flow.arc < 0)
    start, end = net.row_start[left], net.row_start[left + 1]
    arcs = _spread(start, end)
    np.maximum.at(prices, net.cols[arcs], net.gains[arcs] + np.repeat(net.bypass[left], end - start))
    return prices


def _refuse_slack(net: Network, flow: Flow, prices: Ints) -> None:
    free = np.flatnonzero(flow.taken < net.seats)
    if (prices[free] > net.seat_prices[net.seat_start[free] + flow.taken[free]]).any():
        raise NotTheLargest("the flow is not the largest: a free seat would gain")


def _spread(start: Ints, end: Ints) -> Ints:
    """Return all numbers from each start to before its end, one after the other."""
    length = end - start
    total = int(length.sum())
    if not total:
        return np.zeros(0, np.int64)
    jump = np.repeat(start - np.concatenate(([0], np.cumsum(length)[:-1])), length)
    return np.arange(total) + jump
