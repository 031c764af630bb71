"""How well a line of the menu answers what somebody typed."""

from __future__ import annotations

import time

import pytest

from volunteer.catalogue.rules import likeness
from volunteer.kernel.text import search_text

LAMP = search_text("换灯管", "Replace a lamp", "灯不亮、灯管闪")
PIPE = search_text("水龙头漏水", "A dripping tap", "滴水、关不紧")


@pytest.mark.parametrize(
    ("typed", "better", "worse"),
    [
        ("灯不亮了", LAMP, PIPE),
        ("厨房漏水", PIPE, LAMP),
        ("hdg", LAMP, PIPE),
        ("my taps are dripping", PIPE, LAMP),
        ("ＬＡＭＰ", LAMP, PIPE),
    ],
)
def test_the_right_line_answers_better(typed, better, worse):
    assert likeness(typed, better) > likeness(typed, worse)


@pytest.mark.parametrize("typed", ["", "   ", "的了吗", "the my", "？！"])
def test_words_that_say_nothing_find_nothing(typed):
    assert likeness(typed, LAMP) == 0


def test_a_very_long_text_takes_no_longer():
    began = time.perf_counter()
    likeness("灯" * 100_000 + "a" * 100_000, LAMP)
    assert time.perf_counter() - began < 0.1
