"""Whom an order might go to: the nearest able teams and those that know the household. The rest is proved away or added later."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from volunteer.matching.board import Board, Kind, chord_km

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Indices = NDArray[np.int32]
    Ints = NDArray[np.int64]

SOME = 20_000  # orders that are looked up at a time


class Arcs(NamedTuple):
    """Pairs and their value: order (its place in the list), team (its row), millionths of score. In order of orders."""

    rows: Indices
    cols: Indices
    gains: Ints


def nearest(board: Board, near: int) -> Arcs:
    """Return for every order at most ``near`` able teams, nearest first, and those that know the household."""
    count = len(board.requests)
    widest = min(near, max((len(kind.teams) for kind in board.kinds), default=0))
    cols = np.full((count, widest), -1, np.int32)
    gains = np.zeros((count, widest), np.int64)
    for kind in board.kinds:
        if len(kind.teams):
            _nearest_of(board, kind, cols, gains)
    more = _acquainted(board, cols, gains)
    listed = cols >= 0
    rows = np.repeat(np.arange(count, dtype=np.int32), listed.sum(axis=1))
    return joined(Arcs(rows, cols[listed], gains[listed]), more)


def joined(arcs: Arcs, more: Arcs) -> Arcs:
    """Return both, still in order of orders."""
    if not len(more.rows):
        return arcs
    at = np.searchsorted(arcs.rows, more.rows, side="right")
    return Arcs(np.insert(arcs.rows, at, more.rows), np.insert(arcs.cols, at, more.cols), np.insert(arcs.gains, at, more.gains))


def allowed(arcs: Arcs, forbidden: Ints, teams: int) -> Arcs:
    """Return the arcs that are not forbidden: sorted ``order * teams + team``."""
    if not len(forbidden) or not len(arcs.rows):
        return arcs
    keys = arcs.rows.astype(np.int64) * teams + arcs.cols
    at = np.minimum(np.searchsorted(forbidden, keys), len(forbidden) - 1)
    keep = forbidden[at] != keys
    return Arcs(arcs.rows[keep], arcs.cols[keep], arcs.gains[keep])


def best_of_each(arcs: Arcs, gains: Ints, most: int) -> Arcs:
    """Return at most this many arcs of each order, those that gain most, equals in order of teams."""
    order = np.lexsort((arcs.cols, -gains, arcs.rows))
    rows = arcs.rows[order]
    place = np.arange(len(rows)) - np.searchsorted(rows, rows)
    keep = np.sort(order[place < most])
    return Arcs(arcs.rows[keep], arcs.cols[keep], arcs.gains[keep])


def _nearest_of(board: Board, kind: Kind, cols: Indices, gains: Ints) -> None:
    wide = min(cols.shape[1], len(kind.teams))
    farthest = chord_km(float(kind.reach.max())) * (1 + 1e-9) + 1e-6
    for start in range(0, len(kind.orders), SOME):
        orders = kind.orders[start : start + SOME]
        chord, found = kind.tree.query(board.place[orders], k=range(1, wide + 1), distance_upper_bound=farthest)
        there = found < len(kind.teams)
        chord[~there] = found[~there] = 0
        values, near = board.gains(orders[:, None], kind.teams[found], kind.fixed[found], kind.reach[found], chord)
        cols[orders, :wide] = np.where(there & near, kind.teams[found], -1)
        gains[orders, :wide] = values


def _acquainted(board: Board, cols: Indices, gains: Ints) -> Arcs:
    """Add what acquaintance is worth to the pairs that stand there, and return those that do not."""
    orders, teams, extra = board.known
    there = cols[orders] == teams[:, None].astype(np.int32)
    pair, slot = np.nonzero(there)
    gains[orders[pair], slot] += extra[pair]
    missing = ~there.any(axis=1)
    able, values = board.values(orders[missing], teams[missing])
    rows, columns = orders[missing][able], teams[missing][able]
    return Arcs(rows.astype(np.int32), columns.astype(np.int32), values[able] + extra[missing][able])
