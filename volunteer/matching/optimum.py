"""The best plan over all able pairs, though only a few of them are ever in the network.

Solved once on the candidates; the team prices that prove it are then held against every pair that was cut. Pairs that would
improve are added and the flow is put right, by a few exchanges or by solving again, until none is left: the gap is 0.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from volunteer.matching.board import GRAIN, LARGEST_SCORE, Board
from volunteer.matching.candidates import Arcs, allowed, best_of_each, joined, nearest
from volunteer.matching.certificate import Duals, NotTheLargest, duals
from volunteer.matching.flow import Flow, Network, solve
from volunteer.matching.pricing import Changed, improving
from volunteer.matching.repair import Exchange, TooManySteps

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]

SHARED, EACH = 200_000, 18  # candidates of a large board: these to share, and so many for each order
MOST_ARCS = 5_000_000  # a network is not widened far beyond
ROUNDS = 40
ADDED = 64  # better pairs that an order gets at first; twice as many each time
SPANS = 4  # of values that serving an order is worth at first
STEP = 200  # looking at one team during an exchange takes as long as this many arcs when the network is solved again
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
    arcs = allowed(nearest(board, min(near, EACH + SHARED // count)), forbidden, board.teams)
    seat_cols, seat_prices = seats(board)
    bypass = np.zeros(len(board.requests), np.int64)
    if most_first:
        bypass += worth_of_serving(board, seat_prices) * (1 + np.ceil(LEVELS * board.urgency).astype(np.int64))
    net = Network(*arcs, bypass, seat_cols, seat_prices, board.teams)
    flow, proof = solved(net)
    everything = changed = Changed(np.ones(len(bypass), np.bool_), np.ones(board.teams, np.bool_))
    for number in range(1, ROUNDS + 1):
        wanted = proof.surplus - bypass
        found, whole = improving(board, wanted, proof.prices, changed, forbidden)
        better = _new(net, found, proof)
        if not len(better.rows):
            return Optimum(net, flow, proof, 0, number)
        orders = np.unique(better.rows)
        affordable = (MOST_ARCS - len(net.rows)) // len(orders)
        some = best_of_each(better, _excess(better, proof, wanted), max(ADDED, min(ADDED << number - 1, affordable)))
        net, flow = _widened(net, flow, some)
        try:
            flow, after = Exchange(net, flow, proof).again(orders.tolist(), len(net.rows) // STEP)
        except TooManySteps:
            flow, after = solved(net)
        changed = everything
        if whole and len(some.rows) == len(better.rows):
            changed = Changed(after.surplus < proof.surplus, after.prices < proof.prices)
        proof = after
    wanted = proof.surplus - bypass
    left = _new(net, improving(board, wanted, proof.prices, everything, forbidden)[0], proof)
    excess = np.zeros(len(board.requests), np.int64)
    np.maximum.at(excess, left.rows, _excess(left, proof, wanted))
    return Optimum(net, flow, proof, int(excess.sum()), ROUNDS)


def solved(net: Network) -> tuple[Flow, Duals]:
    """Return the largest flow and its proof.

    Serving must outweigh every chain of exchanges that there could be; real chains are short, and the solver is twice as fast
    with small costs. So it is first asked with a bypass of a few spans only: what it answers is nearly always the largest flow
    of the network as it is, and is taken only when the prices prove that.
    """
    level = int(net.bypass.min()) if net.orders else 0
    span = int(net.gains.max(initial=0) - net.gains.min(initial=0)) + int(net.seat_prices.max(initial=0)) + 1
    if level > SPANS * span:
        flow = solve(replace(net, bypass=net.bypass // level * (SPANS * span)))
        try:
            return flow, duals(net, flow)
        except NotTheLargest:
            pass
    flow = solve(net)
    return flow, duals(net, flow)


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


def _excess(arcs: Arcs, proof: Duals, wanted: Ints) -> Ints:
    """Return by how much each arc is worth more than the proof allows."""
    return arcs.gains - proof.prices[arcs.cols] - wanted[arcs.rows]


def _new(net: Network, arcs: Arcs, proof: Duals) -> Arcs:
    """Return the arcs that are not in the network: one that is may seem better by the last rounding of its value."""
    listed = np.zeros(len(arcs.rows), np.bool_)
    for at in np.flatnonzero(_excess(arcs, proof, proof.surplus - net.bypass) <= 1).tolist():
        order = int(arcs.rows[at])
        listed[at] = arcs.cols[at] in net.cols[net.row_start[order] : net.row_start[order + 1]]
    return Arcs(arcs.rows[~listed], arcs.cols[~listed], arcs.gains[~listed])


def _widened(net: Network, flow: Flow, more: Arcs) -> tuple[Network, Flow]:
    """Return the network with more arcs, and the same flow in it."""
    moved = np.searchsorted(more.rows, net.rows, side="left")  # new arcs of earlier orders come before
    arc, served = flow.arc.copy(), flow.arc >= 0
    arc[served] += moved[arc[served]]
    wider = joined(Arcs(net.rows, net.cols, net.gains), more)
    return Network(*wider, net.bypass, net.seat_cols, net.seat_prices, net.teams), Flow(arc, flow.col, flow.taken)
