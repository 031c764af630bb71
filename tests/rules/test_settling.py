"""Statements add up and are frozen; odd patterns are found, ordinary ones are not."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from volunteer.kernel.clock import month_after, month_before
from volunteer.rewards.settling.lifecycle import ENDED, TRANSITIONS, StatementAction, StatementStatus
from volunteer.rewards.settling.odd import Collected, Facts, Given, Odd, Shop, Stocked, find
from volunteer.rewards.settling.rules import Line, Worth, digest, read_month, total, yuan

MONDAY = datetime(2026, 3, 2, 10, tzinfo=UTC)
TEN = Worth(10, 100)
FEBRUARY = date(2026, 2, 1)


def test_what_ended_stays_so_and_money_needs_two_and_the_shop():
    assert not any(status in ENDED for status, _ in TRANSITIONS)
    assert [status for (status, action) in TRANSITIONS if action is StatementAction.PAY] == [StatementStatus.APPROVED]
    assert {TRANSITIONS[key] for key in TRANSITIONS if key[1] is StatementAction.APPROVE} == {
        StatementStatus.APPROVED_ONCE,
        StatementStatus.APPROVED,
    }


@given(st.integers(1, 1000), st.integers(1, 10_000), st.integers(0, 10**6))
def test_fen_are_rounded_once_and_never_by_more_than_half(points, fen, amount):
    exact = Fraction(amount * fen, points)
    assert abs(Worth(points, fen).of(amount) - exact) <= Fraction(1, 2)


@given(st.lists(st.tuples(st.integers(1, 9999), st.integers(-500, 500)), max_size=20))
def test_the_digest_changes_with_anything_that_counts_and_with_nothing_else(rows):
    lines = [Line(*row) for row in rows]
    frozen = digest(1, FEBRUARY, TEN, lines)
    assert frozen == digest(1, FEBRUARY, TEN, sorted(lines, key=lambda line: (line.transfer_id, -line.points))) or len(
        {a for a, _ in rows}
    ) < len(rows)
    others = [digest(2, FEBRUARY, TEN, lines), digest(1, date(2026, 3, 1), TEN, lines), digest(1, FEBRUARY, Worth(10, 101), lines),
              digest(1, FEBRUARY, TEN, [*lines, Line(10_000, 1)])]  # fmt: skip
    if lines:
        others.append(digest(1, FEBRUARY, TEN, [Line(lines[0].transfer_id, lines[0].points + 1), *lines[1:]]))
    assert frozen not in others
    assert total(lines) == sum(points for _, points in rows)


def test_months_and_money_are_read_and_written():
    assert month_before(date(2026, 1, 31)) == date(2025, 12, 1)
    assert month_after(date(2026, 12, 1)) == date(2027, 1, 1)
    assert read_month("2026-02") == FEBRUARY
    assert [read_month(typed) for typed in ("2026-13", "26-02", "", "2026-2", "x" * 99)] == [None] * 5
    assert (yuan(12345), yuan(5), yuan(-250)) == ("123.45", "0.05", "-2.50")


def row(number, merchant=1, person=1, minutes=0, gift=1, points=10, by=99):
    return Collected(number, merchant, person, gift, points, MONDAY + timedelta(minutes=minutes), by)


def ordinary(count=40):
    """Many people, each once or twice, over weeks, in the daytime."""
    return [
        row(n, merchant=n % 3 + 1, person=100 + n % 25, minutes=n % 14 * 1440 + n * 7 % 400, gift=n % 5) for n in range(count)
    ]


def kinds(facts):
    return [one.kind for one in find(facts)]


SHOPS = {1: Shop(1), 2: Shop(2), 3: Shop(3)}
FILLED = [Stocked(n, 1, 3, 2) for n in range(5)]


def test_ordinary_weeks_raise_no_question():
    assert kinds(Facts(ordinary(), [], SHOPS, FILLED)) == []


def test_one_person_and_one_shop_again_and_again_is_told_once():
    rows = ordinary() + [row(500 + n, person=7, minutes=n * 1500) for n in range(6)]
    found = find(Facts(rows, [], SHOPS, FILLED))
    assert [(one.kind, one.merchant_id, one.person_id) for one in found] == [(Odd.SAME_PAIR, 1, 7)]
    assert found[0].evidence["count"] == 6
    assert len({one.mark() for one in found}) == 1


def test_staff_and_their_family_at_their_own_till_are_told():
    shop = Shop(1, staff=frozenset({5}), family=frozenset({6}))
    found = find(Facts([row(1, person=5, by=5), row(2, person=6, minutes=2000), row(3, person=8, minutes=4000)], [], {1: shop}))
    assert [(one.kind, one.person_id, one.evidence["who"]) for one in found] == [
        (Odd.OWN_TILL, 5, "staff"),
        (Odd.OWN_TILL, 6, "family"),
    ]
    assert found[0].evidence["by_self"] == 1


def test_gifts_of_many_that_are_spent_at_one_shop_are_told_and_a_birthday_is_not():
    gifts = [Given(n, 200 + n, 7, 30, MONDAY - timedelta(days=1)) for n in range(3)]
    spent = [row(1, person=7, points=90)]
    assert kinds(Facts(spent, gifts, SHOPS)) == [Odd.GIVEN_ON]
    assert kinds(Facts(spent, gifts[:2], SHOPS)) == []
    assert kinds(Facts([row(1, person=7, points=900)], gifts, SHOPS)) == []
    assert kinds(Facts([row(1, person=7, points=90, minutes=30 * 1440)], gifts, SHOPS)) == []


def test_many_within_minutes_at_night_or_while_it_is_closed_are_told():
    burst = [row(n, person=300 + n, minutes=n * 2) for n in range(5)]
    assert kinds(Facts(burst, [], SHOPS)) == [Odd.BURST]
    assert kinds(Facts([row(n, person=300 + n, minutes=n * 11) for n in range(5)], [], SHOPS)) == []
    night = [row(n, person=300 + n, minutes=n * 1440 + 14 * 60) for n in range(3)]
    assert kinds(Facts(night, [], SHOPS)) == [Odd.CLOSED]
    shut = {1: Shop(1, is_open=lambda local: local.hour < 9)}
    assert kinds(Facts([row(n, person=300 + n, minutes=n * 1440) for n in range(3)], [], shut)) == [Odd.CLOSED]


def test_what_is_never_stocked_up_but_handed_over_all_the_time_is_told():
    rows = [row(n, person=300 + n, minutes=n * 1440) for n in range(15)]
    assert kinds(Facts(rows, [], SHOPS, [Stocked(1, 1, 5, 0)])) == [Odd.NO_STOCK]
    assert kinds(Facts(rows, [], SHOPS, [Stocked(1, 1, 5, 1)])) == []


@given(
    st.lists(
        st.builds(row, st.integers(1, 10**6), st.integers(1, 3), st.integers(1, 9), st.integers(0, 40_000), st.integers(1, 4)),
        max_size=60,
    )
)
def test_the_order_of_facts_does_not_matter_and_marks_are_not_doubled(rows):
    rows = list({one.id: one for one in rows}.values())
    forward, backward = find(Facts(rows, [], SHOPS, FILLED)), find(Facts(rows[::-1], [], SHOPS, FILLED))
    assert [one.mark() for one in forward] == [one.mark() for one in backward]
    assert len({one.mark() for one in forward}) == len(forward)
