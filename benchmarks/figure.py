"""One line per figure, the same form everywhere, so that programs can read it; and timing that alternates.

``M2.skill 0.071 ms | reference 0.060 ms numpy scan | ratio 1.18 | reach <= 3 | held``
"""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass
class Figures:
    """The figures of one run; ``end`` prints how many there were and how many fell short."""

    held: list[bool] = field(default_factory=list)
    points: dict[str, list[dict[str, float | str]]] = field(default_factory=dict)

    def point(self, chart: str, **values: float | str) -> None:
        """Keep a point of a chart that is drawn when everything was measured."""
        self.points.setdefault(chart, []).append(values)

    def ratio(self, name: str, ours: float, reference: float, what: str, *, at_most: float) -> None:
        """Print a time of ours against a reference of the same run; both in seconds."""
        ratio = ours / reference
        self._line(name, _span(ours), f"{_span(reference)} {what}", f"ratio {ratio:#.3g}", f"<= {at_most:g}", ratio <= at_most)

    def value(self, name: str, value: float, unit: str, what: str, *, at_most: float) -> None:
        """Print a figure that stands by itself: a count, a share, metres."""
        self._line(
            name,
            f"{value:g} {unit}",
            what,
            f"ratio {value / at_most:#.3g}" if at_most else "-",
            f"<= {at_most:g}",
            value <= at_most,
        )

    def memory(self, name: str, ours: float, reference: float, what: str, *, at_most: float) -> None:
        """Print the most memory that a process of ours had against a reference's; both in MB."""
        ratio = ours / reference
        self._line(name, f"{ours:g} MB", f"{reference:g} MB {what}", f"ratio {ratio:#.3g}", f"<= {at_most:g}", ratio <= at_most)

    def share(self, name: str, value: float, what: str, *, at_least: float) -> None:
        """Print a part of what was possible, where more is better: of an optimum, of right answers."""
        self._line(name, f"{value:#.4g} of", what, f"ratio {value:#.3g}", f">= {at_least:g}", value >= at_least)

    def _line(self, name: str, ours: str, reference: str, ratio: str, reach: str, held: bool) -> None:
        self.held.append(held)
        print(f"{name} {ours} | reference {reference} | {ratio} | reach {reach} | {'held' if held else 'short'}", flush=True)

    def end(self) -> None:
        """Print the last line."""
        print(f"{len(self.held)} figures, {self.held.count(False)} short")


def _span(seconds: float) -> str:
    for factor, unit in ((1, "s"), (1e3, "ms"), (1e6, "us")):
        if seconds * factor >= 0.0995 or unit == "us":
            return f"{seconds * factor:.3g} {unit}"
    raise AssertionError


def alternate(
    *programs: Callable[[], object],
    rounds: int = 9,
    repeat: int = 200,
    clock: Callable[[], float] = time.perf_counter,
    collecting: bool = False,
) -> list[float]:
    """Return each program's median seconds per call; they take turns, so that a noisy minute hits all of them.

    ``clock``: time.process_time for CPU. ``collecting``: leave the garbage collector at work, for what makes much garbage.
    """
    times: list[list[float]] = [[] for _ in programs]
    for program in programs:
        program()
    if not collecting:
        gc.disable()
    try:
        for _ in range(rounds):
            for program, taken in zip(programs, times, strict=True):
                start = clock()
                for _ in range(repeat):
                    program()
                taken.append((clock() - start) / repeat)
    finally:
        gc.enable()
    return [statistics.median(taken) for taken in times]
