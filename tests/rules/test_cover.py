"""What a team covers, from what its members can."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from volunteer.teams import cover
from volunteer.teams.cover import Held

TODAY = date(2026, 3, 4)
spans = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 1440), st.integers(0, 1440)), max_size=5)


def test_a_team_is_as_good_as_its_best_two():
    members = [{1: Held(level, False, None)} for level in (0.4, 0.8, 1.0)]
    assert cover.skills(members, TODAY) == {1: (0.9, 3)}


def test_licensed_work_counts_only_with_a_licence_that_holds():
    members = [{1: Held(0.9, True, None)}, {1: Held(0.8, True, date(2026, 3, 3))}, {1: Held(0.5, True, TODAY)}]
    assert cover.skills(members, TODAY) == {1: (0.5, 1)}


def test_only_whole_hours_count():
    assert cover.hours([[(0, 61, 180)], [(0, 1380, 1440)]]) == 0b100 | 1 << 23


def test_nobody_is_never_and_who_said_nothing_is_always():
    assert cover.hours([]) == 0
    assert cover.hours([[]]) == cover.ALL_WEEK


@given(st.lists(spans, max_size=5))
def test_a_week_always_fits_its_column(members):
    stored = cover.as_hex(cover.hours(members))
    assert len(stored) == 42
    assert int(stored, 16) <= cover.ALL_WEEK
