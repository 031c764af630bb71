"""Numbers, masks, periods, squares, and the way to the next star."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volunteer.certificates.rules import LENGTH, masked_document, new_number, periods, tidy_number, weeks_until
from volunteer.kernel.serials import check_digit
from volunteer.kernel.text import masked_name

TODAY = date(2026, 11, 20)


def test_a_number_tells_its_month_and_checks_itself():
    number = new_number(TODAY)
    assert number.startswith("2611")
    assert len(number) == LENGTH
    assert tidy_number(number) == number


def test_numbers_cannot_be_guessed_from_one_another():
    assert len({new_number(TODAY) for _ in range(20)}) == 20


@given(st.integers(0, LENGTH - 1), st.integers(1, 9))
def test_one_wrong_digit_is_noticed(place, change):
    number = new_number(TODAY)
    wrong = number[:place] + str((int(number[place]) + change) % 10) + number[place + 1 :]
    assert tidy_number(wrong) is None


def test_nearly_all_swaps_of_two_neighbours_are_noticed():
    """MOD 11,10 notices every wrong digit, and all but a few of a hundred swaps (ISO/IEC 7064)."""
    swaps = passed = 0
    for serial in range(0, 10**8, 397_951):
        number = f"2611{serial:08d}"
        number += check_digit(number)
        for place in range(LENGTH - 1):
            swapped = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
            swaps += swapped != number
            passed += swapped != number and tidy_number(swapped) is not None
    assert swaps > 2000
    assert passed / swaps < 0.03


def test_a_number_may_be_typed_in_any_way_that_people_type():
    number = new_number(TODAY)
    wide = "".join(chr(ord(digit) + 0xFEE0) for digit in number)
    grouped = f" {number[:4]} {number[4:8]}-{number[8:12]} {number[12:]} "
    assert [tidy_number(typed) for typed in (wide, grouped)] == [number, number]


@pytest.mark.parametrize("typed", ["", "2611", "x" * 13, "②" * 13, "26110058312740000", "٢" * 13, "2611o05831274"])
def test_what_is_no_number_is_none(typed):
    assert tidy_number(typed) is None


@pytest.mark.parametrize(
    ("name", "masked"),
    [("陈晓禾", "陈*禾"), ("沈明", "沈*"), ("欧阳娜娜", "欧**娜"), ("Anna Smith", "A*** S****"), ("Li", "L*"), ("", "*")],
)
def test_names_are_masked(name, masked):
    assert masked_name(name) == masked


@pytest.mark.parametrize(
    ("document", "masked"),
    [("32050119900101001X", "3205************1X"), ("E12345", "E*****"), ("12345678", "1234**78"), ("", "")],
)
def test_documents_are_masked(document, masked):
    assert masked_document(document) == masked


def test_a_year_is_fifty_two_squares_ending_with_this_week():
    weeks = weeks_until(TODAY, [(TODAY, 119), (TODAY - timedelta(days=7), 700), (TODAY - timedelta(days=400), 60)])
    assert len(weeks) == 52
    assert (weeks[-1].monday, weeks[-1].minutes, weeks[-1].level) == (date(2026, 11, 16), 119, 1)
    assert weeks[-2].level == 4
    assert sum(week.minutes for week in weeks) == 819


def test_the_usual_periods():
    asked = periods(TODAY, date(2024, 5, 1))
    assert asked["year"] == (date(2026, 1, 1), TODAY)
    assert asked["twelve"] == (date(2025, 11, 21), TODAY)
    assert asked["last_year"] == (date(2025, 1, 1), date(2025, 12, 31))
    assert asked["all"] == (date(2024, 5, 1), TODAY)
    assert periods(date(2028, 2, 29), None)["twelve"] == (date(2027, 3, 1), date(2028, 2, 29))
