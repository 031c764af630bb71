"""Every pattern that reads what people send stays quick, whatever they send."""

from __future__ import annotations

import importlib
import pkgutil
import re
import time

import pytest

import volunteer

LENGTH = 100_000
HOSTILE = ("1", "a", " ", "-", "\n", "阿", "0a", "1 ", "-1", "{", "{a", "/o/", "。", "a@", "\t ", "(", "%(")


def patterns() -> dict[str, re.Pattern[str]]:
    found = {}
    for module in pkgutil.walk_packages(volunteer.__path__, "volunteer."):
        for name, value in vars(importlib.import_module(module.name)).items():
            if isinstance(value, re.Pattern) and isinstance(value.pattern, str):
                found[f"{module.name}.{name}"] = value
    return found


PATTERNS = patterns()


def test_there_are_patterns_to_try() -> None:
    assert len(PATTERNS) > 5


@pytest.mark.parametrize("name", PATTERNS)
def test_a_pattern_reads_a_hundred_kilobytes_in_a_blink(name: str) -> None:
    pattern = PATTERNS[name]
    for part in HOSTILE:
        text = (part * LENGTH)[:LENGTH]
        for ending in ("", "!", "\x00"):
            spans = []
            for _ in range(3):
                began = time.perf_counter()
                pattern.fullmatch(text + ending)
                pattern.sub("", text + ending)
                spans.append(time.perf_counter() - began)
            assert min(spans) < 0.2, (part, ending, spans)  # two readings of 0.1 s each
