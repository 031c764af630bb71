"""Figures of the matcher. Run: ./run bench matching"""

from __future__ import annotations

from benchmarks._m2_rank import rank_one
from benchmarks._m3_decision import decision
from benchmarks._m7_distances import distances
from benchmarks.figure import Figures


def main() -> None:
    """Print every figure of the matcher."""
    figures = Figures()
    rank_one(figures)
    decision(figures)
    distances(figures)
    figures.end()


if __name__ == "__main__":
    main()
