"""Pairs that were cut from the network but would improve it, found without looking at all pairs one by one.

Orders and teams of a kind lie in small blocks of neighbours. What the best team of a block could bring the nearest order of
another is one number; where even that is no more than the orders already have, no pair of the two blocks is looked at.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from volunteer.matching.board import Board, Kind
from volunteer.matching.candidates import Arcs, allowed, best_of_each

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Rows = NDArray[np.intp]

ORDERS, TEAMS = 8, 8  # in a block
PAIRS = 1 << 20  # of blocks that are compared at a time
LOOKED_AT = 1 << 13  # pairs of blocks that are looked into at a time
MANY, ENOUGH = 1 << 16, 128  # improving pairs found in one look, of which each order keeps so many
ROUNDED = 0.501  # a value is rounded to the next millionth


@dataclass(frozen=True, slots=True)
class Blocks:
    """Places in rows of one length, the last one filled up by repeating; with the box around each."""

    members: Rows
    places: NDArray[np.float32]
    low: NDArray[np.float32]
    high: NDArray[np.float32]


def blocks_of(places: Floats, size: int) -> Blocks:
    """Cut places (n, 3), which lie near their neighbours, into blocks of ``size``."""
    count = len(places)
    members = np.minimum(np.arange(-(-count // size) * size), count - 1).reshape(-1, size)
    inside = places.astype(np.float32)[members]
    return Blocks(members, inside, inside.min(axis=1), inside.max(axis=1))


@dataclass(frozen=True, slots=True)
class Changed:
    """Orders (n,) that want less than before, teams (m,) that cost less: only their pairs can have become better."""

    orders: NDArray[np.bool_]
    teams: NDArray[np.bool_]


def improving(board: Board, wanted: Ints, prices: Ints, changed: Changed, forbidden: Ints) -> tuple[Arcs, bool]:
    """Return the possible pairs whose value less the team's price exceeds what the order wants at least, in order of orders.

    wanted: (n,), prices: (m,) millionths. changed: look only at what this concerns. forbidden: sorted ``order * teams + team``.
    Acquaintance is not counted. Also returns whether these are all: of very many, each order keeps those that gain most.
    """
    found, whole = [Arcs(np.zeros(0, np.int32), np.zeros(0, np.int32), np.zeros(0, np.int64))], True
    for kind in board.kinds:
        for arcs in _improving_in(board, kind, wanted, prices, changed) if len(kind.teams) else ():
            some = allowed(arcs, forbidden, board.teams)
            if len(some.rows) > MANY:
                count = len(some.rows)
                some = best_of_each(some, some.gains - prices[some.cols] - wanted[some.rows], ENOUGH)
                whole &= len(some.rows) == count
            found.append(some)
    rows, cols, gains = (np.concatenate(parts) for parts in zip(*found, strict=True))
    order = np.lexsort((cols, rows))
    return Arcs(rows[order], cols[order], gains[order]), whole


@dataclass(frozen=True, slots=True)
class Facing:
    """The blocks of a kind's orders facing those of its teams: what each order needs, what each team offers, in millionths.

    asked, offered: the blocks that have to be looked at; no pair of two others is.
    """

    kind: Kind
    mine: Blocks
    theirs: Blocks
    need: Floats
    pull: Floats
    offer: Floats
    asked: NDArray[np.bool_]
    offered: NDArray[np.bool_]
    slack_km: float


def _improving_in(board: Board, kind: Kind, wanted: Ints, prices: Ints, changed: Changed) -> Iterator[Arcs]:
    less, cheaper = changed.orders, changed.teams
    if not less[kind.orders].any() and not cheaper[kind.teams].any():
        return
    mine, theirs = blocks_of(board.place[kind.orders], ORDERS), blocks_of(board.roster.ground.place[kind.teams], TEAMS)
    facing = Facing(
        kind=kind,
        mine=mine,
        theirs=theirs,
        need=wanted[kind.orders][mine.members].astype(np.float64),
        pull=board.pull[kind.orders][mine.members] * (1 + 2.0**-20),
        offer=(kind.fixed - prices[kind.teams])[theirs.members],
        asked=np.asarray(less[kind.orders][mine.members].any(axis=1)),
        offered=np.asarray(cheaper[kind.teams][theirs.members].any(axis=1)),
        slack_km=2.0**-20 * max(float(np.abs(block).max()) for block in (mine.low, mine.high, theirs.low, theirs.high)),
    )
    step = max(1, PAIRS // len(theirs.members))
    for start in range(0, len(mine.members), step):
        ours, others = _promising(facing, slice(start, start + step), board.policy.scale_km)
        for at in range(0, len(ours), LOOKED_AT):
            orders, teams = _look(facing, ours[at : at + LOOKED_AT], others[at : at + LOOKED_AT], board.policy.scale_km)
            rows, cols = kind.orders[orders], kind.teams[teams]
            values, able = board.gains(rows, cols, kind.fixed[teams], kind.reach[teams])
            able &= values - prices[cols] > wanted[rows]
            yield Arcs(rows[able].astype(np.int32), cols[able].astype(np.int32), values[able])


def _promising(facing: Facing, some: slice, scale_km: float) -> tuple[Rows, Rows]:
    """Return the pairs of blocks that may hold an improving pair, for some of the orders' blocks."""
    mine, theirs, slack = facing.mine, facing.theirs, np.float32(facing.slack_km)
    square = np.zeros((len(mine.members[some]), len(theirs.members)), np.float32)
    for axis in range(3):
        low, high = mine.low[some, None, axis], mine.high[some, None, axis]
        gap = np.maximum(low - theirs.high[None, :, axis], theirs.low[None, :, axis] - high)
        np.maximum(gap, 0, out=gap)
        gap *= gap
        square += gap
    km = np.maximum(np.sqrt(square, out=square) - slack, 0)
    farthest = facing.kind.reach[theirs.members].max(axis=1).astype(np.float32) + slack
    hope = np.exp(km * np.float32(-1 / scale_km)) * facing.pull[some].max(axis=1).astype(np.float32)[:, None]
    lacking = facing.need[some].min(axis=1)[:, None] - facing.offer.max(axis=1) - ROUNDED
    concerned = facing.asked[some, None] | facing.offered
    ours, others = np.nonzero((km <= farthest) & (hope > lacking) & concerned)
    return ours + some.start, others


def _look(facing: Facing, ours: Rows, others: Rows, scale_km: float) -> tuple[Rows, Rows]:
    """Return the pairs of these pairs of blocks that seem to improve: places among the kind's orders and teams."""
    here, there = facing.mine.places[ours], facing.theirs.places[others]
    square = np.zeros((len(ours), ORDERS, TEAMS), np.float32)
    for axis in range(3):
        apart = here[:, :, None, axis] - there[:, None, :, axis]
        apart *= apart
        square += apart
    km = np.sqrt(square, out=square)
    km -= np.float32(facing.slack_km)
    km *= np.float32(-1 / scale_km)
    hope = np.exp(np.minimum(km, 0, out=km), out=km)
    hope *= facing.pull[ours].astype(np.float32)[:, :, None]
    lacking = facing.need[ours][:, :, None] - facing.offer[others][:, None, :] - ROUNDED
    pair, order, team = np.nonzero(hope > lacking)
    count = len(facing.kind.teams)
    key = facing.mine.members[ours[pair], order] * count + facing.theirs.members[others[pair], team]
    return np.divmod(np.unique(key), count)  # unique: the last block repeats
