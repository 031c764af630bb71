"""Many hands at one account, and any list of moves at all."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from volunteer.kernel.db import write
from volunteer.kernel.errors import Conflict
from volunteer.ledger import book, queries, verify
from volunteer.ledger.models import Account, Transfer, Unit
from volunteer.ledger.rules import issued_by, person

NOON = datetime(2026, 11, 20, 4, tzinfo=UTC)
SHOP = "merchant:1"


def at_once(database, act, hands):
    """Run ``act(session, number)`` in as many threads as ``hands``, all starting together; return what each heard."""
    barrier = Barrier(hands)

    def one(number):
        with Session(database.engine) as session:
            barrier.wait(timeout=20)
            try:
                with write(session):
                    act(session, number)
            except Conflict as refusal:
                return refusal.code
            return "done"

    with ThreadPoolExecutor(hands) as pool:
        return sorted(pool.map(one, range(hands)))


def issue(session, amount, to=1, key="first"):
    book.move(
        session, Unit.POINTS, amount, source=issued_by(3, Unit.POINTS), target=person(to), reason="points", key=key, at=NOON
    )


def give(database, amount, **to):
    with Session(database.engine) as session, write(session):
        issue(session, amount, **to)


def test_many_records_of_one_site_at_once_do_not_wait_in_a_ring(database):
    def book_three(session, number):
        for to in (number, number + 1, number + 2):
            issue(session, 10, to=to, key=f"{number}:{to}")

    assert at_once(database, book_three, 12) == ["done"] * 12


def test_twelve_hands_at_a_balance_of_five(database):
    give(database, 5)

    def redeem(session, number):
        book.move(session, Unit.POINTS, 1, source=person(1), target=SHOP, reason="redeem", key=f"redeem:{number}", at=NOON)

    assert at_once(database, redeem, 12) == ["balance_too_low"] * 7 + ["done"] * 5
    with Session(database.engine) as session:
        assert queries.balance(session, person(1), Unit.POINTS) == 0
        assert verify.findings(session) == []


def test_twelve_hands_with_one_key_post_once(database):
    def post(session, number):
        issue(session, 9, key="one")

    assert at_once(database, post, 12) == ["done"] * 12
    with Session(database.engine) as session:
        assert session.scalar(select(func.count(Transfer.id))) == 1
        assert queries.balance(session, person(1), Unit.POINTS) == 9


def test_gifts_in_both_directions_at_once_do_not_lock_each_other(database):
    give(database, 50)
    give(database, 50, to=2, key="second")

    def swap(session, number):
        pair = (person(1), person(2))[:: 1 if number % 2 else -1]
        book.move(session, Unit.POINTS, 1, source=pair[0], target=pair[1], reason="gift", key=f"gift:{number}", at=NOON)

    assert at_once(database, swap, 12) == ["done"] * 12
    with Session(database.engine) as session:
        assert verify.findings(session) == []


PEOPLE = [person(number) for number in (1, 2, 3)]
SITES = [issued_by(number, Unit.POINTS) for number in (7, 8)]
MOVES = st.tuples(
    st.integers(0, 12), st.sampled_from(PEOPLE + SITES), st.sampled_from(PEOPLE), st.integers(1, 40), st.booleans()
)  # key, source, target, amount, take the last one back


@pytest.mark.parametrize("unit", Unit)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moves=st.lists(MOVES, max_size=25))
def test_after_any_list_of_moves_and_corrections_the_books_are_right(session, unit, moves):
    outer = session.begin_nested()
    made = []
    for key, source, target, amount, back in moves:
        try:
            if back and made:
                book.reverse(session, made[-1], note="wrong", at=NOON)
            elif source != target:
                made.append(book.move(session, unit, amount, source=source, target=target, reason="any", key=f"k:{key}", at=NOON))
        except Conflict:
            pass  # too low, or the key was used for something else: refused, and nothing happened
    assert verify.findings(session) == []
    assert (session.scalar(select(func.sum(Account.balance)).where(Account.unit == unit)) or 0) == 0
    assert all(queries.balance(session, owner, unit) >= 0 for owner in PEOPLE)
    outer.rollback()
