"""Everything that is pending at once: who goes where so that the whole is best, exactly; a reason for every order left out."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from volunteer.matching.board import Board
from volunteer.matching.explain import why_not
from volunteer.matching.optimum import optimum
from volunteer.matching.plan import Plan
from volunteer.matching.roster import Roster
from volunteer.matching.score import score
from volunteer.matching.terms import Policy, Request, Team
from volunteer.matching.unserved import Unserved

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]

MOST_ORDERS = 250_000
MOST_SEATS = 10_000_000
NEAR = 50


@dataclass(frozen=True, slots=True)
class Wishes:
    """Locks that can be kept (place of the request, row of the team), those that cannot, and the seats that they leave."""

    kept: dict[int, int]
    refused: dict[int, Unserved]
    room: Ints


def assign(
    requests: Sequence[Request],
    roster: Sequence[Team] | Roster,
    policy: Policy,
    *,
    prices: Mapping[int, float] | None = None,
    locked: Mapping[int, int] | None = None,
    forbidden: Collection[tuple[int, int]] = (),
    near: int = NEAR,
    most_first: bool = True,
) -> Plan:
    """Return the best plan for all requests together. The same requests and teams, in any order, give the same plan.

    Best means: as many as possible of the most urgent are served, then of the next, then the sum of scores less prices is
    largest; a team's price rises with every order (see ``Policy.load_price``). With ``most_first`` off only the sum counts, and
    an order that would lower it is left out. prices: learned ones by team id; without them the roster's own. locked: team id by
    request id, kept wherever skill, time, reach and room allow. forbidden: (request id, team id). near: how many of the nearest
    able teams are looked at first; fewer make it no worse, since all others are proved away afterwards (``Plan.gap`` is 0).

    Raises ValueError for a request or team that comes twice, a lock on what is not there or forbidden, more than 250,000 requests
    (plan district by district), or more seats than fit. Windows count through availability; two orders in one hour are a matter
    of the team's capacity.
    """
    if near < 1:
        raise ValueError(f"near is {near}, not a positive count")
    if len(requests) > MOST_ORDERS:
        raise ValueError(f"{len(requests)} requests are more than {MOST_ORDERS} in one plan: plan district by district")
    roster = roster if isinstance(roster, Roster) else Roster(roster)
    if prices is not None:
        roster = roster.priced(prices)
    pending = sorted(requests, key=lambda request: request.id)
    for one, other in pairwise(pending):
        if one.id == other.id:
            raise ValueError(f"request {one.id} comes twice")
    place = {request.id: at for at, request in enumerate(pending)} if locked or forbidden else {}
    ruled_out = _keys(forbidden, place, roster)
    wishes = _settle(locked or {}, place, ruled_out, pending, roster, policy)
    free = [at for at in range(len(pending)) if at not in wishes.kept and at not in wishes.refused]
    board = Board([pending[at] for at in free] if len(free) < len(pending) else pending, roster, policy, wishes.room)
    if (size := int(np.minimum(wishes.room, len(free)).sum())) > MOST_SEATS:
        raise ValueError(f"{size} seats are more than {MOST_SEATS} in one plan: capacities are too large")
    excluded = _shifted(ruled_out, free, board)
    best = optimum(board, near=near, forbidden=excluded, most_first=most_first)
    return Plan(pending, board, best, wishes.kept, wishes.refused, np.array(free, dtype=np.intp), excluded)


def _keys(forbidden: Collection[tuple[int, int]], place: Mapping[int, int], roster: Roster) -> Ints:
    """Return sorted ``place * teams + row``; pairs of which one is not there have nothing to forbid."""
    row, teams = roster.row, len(roster)
    keys = {place[order] * teams + row[team] for order, team in forbidden if order in place and team in row}
    return np.array(sorted(keys), dtype=np.int64)


def _shifted(keys: Ints, free: list[int], board: Board) -> Ints:
    """Return the forbidden pairs of the orders that are free to be planned, by their place among these."""
    if not len(keys):
        return keys
    teams = max(1, board.teams)
    orders, rows = np.divmod(keys, teams)
    at = np.searchsorted(free, orders)
    there = at < len(free)
    there[there] = np.asarray(free)[at[there]] == orders[there]
    return np.asarray(at[there] * teams + rows[there])


def _settle(
    locked: Mapping[int, int],
    place: Mapping[int, int],
    ruled_out: Ints,
    pending: Sequence[Request],
    roster: Roster,
    policy: Policy,
) -> Wishes:
    """Give each wish its seat, the most urgent first."""
    room = np.maximum(roster.ground.capacity - roster.load, 0)
    kept: dict[int, int] = {}
    refused: dict[int, Unserved] = {}
    for order, wished in locked.items():
        if order not in place or wished not in roster.row:
            raise ValueError(f"request {order} is locked to team {wished}: one of them is not there")
    excluded = set(ruled_out.tolist())
    pairs = [(place[order], roster.row[team]) for order, team in locked.items()]
    for at, row in sorted(pairs, key=lambda pair: (-pending[pair[0]].urgency, pair)):
        request, team = pending[at], roster.at(row)
        if at * len(roster) + row in excluded:
            raise ValueError(f"request {request.id} is locked to team {team.id}, which is forbidden to it")
        team = replace(team, load=team.capacity - int(room[row])) if team.load <= team.capacity else team
        if score(request, team, policy) is not None:
            room[row] -= 1
            kept[at] = row
        else:
            reason = why_not(request, team, policy)[0]
            refused[at] = Unserved(request.id, reason.obstacle, {**reason.facts, "wished": team.id})
    return Wishes(kept, refused, room)
