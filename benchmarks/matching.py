"""Figures of the matcher, M1 to M7, and of sorting free words.

Run: ./run bench matching [--only M1 M5] [--data FOLDER] [--charts docs]

M5 and M6 play real requests: --data (or VOLUNTEER_BENCH_DATA) names a folder with requests311.csv.gz and gmission/data_00.txt …;
both are public sets that are not part of this project. Without them these two say so and the others go on. --charts draws
quality against waiting and cost against size, of what was just measured, into a folder.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from pathlib import Path

from benchmarks import _m1_assign, _m2_rank, _m3_decision, _m4_nearest, _m5_online, _m6_gmission, _m7_distances, _o12_words
from benchmarks._chart import Axis, Point, draw
from benchmarks.figure import Figures

Bench = Callable[[Figures, Path | None], None]

BENCHES: dict[str, Bench] = {
    "M1": lambda figures, _: _m1_assign.assigned(figures),
    "M2": lambda figures, _: _m2_rank.rank_one(figures),
    "M3": lambda figures, _: _m3_decision.decision(figures),
    "M4": lambda figures, _: _m4_nearest.run(figures),
    "M5": _m5_online.online,
    "M6": _m6_gmission.gmission,
    "M7": lambda figures, _: _m7_distances.distances(figures),
    "O12": lambda figures, _: _o12_words.words(figures),
}
WAITS = ("none", "15 min", "1 hour", "a day")


def main() -> None:
    """Print the figures that were asked for, and draw their charts."""
    parser = argparse.ArgumentParser(description="Figures of the matcher.")
    parser.add_argument("--only", nargs="+", choices=sorted(BENCHES), default=sorted(BENCHES), help="these figures")
    parser.add_argument("--data", type=Path, default=os.environ.get("VOLUNTEER_BENCH_DATA"), help="the folder of the public sets")
    parser.add_argument("--charts", type=Path, help="a folder to draw the charts into")
    options = parser.parse_args()
    figures, data = Figures(), Path(options.data) if options.data else None
    for name in options.only:
        BENCHES[name](figures, data)
    if options.charts:
        chart(figures.points, options.charts)
    figures.end()


def chart(points: dict[str, list[Point]], folder: Path) -> None:
    """Draw what was measured of quality against waiting, and of cost against size."""
    if waiting := points.get("waiting"):
        lines = {f"seats for {level} × the demand": _line(waiting, "wait", "share", capacity=level) for level in _levels(waiting)}
        title = "How much of the optimum is reached, by how long a request may wait"
        draw(
            folder / "matching-waiting.svg", title, lines, Axis("a request waits", words=WAITS), Axis("of the optimum", least=0.9)
        )
    if cost := points.get("cost"):
        whole, alone = _line(cost, "orders", "seconds"), _line(cost, "orders", "reference")
        measured = {"the whole plan, proved": whole, "the solver alone": alone}
        title = "What a plan for the whole board costs, by how many orders wait (10,000 teams)"
        draw(folder / "matching-size.svg", title, measured, Axis("orders", log=True), Axis("seconds", log=True))


def _levels(points: list[Point]) -> list[float | str]:
    return list(dict.fromkeys(point["capacity"] for point in points))


def _line(points: list[Point], across: str, up: str, **which: float | str) -> list[tuple[float | str, float]]:
    return [(point[across], float(point[up])) for point in points if which.items() <= point.items()]


if __name__ == "__main__":
    main()
