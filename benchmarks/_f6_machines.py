"""F6, F7: hours, points, gifts and certificates against a plain model; the bugs that a walk finds; years full of trouble."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from benchmarks._planted import BUGS
from benchmarks.figure import Figures

ROOT = Path(__file__).parents[1]
STEPS, QUICK_STEPS = 20_000, 300
FIND, QUICK_FIND = 2_000, 1_200  # steps after which a bug counts as missed
YEARS, QUICK_YEARS = 60, 1
SEED = 20_261_121


def machines(figures: Figures, *, quick: bool, url: str | None) -> None:
    """Count steps without a difference, and planted bugs that were found."""
    steps = QUICK_STEPS if quick else STEPS
    walked = _walk(steps, SEED)
    figures.value("F6.walk", int(walked.returncode != 0), "count", f"differences from the model in {steps} steps", at_most=0)
    chosen = range(0, len(BUGS), 8) if quick else range(len(BUGS))
    missed = [BUGS[number].what for number in chosen if _walk(QUICK_FIND if quick else FIND, SEED + 1, number).returncode == 0]
    for what in missed:
        print(f"missed: {what}")
    figures.value("F6.planted", len(missed), "count", f"missed of {len(chosen)} bugs planted one at a time", at_most=0)


def years(figures: Figures, *, quick: bool, url: str | None) -> None:
    """Let counties live whole years: acts are cut off at any statement, done late, and the clock is put back."""
    count = QUICK_YEARS if quick else YEARS
    lived = _walk(count, SEED, "year")
    acts = lived.stdout.strip() if lived.returncode == 0 else "?"
    figures.value("F7.years", int(lived.returncode != 0), "count", f"differences in {count} years ({acts} acts)", at_most=0)


def _walk(steps: int, seed: int, bug: int | str | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "benchmarks._f6_walk", str(steps), str(seed), *([] if bug is None else [str(bug)])]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
