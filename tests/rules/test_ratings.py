"""Three ratings prove little: means are drawn towards everybody's, and nothing is shown of a few."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from volunteer.insights import figures
from volunteer.teams.ratings import ENOUGH, as_stars, mean, shrunk

SHARE = st.floats(0, 1)


@given(SHARE, st.integers(0, 1000), SHARE, st.floats(0, 100))
def test_a_mean_lies_between_its_own_and_everybodys_and_moves_with_every_rating(own, count, everybody, weight):
    found = shrunk(own * count, count, everybody, weight)
    assert min(own, everybody) - 1e-9 <= found <= max(own, everybody) + 1e-9
    further = shrunk(own * 2 * (count + 1), 2 * (count + 1), everybody, weight)
    assert abs(further - own) <= abs(found - own) + 1e-9


@given(st.integers(0, ENOUGH - 1), SHARE)
def test_nothing_is_shown_of_a_few(count, everybody):
    assert mean(float(count), count, everybody) is None
    assert figures.stars([5] * count, 3.0).mean is None


def test_three_perfect_ratings_do_not_beat_many_good_ones():
    everybody = 0.8
    assert shrunk(3.0, 3, everybody) < shrunk(0.95 * 60, 60, everybody)
    assert shrunk(0.0, 0, everybody) == everybody
    assert shrunk(0.0, 0, everybody, 0) == everybody


def test_stars_are_worded_on_the_scale_on_which_residents_gave_them():
    assert [as_stars(share) for share in (0, 0.25, 0.5, 1)] == [1, 2, 3, 5]
