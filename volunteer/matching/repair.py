"""A few orders get more to choose from after the flow was solved: put right by shortest exchanges instead of solving again.

Each such order is taken out, which may leave a seat that somebody else wants, and put in again with all its arcs, which may
push others on. Both are a search (Dijkstra) among the few teams whose prices are near; flow and prices prove each other after
every step, so the end is the largest flow of the larger network.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from heapq import heappop, heappush
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_array

from volunteer.matching.certificate import Duals
from volunteer.matching.flow import Flow, Network

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]

UNSERVED = -1
Step = tuple[int, int, int, int]  # loss, team, who moves, by which arc


@dataclass(slots=True)
class End:
    """Where the shortest exchange found so far ends, after how much loss; order and arc: by whom, if not at a seat."""

    loss: int
    team: int = UNSERVED
    order: int | None = None
    arc: int = UNSERVED


class TooManySteps(Exception):
    """The exchanges reach so far that solving again is quicker."""


Expand = Callable[[int, int, End], list[Step]]


class Exchange:
    """A flow with its proof, both changeable. The network may hold arcs that the proof does not cover: ``again`` their orders."""

    def __init__(self, net: Network, flow: Flow, duals: Duals) -> None:
        """Take over flow and prices; the flow's arcs are arcs of this network."""
        self.net = net
        self.arc, self.col, self.taken = flow.arc.copy(), flow.col.copy(), flow.taken.copy()
        self.surplus, self.prices = duals.surplus.copy(), duals.prices.copy()
        across = csr_array((np.arange(len(net.cols)), net.cols, net.row_start), shape=(net.orders, net.teams)).tocsc()
        self.by_col, self.col_start = across.data, across.indptr
        self._sorted = np.argsort(flow.col, kind="stable")
        self._first = np.searchsorted(flow.col[self._sorted], np.arange(net.teams + 1))
        self._here: dict[int, set[int]] = {}

    def again(self, orders: list[int], patience: int) -> tuple[Flow, Duals]:
        """Take these orders out and put them in again; return the largest flow and its proof.

        Raises TooManySteps when more than ``patience`` teams had to be looked at.
        """
        self.out, self.patience = set(orders), patience
        for order in orders:
            self._take_out(order)
        for order in orders:
            self.out.discard(order)
            self._put_in(order)
        return Flow(self.arc, self.col, self.taken), Duals(self.surplus, self.prices)

    def _take_out(self, order: int) -> None:
        """Leave the order aside. A seat that costs less than its team's price goes to whoever gains most from it."""
        team = int(self.col[order])
        self._leave(order)
        self.surplus[order] = 0
        if team < 0:
            return
        self.taken[team] -= 1
        end = End(int(self.prices[team]) - self._seat(team, int(self.taken[team])), team)
        if end.loss <= 0:
            return
        self.taken[team] += 1  # the seat is handed on; whoever hands none on gives one back
        came: dict[int, tuple[int, int]] = {}
        reached = self._reach({team: 0}, came, end, self._askers)
        for at, loss in reached.items():
            self._reprice(at, loss - end.loss)
        if end.order is not None:
            self._sit(end.order, end.arc)
        else:
            self.taken[end.team] -= 1
        at = end.team
        while at != team:
            mover, arc = came[at]
            self._leave(mover)
            self._sit(mover, arc)
            at = int(self.net.cols[arc])

    def _put_in(self, order: int) -> None:
        """Serve the order where it brings most, pushing others on to where they lose least; or leave it out when that is less."""
        net = self.net
        arcs = range(int(net.row_start[order]), int(net.row_start[order + 1]))
        left = {arc: int(net.bypass[order] + net.gains[arc] - self.prices[net.cols[arc]]) for arc in arcs}
        most = max(0, *left.values()) if left else 0
        end = End(most)
        starts: dict[int, int] = {}
        came: dict[int, tuple[int, int]] = {}
        for arc, value in left.items():
            starts[int(net.cols[arc])] = most - value
            came[int(net.cols[arc])] = (order, arc)
        reached = self._reach(starts, came, end, self._movers)
        self.surplus[order] = most - end.loss
        for at, loss in reached.items():
            self._reprice(at, end.loss - loss)
        if end.order is not None:
            self._leave(end.order)
        elif end.team < 0:
            return  # it stays out itself
        else:
            self.taken[end.team] += 1
        at = end.team
        while True:
            mover, arc = came[at]
            before = int(self.col[mover])
            self._leave(mover)
            self._sit(mover, arc)
            if mover == order:
                return
            at = before

    def _reach(self, starts: dict[int, int], came: dict[int, tuple[int, int]], end: End, expand: Expand) -> dict[int, int]:
        """Return the teams nearer than the end, each with its loss; fills ``came`` (who comes by which arc) and ``end``."""
        heap = sorted((loss, team) for team, loss in starts.items() if loss < end.loss)
        known = dict(starts)
        done: dict[int, int] = {}
        while heap:
            loss, team = heappop(heap)
            if loss >= end.loss:
                break
            if team in done:
                continue
            done[team] = loss
            self.patience -= 1
            if self.patience < 0:
                raise TooManySteps
            for further, other, mover, arc in expand(team, loss, end):
                if further < end.loss and further < known.get(other, further + 1):
                    known[other] = further
                    came[other] = (mover, arc)
                    heappush(heap, (further, other))
        return {team: loss for team, loss in done.items() if loss < end.loss}

    def _movers(self, team: int, loss: int, end: End) -> list[Step]:
        """Who of a team could go where: also ends at its free seat, or at one of its orders that would do without."""
        net = self.net
        if self.taken[team] < net.seats[team]:
            free = loss + self._seat(team, int(self.taken[team])) - int(self.prices[team])
            if free < end.loss:
                end.loss, end.team, end.order = free, team, None
        steps = []
        for order in sorted(self._at(team)):
            without = loss + int(self.surplus[order])
            if without < end.loss:
                end.loss, end.team, end.order = without, team, order
            arcs = slice(int(net.row_start[order]), int(net.row_start[order + 1]))
            slack = self.surplus[order] + self.prices[net.cols[arcs]] - net.gains[arcs] - net.bypass[order]
            near = np.flatnonzero(slack < end.loss - loss)
            others = net.cols[arcs][near].tolist()
            for place, other, more in zip(near.tolist(), others, slack[near].tolist(), strict=True):
                if other != team:
                    steps.append((loss + more, other, order, arcs.start + place))
        return steps

    def _askers(self, team: int, loss: int, end: End) -> list[Step]:
        """Who would come to a team from where: also ends where the team gives a seat back, or an order is unserved."""
        net = self.net
        back = loss + int(self.prices[team]) - self._seat(team, int(self.taken[team]) - 1)
        if back < end.loss:
            end.loss, end.team, end.order = back, team, None
        arcs = self.by_col[self.col_start[team] : self.col_start[team + 1]]
        orders = net.rows[arcs]
        slack = self.surplus[orders] + self.prices[team] - net.gains[arcs] - net.bypass[orders]
        near = np.flatnonzero(slack < end.loss - loss)
        steps = []
        for order, arc, more in zip(orders[near].tolist(), arcs[near].tolist(), slack[near].tolist(), strict=True):
            other, further = int(self.col[order]), loss + more
            if other == team or order in self.out or further >= end.loss:
                continue
            if other < 0:
                end.loss, end.team, end.order, end.arc = further, team, order, arc
            else:
                steps.append((further, other, order, arc))
        return steps

    def _at(self, team: int) -> set[int]:
        """The orders that the team serves now."""
        here = self._here.get(team)
        if here is None:
            here = self._here[team] = set(self._sorted[self._first[team] : self._first[team + 1]].tolist())
        return here

    def _seat(self, team: int, place: int) -> int:
        return int(self.net.seat_prices[self.net.seat_start[team] + place])

    def _reprice(self, team: int, change: int) -> None:
        self.prices[team] += change
        for order in self._at(team):
            self.surplus[order] -= change

    def _leave(self, order: int) -> None:
        team = int(self.col[order])
        if team >= 0:
            self._at(team).discard(order)
        self.col[order] = self.arc[order] = UNSERVED

    def _sit(self, order: int, arc: int) -> None:
        team = int(self.net.cols[arc])
        self.col[order], self.arc[order] = team, arc
        self._at(team).add(order)
