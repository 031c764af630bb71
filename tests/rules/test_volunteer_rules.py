"""Identity numbers, guardians, and the grid of the week."""

from __future__ import annotations

from datetime import date

import pytest

from volunteer.accounts.documents import identity_number, masked
from volunteer.teams.ages import is_guarded, needs_guardian
from volunteer.teams.rules import by_daylight, cells, check_week, merged, spans_of

TODAY = date(2026, 3, 4)


def test_the_examples_of_the_standard_pass_typed_in_any_way():
    for typed in ("440524188001010014", "11010519491231002X"):
        assert (identity_number(typed, TODAY) is None) is (typed[6:10] == "1880")  # nobody is 146 years old
    assert identity_number(" 110105 19491231 002x ", TODAY) == "11010519491231002X"
    assert identity_number("１１０１０５１９４９１２３１００２Ｘ", TODAY) == "11010519491231002X"
    assert identity_number("440524188001010014", date(1990, 1, 1)) == "440524188001010014"


@pytest.mark.parametrize(
    "typed", ["", "110105194912310021", "11010519491331002X", "1101051949123100", "x" * 500, "110105203001010012", "不是号码"]
)
def test_what_cannot_be_an_identity_number_is_none(typed):
    assert identity_number(typed, TODAY) is None


def test_a_number_is_shown_masked():
    assert masked("11010519491231002X") == "110*************2X"


def test_under_18_a_guardian_agrees_and_under_14_somebody_has_spoken_with_them():
    teen, child = date(2009, 3, 5), date(2012, 3, 5)
    assert needs_guardian(teen, TODAY)
    assert not needs_guardian(date(2008, 3, 4), TODAY)
    assert is_guarded(teen, TODAY, consented=True, heard=False)
    assert not is_guarded(teen, TODAY, consented=False, heard=False)
    assert not is_guarded(child, TODAY, consented=True, heard=False)
    assert is_guarded(child, TODAY, consented=True, heard=True)
    assert is_guarded(None, TODAY, consented=False, heard=False)


def test_the_grid_gives_back_what_was_ticked():
    ticked = {"0-morning", "0-afternoon", "6-evening"}
    assert spans_of(ticked) == [(0, 480, 1080), (6, 1080, 1260)]
    assert cells(spans_of(ticked)) == ticked
    assert spans_of({"9-morning", "0-dawn", ""}) == []


def test_hours_that_touch_run_together_and_wrong_ones_are_refused():
    assert merged([(1, 600, 700), (1, 480, 600), (0, 1, 2)]) == [(0, 1, 2), (1, 480, 700)]
    assert check_week([(0, 480, 720)]) == ""
    assert check_week([(7, 480, 720)])
    assert check_week([(0, 720, 720)])
    assert check_week([(0, 1, 2)] * 61)


def test_never_at_night_cuts_the_night_off():
    assert by_daylight([(0, 300, 1400)]) == [(0, 420, 1260)]
    assert len(by_daylight([])) == 7
    assert by_daylight([(0, 1300, 1400)]) == []
