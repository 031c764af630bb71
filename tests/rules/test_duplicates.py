"""When two requests look like one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from volunteer.orders.parts.duplicate_rules import ENOUGH, Asked, best, likeness

NOW = datetime(2026, 3, 4, 4, tzinfo=UTC)
DAY = timedelta(days=1)
NEW = Asked(1, 10, NOW)


def score(other: Asked, new: Asked = NEW, metres: float = 150, days: float = 5) -> float:
    return likeness(new, other, near_metres=metres, days=days)


@pytest.mark.parametrize(
    ("other", "alike"),
    [
        (Asked(1, 10, NOW - DAY, 20), True),
        (Asked(1, 10, NOW - DAY, 151), False),
        (Asked(1, 10, NOW - 6 * DAY, 20), False),
        (Asked(2, 10, NOW, 0), False),  # another service of the neighbours
        (Asked(2, 10, NOW, None, True), True),  # the same household, nearly the same thing
        (Asked(3, 11, NOW, 0, True), False),
        (Asked(1, 10, NOW, None), False),  # only the village is known
        (Asked(1, 10, NOW - DAY, None, True), True),
        (Asked(None, None, NOW, 0, True), True),  # own words of the same household
        (Asked(None, None, NOW, 0), False),
    ],
)
def test_kind_place_day_and_household_decide_together(other, alike):
    assert (score(other) >= ENOUGH) is alike


def test_nearer_and_sooner_is_more_alike():
    assert score(Asked(1, 10, NOW, 10)) > score(Asked(1, 10, NOW, 100)) > score(Asked(1, 10, NOW - 3 * DAY, 100))
    assert 0 < score(Asked(1, 10, NOW, 10)) <= 1


@pytest.mark.parametrize(("metres", "days"), [(0, 5), (150, 0)])
def test_a_centre_may_turn_it_off(metres, days):
    assert score(Asked(1, 10, NOW, 0, True), metres=metres, days=days) == 0


def test_the_best_come_first_and_ties_go_by_number():
    assert best([(0.6, 3), (0.9, 9), (0.6, 2), (0.4, 1), (0.55, 4)]) == [9, 2, 3]
    assert best([]) == []
