"""The best plan over all able pairs, though only a few of them are ever in the network.

Solved once on the candidates; the team prices that prove it are then held against every pair that was cut. Pairs that would
improve are added and the flow is put right, by a few exchanges or by solving again, until none is left: the gap is 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from volunteer.matching.board import GRAIN, LARGEST_SCORE, Board
from volunteer.matching.candidates import Arcs, joined, nearest
from volunteer.matching.certificate import Duals, duals
from volunteer.matching.flow import Flow, Network, solve
from volunteer.matching.pricing import Changed, improving
from volunteer.matching.repair import Exchange

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]

MOST_ARCS = 2_000_000  # candidates of a very large board; fewer than MOST_ARCS / orders each are not asked for below LEAST
LEAST = 12
ROUNDS = 40
FEW = 2_000  # orders that are put right one by one; more are solved again
ADDED = 16  # better pairs that an order gets at a time
LEVELS = 4  # steps of urgency


@dataclass(frozen=True, slots=True)
class Optimum:
    """The network at the end, its largest flow and the proof. gap: 0, or by how much at most another plan could be better."""

    net: Network
    flow: Flow
    proof: Duals
    gap: int
    rounds: int


def optimum(board: Board, *, near: int, forbidden: Ints, most_first: bool) -> Optimum:
    """Return the best plan. forbidden: sorted ``order * teams + team``. most_first: serve as many as can be at any cost."""
    count = max(1, len(board.requests))
    arcs = _allowed(board, nearest(board, min(near, max(LEAST, MOST_ARCS // count))), forbidden)
    seat_cols, seat_prices = seats(board)
    bypass = np.zeros(len(board.requests), np.int64)
    if most_first:
        bypass += worth_of_serving(board, seat_prices) * (1 + np.ceil(LEVELS * board.urgency).astype(np.int64))
    net = Network(*arcs, bypass, seat_cols, seat_prices, board.teams)
    flow = solve(net)
    proof = duals(net, flow)
    everything = changed = Changed(np.ones(len(bypass), np.bool_), np.ones(board.teams, np.bool_))
    for number in range(1, ROUNDS + 1):
        wanted = proof.surplus - bypass
        better = _new(net, _allowed(board, improving(board, wanted, proof.prices, changed), forbidden))
        if not len(better.rows):
            return Optimum(net, flow, proof, 0, number)
        gains = better.gains - proof.prices[better.cols] - wanted[better.rows]
        some = _best_of_each(better, gains, ADDED)
        net, flow = _widened(net, flow, some)
        orders = np.unique(some.rows)
        if len(orders) <= FEW:
            flow, after = Exchange(net, flow, proof).again(orders.tolist())
            all_added = len(some.rows) == len(better.rows)
            changed = Changed(after.surplus < proof.surplus, after.prices < proof.prices) if all_added else everything
            proof = after
        else:
            flow = solve(net)
            proof, changed = duals(net, flow), everything
    wanted = proof.surplus - bypass
    left = _new(net, _allowed(board, improving(board, wanted, proof.prices, everything), forbidden))
    excess = np.zeros(len(board.requests), np.int64)
    np.maximum.at(excess, left.rows, left.gains - proof.prices[left.cols] - wanted[left.rows])
    return Optimum(net, flow, proof, int(excess.sum()), ROUNDS)


def seats(board: Board) -> tuple[NDArray[np.int32], Ints]:
    """Return the team and the price of every seat: load_price * (load / capacity)² of score, for the load before it."""
    ground = board.roster.ground
    asked = np.zeros(board.teams, np.int64)
    for kind in board.kinds:
        asked[kind.teams] += len(kind.orders)
    counts = np.minimum(board.room, asked)
    cols = np.repeat(np.arange(board.teams, dtype=np.int32), counts)
    place = np.arange(len(cols)) - np.repeat(np.cumsum(counts) - counts, counts)
    load = ground.capacity[cols] - board.room[cols] + place
    return cols, np.rint(GRAIN * board.policy.load_price * (load / np.maximum(ground.capacity[cols], 1)) ** 2).astype(np.int64)


def worth_of_serving(board: Board, seat_prices: Ints) -> int:
    """Return what serving one more order must be worth to outweigh all quality that it could cost.

    Whoever is served instead, or in addition, pushes others on along a chain that meets no team twice: at most min(n, m) + 1
    pairs are exchanged, each for one that differs by no more than the span of all values.
    """
    weights, pull = board.policy.weights, board.policy.urgent_pull
    best = weights.skill + weights.near * (1 + pull) + weights.rated + weights.continuity
    worst = board.roster.dearest
    if max(best, worst, board.policy.load_price) > LARGEST_SCORE:
        raise ValueError(f"a weight or a price is above {LARGEST_SCORE:g}: scores could not be added up exactly")
    span = int(GRAIN * (best + worst)) + 2 + int(seat_prices.max(initial=0))
    return (min(len(board.requests), board.teams) + 1) * span + 1


def _allowed(board: Board, arcs: Arcs, forbidden: Ints) -> Arcs:
    if not len(forbidden) or not len(arcs.rows):
        return arcs
    keys = arcs.rows.astype(np.int64) * board.teams + arcs.cols
    at = np.minimum(np.searchsorted(forbidden, keys), len(forbidden) - 1)
    keep = forbidden[at] != keys
    return Arcs(arcs.rows[keep], arcs.cols[keep], arcs.gains[keep])


def _new(net: Network, arcs: Arcs) -> Arcs:
    """Return the arcs that are not in the network (one may seem better by the last rounding of a value)."""
    listed = np.zeros(len(arcs.rows), np.bool_)
    for order in np.unique(arcs.rows).tolist():
        mine = slice(*np.searchsorted(arcs.rows, (order, order + 1)))
        listed[mine] = np.isin(arcs.cols[mine], net.cols[net.row_start[order] : net.row_start[order + 1]])
    return Arcs(arcs.rows[~listed], arcs.cols[~listed], arcs.gains[~listed])


def _best_of_each(arcs: Arcs, gains: Ints, most: int) -> Arcs:
    """Return at most this many arcs of each order, those that gain most, equals in order of teams."""
    order = np.lexsort((arcs.cols, -gains, arcs.rows))
    rows = arcs.rows[order]
    place = np.arange(len(rows)) - np.searchsorted(rows, rows)
    keep = np.sort(order[place < most])
    return Arcs(arcs.rows[keep], arcs.cols[keep], arcs.gains[keep])


def _widened(net: Network, flow: Flow, more: Arcs) -> tuple[Network, Flow]:
    """Return the network with more arcs, and the same flow in it."""
    moved = np.searchsorted(more.rows, net.rows, side="left")  # new arcs of earlier orders come before
    arc, served = flow.arc.copy(), flow.arc >= 0
    arc[served] += moved[arc[served]]
    wider = joined(Arcs(net.rows, net.cols, net.gains), more)
    return Network(*wider, net.bypass, net.seat_cols, net.seat_prices, net.teams), Flow(arc, flow.col, flow.taken)
