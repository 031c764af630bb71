"""Codes, QR texts, opening hours and the three tables of gifts: arithmetic only."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volunteer.rewards.merchants import rules
from volunteer.rewards.merchants.lifecycle import REDEMPTIONS, RedemptionStatus

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)


def test_nothing_leads_back_to_a_code_that_works():
    assert RedemptionStatus.RESERVED not in REDEMPTIONS.table.values()


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("12345678", "12345678"),
        (" 1234-5678 ", "12345678"),
        ("１２３４ ５６７８", "12345678"),
        ("1234567", None),
        ("123456789", None),
        ("1234567a", None),
        ("²2345678", None),
        ("", None),
        ("9" * 100_000, None),
    ],
)
def test_a_code_is_eight_digits_however_they_are_typed(typed, code):
    assert rules.tidy_code(typed) == code


def sign(body: str) -> str:
    return f"{hash(body) & (2**64 - 1):040x}"


@given(st.integers(1, 10**9), st.integers(0, 10**9), st.text("abcXYZ019_-", min_size=20, max_size=40))
def test_a_qr_says_what_was_put_into_it_bare_or_as_an_address(merchant, seconds, nonce):
    voucher = rules.Voucher(merchant, datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds), nonce)
    text = rules.voucher_text(voucher, sign)
    assert rules.read_voucher(text, sign) == voucher
    assert rules.read_voucher(f"https://county.example/till?qr={text}", sign) == voucher
    for broken in ("https://[VG1?", f"http://[x]:99999/till?qr={text}"):
        assert rules.read_voucher(broken, sign) is None


@given(st.integers(0, 200), st.characters(codec="ascii"))
def test_one_other_letter_makes_it_nothing(place, letter):
    text = rules.voucher_text(rules.Voucher(7, datetime(2026, 1, 1, tzinfo=UTC), "n" * 22), sign)
    place %= len(text)
    if text[place] != letter and (text[:place] + letter + text[place + 1 :]).strip() != text:
        assert rules.read_voucher(text[:place] + letter + text[place + 1 :], sign) is None


@pytest.mark.parametrize(
    ("opens", "closes", "closed", "hours", "is_open"),
    [
        (480, 1200, (), 8, True),
        (480, 1200, (), 20, False),
        (480, 1200, ("0",), 9, False),
        (1200, 120, (), 23, True),
        (1200, 120, (), 1, True),
        (1200, 120, (), 12, False),
        (1200, 120, ("0",), 23, False),
        (1200, 120, ("0",), 1, True),  # it is still Sunday's night
        (1200, 120, ("0",), 25, False),
    ],
)
def test_a_shop_is_open_in_its_hours_also_over_midnight(opens, closes, closed, hours, is_open):
    assert rules.is_open(opens, closes, closed, MONDAY + timedelta(hours=hours)) is is_open


def test_limits_and_second_people():
    assert [rules.left_of(limit, used) for limit, used in ((0, 9), (2, 1), (2, 5))] == [None, 1, 0]
    assert [rules.needs_two(points, limit) for points, limit in ((300, 300), (299, 300), (10**6, 0))] == [True, False, False]
