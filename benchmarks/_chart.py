"""Charts of what a bench measured, drawn by the library that the product's own pages draw with."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools.node import node_environment
from tools.paths import ROOT

SCRIPT = Path(__file__).with_name("chart.mjs")
WIDTH, HEIGHT = 760, 420
INK, QUIET, LINE = "#24292b", "#5b6467", "#d9dedd"
COLOURS = ("#1f6f54", "#b4690e", "#2f5f9e", "#8a3b3b", "#6a5a9c")
SYMBOLS = ("circle", "rect", "triangle", "diamond", "emptyCircle")
Point = dict[str, float | str]


@dataclass(frozen=True)
class Axis:
    """What an axis shows. ``log``: each line is ten times the one before."""

    name: str
    log: bool = False
    least: float | None = None
    words: Sequence[str] = ()  # categories instead of numbers


def draw(path: Path, title: str, lines: Mapping[str, Iterable[tuple[float | str, float]]], across: Axis, up: Axis) -> None:
    """Write lines of points, each line with its name, as an SVG file. Raises CalledProcessError when node cannot draw it."""
    option = {
        "animation": False,
        "color": COLOURS,
        "backgroundColor": "#ffffff",
        "textStyle": {"color": INK, "fontFamily": "sans-serif", "fontSize": 13},
        "title": {"text": title, "left": 12, "top": 8, "textStyle": {"fontSize": 15, "fontWeight": 600, "color": INK}},
        "legend": {"top": 36, "left": 12, "itemGap": 18},
        "grid": {"left": 16, "right": 28, "top": 88, "bottom": 40, "containLabel": True},
        "xAxis": _axis(across) | {"nameLocation": "middle", "nameGap": 30},
        "yAxis": _axis(up) | {"nameLocation": "end", "nameTextStyle": {"align": "left", "color": QUIET}},
        "series": [
            {"name": name, "type": "line", "symbol": symbol, "symbolSize": 8, "data": [list(point) for point in points]}
            for (name, points), symbol in zip(lines.items(), SYMBOLS, strict=False)
        ],
    }
    said = json.dumps({"width": WIDTH, "height": HEIGHT, "option": option})
    drawn = subprocess.run(
        ["node", SCRIPT], input=said, capture_output=True, text=True, check=True, cwd=ROOT, env=node_environment()
    )
    path.write_text(drawn.stdout + "\n", encoding="utf-8")


def _axis(axis: Axis) -> dict[str, Any]:
    kind = "category" if axis.words else "log" if axis.log else "value"
    shown: dict[str, Any] = {
        "type": kind,
        "name": axis.name,
        "nameTextStyle": {"color": QUIET},
        "axisLabel": {"color": QUIET},
        "splitLine": {"show": not axis.words, "lineStyle": {"color": LINE}},
    }
    if axis.words:
        shown["data"] = list(axis.words)
    if axis.least is not None:
        shown["min"] = axis.least
    return shown
