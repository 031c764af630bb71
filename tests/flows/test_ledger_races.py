"""Many hands at one account, and any list of moves at all."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier, Event, get_ident

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event, func, select
from sqlalchemy.orm import Session

from tests.support.databases import borrowed
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


def test_two_requests_with_one_key_do_not_lock_each_other_while_the_accounts_are_being_opened(postgres_factory):
    """One found no accounts and takes the long way; they are opened by somebody else; the other takes the short way."""
    looked, opened, claimed, names = Event(), Event(), Event(), {}

    def watch(connection, cursor, statement, *_):
        if names.get(get_ident()) != "slow":
            return
        if "WITH held" in statement:
            looked.set()
            opened.wait(20)
        elif "ledger_keys" in statement:
            claimed.set()
            Event().wait(0.4)  # the other one is on its way to the same key

    def post(name, database):
        names[get_ident()] = name
        if name == "fast":
            claimed.wait(20)
        with Session(database.engine) as session, write(session):
            issue(session, 9, key="one")

    with borrowed(postgres_factory) as database, ThreadPoolExecutor(2) as pool:
        event.listen(database.engine, "after_cursor_execute", watch)
        both = [pool.submit(post, name, database) for name in ("slow", "fast")]
        assert looked.wait(20)
        give(database, 1, key="another")
        opened.set()
        for done in both:
            done.result(timeout=30)
        with Session(database.engine) as session:
            assert queries.balance(session, person(1), Unit.POINTS) == 10
            assert verify.findings(session) == []


def test_a_first_entry_and_an_entry_to_somebody_known_do_not_lock_each_other(postgres_factory):
    """Whoever finds one of two accounts missing holds neither while it is opened."""
    looked, held, names = Event(), Event(), {}

    def watch(connection, cursor, statement, *_):
        if names.get(get_ident()) == "first" and "WITH held" in statement:
            looked.set()
            held.wait(20)

    def first(database):
        names[get_ident()] = "first"
        with Session(database.engine) as session, write(session):
            issue(session, 3, to=1, key="first of the site")

    def second(database):
        looked.wait(20)
        with Session(database.engine) as session, write(session):
            issue(session, 3, to=2, key="second of the site")
            held.set()
            Event().wait(0.4)  # the first one is on its way to the account of the site
            issue(session, 3, to=1, key="third of the site")

    with borrowed(postgres_factory) as database, ThreadPoolExecutor(2) as pool:
        with Session(database.engine) as session, write(session):
            book.move(
                session, Unit.POINTS, 1, source=issued_by(4, Unit.POINTS), target=person(1), reason="points", key="k", at=NOON
            )
        event.listen(database.engine, "after_cursor_execute", watch)
        for done in [pool.submit(act, database) for act in (first, second)]:
            done.result(timeout=30)
        with Session(database.engine) as session:
            assert queries.balance(session, person(1), Unit.POINTS) == 7
            assert verify.findings(session) == []


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
