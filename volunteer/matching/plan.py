"""What ``assign`` answers: arrays inside; matches and reasons are put together when they are looked at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from volunteer.matching.board import GRAIN, Board
from volunteer.matching.flow import seats_cost
from volunteer.matching.optimum import Optimum
from volunteer.matching.rank import Ranking
from volunteer.matching.score import score
from volunteer.matching.terms import Match, Request
from volunteer.matching.unserved import Unserved, unserved

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Rows = NDArray[np.intp]


class Plan:
    """Who goes where. Every request is either in ``teams`` or in ``unserved``.

    total: scores less prices of all matches. gap: 0 when it is proved that no plan is better; otherwise by how much one could be.
    candidates: pairs that were weighed against each other in the end.
    """

    def __init__(
        self,
        requests: Sequence[Request],
        board: Board,
        best: Optimum,
        kept: Mapping[int, int],
        refused: Mapping[int, Unserved],
        free: Rows,
        forbidden: Ints,
    ) -> None:
        """Keep the answer. free: places of the requests that were planned; kept, refused: of the locked ones."""
        self.requests, self.board, self.best = requests, board, best
        self._kept, self._refused, self._free, self._forbidden = kept, refused, free, forbidden
        self.row: Rows = np.full(len(requests), -1, np.intp)  # of the team, by place of the request
        self.row[free] = best.flow.col
        for at, row in kept.items():
            self.row[at] = row

    @property
    def gap(self) -> float:
        """By how much, at most, another plan could be better; serving one more order counts more than any quality."""
        return self.best.gap / GRAIN

    @property
    def bound(self) -> float:
        """What no plan can exceed."""
        return self.total + self.gap

    @property
    def candidates(self) -> int:
        """How many pairs of request and team were in the network at the end."""
        return len(self.best.net.rows)

    @property
    def served(self) -> int:
        """How many requests have a team."""
        return int((self.row >= 0).sum())

    @cached_property
    def teams(self) -> Mapping[int, int]:
        """The team's id by request id, in order of request ids."""
        teams = self.board.roster.teams
        return {request.id: teams[row].id for request, row in zip(self.requests, self.row.tolist(), strict=True) if row >= 0}

    @cached_property
    def total(self) -> float:
        """The sum of all scores less all prices."""
        flow, net = self.best.flow, self.best.net
        planned = int(net.gains[flow.arc[flow.arc >= 0]].sum()) - seats_cost(net, flow.taken)
        return planned / GRAIN + sum(self._match(at).net for at in self._kept)

    @cached_property
    def prices(self) -> Mapping[int, float]:
        """By team id what one more seat of it would add to the plan, or its next one costs: how sought after it is; none of 0.

        Where seats are so short that one more would serve one more order, the price is that of the best match there could be.
        """
        weights, pull = self.board.policy.weights, self.board.policy.urgent_pull
        most = int(GRAIN * (weights.skill + weights.near * (1 + pull) + weights.rated + weights.continuity))
        prices = np.minimum(self.best.proof.prices, most)
        teams = self.board.roster.teams
        return {teams[row].id: int(prices[row]) / GRAIN for row in np.flatnonzero(prices > 0).tolist()}

    @cached_property
    def matches(self) -> tuple[Match, ...]:
        """Every match with its reasons, in order of request ids: as many as ``teams``."""
        return tuple(self._match(at) for at in np.flatnonzero(self.row >= 0).tolist())

    @cached_property
    def unserved(self) -> tuple[Unserved, ...]:
        """Every request that stays without a team, and why, in order of request ids."""
        out = np.flatnonzero(self.best.flow.arc < 0)
        found = unserved(self.board, out, self._forbidden, self.best.flow.taken)
        return tuple(sorted([*found, *self._refused.values()], key=lambda one: one.request_id))

    def pairs(self) -> Iterator[tuple[int, Match]]:
        """Yield request id and match, in order of request ids."""
        yield from zip(self.teams, self.matches, strict=True)

    def match(self, request_id: int) -> Match | None:
        """Return the match of one request; None when it stays without a team. Raises KeyError when it was never there."""
        at = self._place[request_id]
        return self._match(at) if self.row[at] >= 0 else None

    @cached_property
    def _place(self) -> Mapping[int, int]:
        return {request.id: at for at, request in enumerate(self.requests)}

    @cached_property
    def _turn(self) -> Ints:
        """Return (n,) how many orders of the plan its team takes before it: locked ones first, then in order of request ids."""
        order = np.lexsort((self._inside >= 0, self.row))  # stable
        first = np.searchsorted(self.row[order], self.row[order])
        turn = np.empty(len(order), np.int64)
        turn[order] = np.arange(len(order)) - first
        return turn

    @cached_property
    def _inside(self) -> Rows:
        """Return (n,) the place of each request among the planned ones, -1 for a locked one."""
        inside = np.full(len(self.requests), -1, np.intp)
        inside[self._free] = np.arange(len(self._free))
        return inside

    def _match(self, at: int) -> Match:
        request, row, roster = self.requests[at], int(self.row[at]), self.board.roster
        team = roster.at(row)
        learned = float(roster.learned[row])
        match = score(request, replace(team, load=team.load + int(self._turn[at])), self.board.policy, learned)
        if match is None:
            raise AssertionError(f"team {team.id} was planned for request {request.id} and cannot do it")
        return replace(match, rank=self._rank(at, row))

    def _rank(self, at: int, row: int) -> int:
        """The team's place among the order's candidates as things stood before the plan."""
        inside, roster, net = int(self._inside[at]), self.board.roster, self.best.net
        if inside < 0:
            found = Ranking(self.requests[at], roster, self.board.policy).of(roster.teams[row].id)
            return found.rank if found else 0
        arcs = slice(int(net.row_start[inside]), int(net.row_start[inside + 1]))
        values = net.gains[arcs] - self._first_seat[net.cols[arcs]]
        mine = values[net.cols[arcs] == row]
        ahead = (values > mine) | ((values == mine) & (net.cols[arcs] < row))
        return 1 + int(ahead.sum())

    @cached_property
    def _first_seat(self) -> Ints:
        """Return (m,) what is taken off for the load that each team has now, in millionths."""
        roster = self.board.roster
        return np.rint(GRAIN * (roster.price(self.board.policy) - roster.learned)).astype(np.int64)
