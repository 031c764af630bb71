"""The reference of M1: OR-Tools on a network that lies ready, a process of its own for its memory.

It loads the libraries with which candidates are found, as whoever made the network must have done, but does nothing with them.

Usage: python -m benchmarks._ready_arcs NETWORK.npz
"""

from __future__ import annotations

import json
import sys
import time

import numpy as np
from numpy.typing import NDArray
from ortools.graph.python import min_cost_flow
from scipy.spatial import cKDTree  # noqa: F401


def solved(arrays: dict[str, NDArray[np.int64]]) -> int:
    """Lay out the arcs and solve. Returns the cost."""
    rows, cols, gains, bypass, seat_cols, seat_prices = (
        arrays[key] for key in ("rows", "cols", "gains", "bypass", "seat_cols", "seat_prices")
    )
    orders, sink = len(bypass), len(bypass) + int(seat_cols.max()) + 1
    top = int(gains.max())
    flow = min_cost_flow.SimpleMinCostFlow()

    def lay(tails: NDArray[np.int64], heads: NDArray[np.int64], costs: NDArray[np.int64]) -> None:
        flow.add_arcs_with_capacity_and_unit_cost(
            tails.astype(np.int32), heads.astype(np.int32), np.ones(len(tails), np.int64), costs
        )

    nobody = np.arange(orders)
    lay(rows, cols + orders, top - gains)
    lay(seat_cols + orders, np.full(len(seat_cols), sink), seat_prices)
    lay(nobody, np.full(orders, sink), top + bypass)
    flow.set_nodes_supplies(nobody.astype(np.int32), np.ones(orders, np.int64))
    flow.set_node_supply(sink, -orders)
    if flow.solve() != flow.OPTIMAL:
        raise RuntimeError("the flow has no solution")
    return int(flow.optimal_cost())


def megabytes() -> int:
    """Return the most memory that this process ever had; the system's own count may hold its parent's."""
    with open("/proc/self/status", encoding="ascii") as lines:  # noqa: PTH123 - nothing more is imported here
        return next(int(line.split()[1]) // 1024 for line in lines if line.startswith("VmHWM"))


if __name__ == "__main__":
    with np.load(sys.argv[1]) as stored:
        network = dict(stored)
    began = time.perf_counter()
    solved(network)
    print(json.dumps({"seconds": time.perf_counter() - began, "megabytes": megabytes()}))
