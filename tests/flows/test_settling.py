"""A shop's month: made from the books, accepted or disputed, approved by two, paid once; and nothing counts twice."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.flows.test_ledger_races import at_once
from tests.support import builders as make
from tests.support.builders import NOON
from tests.support.counting import counting
from tests.support.gifts import a_merchant, at_the_till
from tests.support.settling import FEBRUARY, HOUR, IN_FEBRUARY, a_counter, accepted, approved, hand_over
from volunteer.access import Role
from volunteer.accounts.models import Person
from volunteer.kernel.db import write
from volunteer.kernel.errors import Conflict, Invalid, NotFound
from volunteer.ledger import book, queries, verify
from volunteer.ledger.models import Transfer, Unit
from volunteer.rewards.settling import deciding, jobs, preparing
from volunteer.rewards.settling import queries as settlements
from volunteer.rewards.settling.lifecycle import StatementStatus
from volunteer.rewards.settling.models import Statement, StatementLine

PAID_ON = date(2026, 3, 4)


def owed(session, shop):
    return queries.balance(session, f"merchant:{shop}", Unit.POINTS)


def settled(session, shop):
    return queries.balance(session, f"merchant:{shop}:settled", Unit.POINTS)


def take_back(session, redemption, at):
    """As a refund does: both entries reversed."""
    entry = session.scalars(select(Transfer).where(Transfer.key == f"redemption:{redemption.id}:collect")).one()
    return book.reverse(session, entry, note="坏的", at=at)


def test_a_month_is_settled_from_the_first_entry_to_the_money(session):
    counter = a_counter(session)
    for day in range(3):
        hand_over(session, counter.street, IN_FEBRUARY + timedelta(days=day))
    made = preparing.prepare(session, counter.first, counter.shop, FEBRUARY, at=NOON)
    assert (made.points, made.fen, len(made.lines), made.status) == (120, 1200, 3, "prepared")
    assert [line.what for line in made.lines] == ["鸡蛋一盒"] * 3
    deciding.accept(session, counter.till, made.id, made.digest, at=NOON)
    deciding.approve(session, counter.first, made.id, made.digest, at=NOON)
    deciding.approve(session, counter.second, made.id, made.digest, at=NOON)
    assert owed(session, counter.shop) == 120
    for _ in range(2):
        deciding.pay(session, counter.second, made.id, PAID_ON, "工行 2026-03-0001", at=NOON)
    assert (made.status, owed(session, counter.shop), settled(session, counter.shop)) == ("paid", 0, 120)


def test_a_long_statement_asks_no_more_of_the_database_than_a_short_one(session):
    counts = []
    for lines in (2, 9):
        counter = a_counter(session, points=2_000)
        for _ in range(lines):
            hand_over(session, counter.street)
        engine = session.get_bind().engine
        with counting(engine) as sent:
            assert [points for _shop, points in settlements.not_prepared(session, counter.first, FEBRUARY)] == [40 * lines]
            preparing.prepare(session, counter.first, counter.shop, FEBRUARY, at=NOON)
        counts.append(len([one for one in sent if one.startswith("SELECT")]))
    assert counts[0] == counts[1]


def test_shops_without_a_statement_are_listed_with_what_a_statement_would_say(session):
    counter = a_counter(session)
    early = hand_over(session, counter.street)
    hand_over(session, counter.street)
    hand_over(session, counter.street, NOON)  # in March
    take_back(session, early, NOON - HOUR)
    a_merchant(session, counter.street.branch, "没有生意")
    (found,) = settlements.not_prepared(session, counter.first, FEBRUARY)
    assert (found[0].id, found[1]) == (
        counter.shop,
        preparing.prepare(session, counter.first, counter.shop, FEBRUARY, at=NOON).points,
    )


def test_the_same_month_again_is_the_same_statement_and_no_entry_counts_twice(session):
    counter = a_counter(session)
    hand_over(session, counter.street)
    first = preparing.prepare(session, counter.first, counter.shop, FEBRUARY, at=NOON)
    assert preparing.prepare(session, counter.second, counter.shop, FEBRUARY, at=NOON + HOUR) is first
    with pytest.raises(Conflict, match="Nothing is owed"):
        preparing.prepare(session, counter.first, counter.shop, date(2026, 1, 1), at=NOON)


@pytest.mark.parametrize("month", [date(2026, 3, 1), date(2026, 4, 1)])
def test_a_month_that_is_not_over_is_not_settled(session, month):
    counter = a_counter(session)
    hand_over(session, counter.street)
    with pytest.raises(Invalid, match="not over"):
        preparing.prepare(session, counter.first, counter.shop, month, at=NOON)


def test_nothing_is_settled_before_two_have_said_what_a_point_is_worth(session):
    counter = a_counter(session, worth=False)
    hand_over(session, counter.street)
    made = preparing.propose_worth(session, counter.first, counter.street.centre.id, 10, 100, date(2026, 3, 1), at=NOON)
    with pytest.raises(Conflict, match="second person"):
        preparing.decide_worth(session, counter.first, made.id, True, at=NOON)
    with pytest.raises(Conflict, match="worth"):
        preparing.prepare(session, counter.first, counter.shop, FEBRUARY, at=NOON)
    preparing.decide_worth(session, counter.second, made.id, True, at=NOON)
    with pytest.raises(Conflict, match="worth"):  # it begins in March
        preparing.prepare(session, counter.first, counter.shop, FEBRUARY, at=NOON)


def test_the_nearest_site_says_what_a_point_is_worth(session):
    counter = a_counter(session)
    at = IN_FEBRUARY - timedelta(days=20)
    made = preparing.propose_worth(session, counter.first, counter.street.branch.id, 10, 80, date(2026, 2, 1), at=at)
    preparing.decide_worth(session, counter.second, made.id, True, at=at)
    hand_over(session, counter.street)
    assert preparing.prepare(session, counter.first, counter.shop, FEBRUARY, at=NOON).fen == 320


def test_what_was_taken_back_before_it_was_settled_is_on_the_statement_and_what_came_later_on_the_next(session):
    counter = a_counter(session)
    early, late = hand_over(session, counter.street), hand_over(session, counter.street)
    hand_over(session, counter.street)
    take_back(session, early, NOON - HOUR)  # in March, of a gift of February
    made = approved(session, counter)
    assert sorted(line.points for line in made.lines) == [-40, 40, 40, 40]
    deciding.pay(session, counter.first, made.id, PAID_ON, "0001", at=NOON)
    assert settled(session, counter.shop) == 80
    with pytest.raises(Conflict):  # the shop has nothing that is not settled
        take_back(session, late, NOON + HOUR)
    hand_over(session, counter.street, NOON + HOUR)
    hand_over(session, counter.street, NOON + HOUR)
    take_back(session, late, NOON + 2 * HOUR)
    march = preparing.prepare(session, counter.first, counter.shop, date(2026, 3, 1), at=NOON + timedelta(days=40))
    assert march.points == owed(session, counter.shop) == 40


def test_a_statement_that_became_too_large_is_not_paid_but_prepared_anew(session):
    counter = a_counter(session)
    first, _ = hand_over(session, counter.street), hand_over(session, counter.street)
    made = approved(session, counter)
    take_back(session, first, NOON)
    with pytest.raises(Conflict, match="prepare it anew"), session.begin_nested():
        deciding.pay(session, counter.first, made.id, PAID_ON, "0001", at=NOON)
    deciding.withdraw(session, counter.first, made.id, "退了一件", at=NOON)
    again = preparing.prepare(session, counter.first, counter.shop, FEBRUARY, at=NOON)
    assert (again.id != made.id, again.points) == (True, 40)


def test_the_shop_disputes_a_line_and_the_site_keeps_it_or_leaves_it_for_another_month(session):
    counter = a_counter(session)
    for _ in range(3):
        hand_over(session, counter.street)
    made = preparing.prepare(session, counter.first, counter.shop, FEBRUARY, at=NOON)
    before, lines = made.digest, [line.id for line in made.lines]
    with pytest.raises(Invalid, match="mark"):
        deciding.dispute(session, counter.till, made.id, [], "不对", at=NOON)
    for _ in range(2):
        deciding.dispute(session, counter.till, made.id, lines[:2], "没有给过", at=NOON)
    with pytest.raises(Conflict):
        deciding.approve(session, counter.first, made.id, made.digest, at=NOON + timedelta(days=30))
    deciding.answer(session, counter.first, made.id, lines[:1], "查过了，一件有误", at=NOON)
    assert (made.points, made.status, made.digest != before) == (80, "prepared", True)
    with pytest.raises(Conflict, match="changed since"):
        deciding.accept(session, counter.till, made.id, before, at=NOON)
    deciding.accept(session, counter.till, made.id, made.digest, at=NOON)
    assert [points for _, points in preparing.open_entries(session, counter.shop, NOON)] == [40]


def test_one_person_approves_once_and_nobody_for_the_own_shop(session):
    counter = a_counter(session)
    hand_over(session, counter.street)
    made = accepted(session, counter)
    deciding.approve(session, counter.first, made.id, made.digest, at=NOON)
    with pytest.raises(Conflict, match="second person"):
        deciding.approve(session, counter.first, made.id, made.digest, at=NOON)
    with pytest.raises(Conflict):
        deciding.pay(session, counter.first, made.id, PAID_ON, "0001", at=NOON)
    both = make.an_actor(None, (Role.SITE_ADMIN, counter.street.centre), (Role.MERCHANT, counter.street.branch))
    theirs = type(both)(counter.till.user_id, both.grants)
    for act in (deciding.approve, deciding.accept):
        if act is deciding.approve:
            with pytest.raises(Conflict, match="own shop"):
                act(session, theirs, made.id, made.digest, at=NOON)
    with pytest.raises(Conflict, match="own shop"):
        preparing.prepare(session, theirs, counter.shop, FEBRUARY, at=NOON)


def test_one_person_with_two_accounts_is_one_person(session):
    counter = a_counter(session)
    hand_over(session, counter.street)
    made = accepted(session, counter)
    deciding.approve(session, counter.first, made.id, made.digest, at=NOON)
    for of in (counter.first, counter.till):
        twin = make.a_person(session, "小号")
        twin.phone_index = session.get_one(Person, of.user_id).phone_index
        session.flush()
        with pytest.raises(Conflict):
            deciding.approve(session, make.an_actor(twin, (Role.DIRECTOR, counter.street.centre)), made.id, made.digest, at=NOON)
    assert made.status == "approved_once"


def test_a_shop_that_says_nothing_for_ten_days_is_taken_to_agree(session):
    counter = a_counter(session)
    hand_over(session, counter.street)
    made = preparing.prepare(session, counter.first, counter.shop, FEBRUARY, at=NOON)
    with pytest.raises(Conflict):
        deciding.approve(session, counter.first, made.id, made.digest, at=NOON + timedelta(days=9))
    deciding.approve(session, counter.first, made.id, made.digest, at=NOON + timedelta(days=10))
    assert (made.status, made.silent, made.accepted_by) == (StatementStatus.APPROVED_ONCE, True, None)


def test_another_shop_and_another_county_see_nothing(session):
    counter = a_counter(session)
    hand_over(session, counter.street)
    made = preparing.prepare(session, counter.first, counter.shop, FEBRUARY, at=NOON)
    stranger = at_the_till(session, a_merchant(session, counter.street.branch, "别家"), "外人")
    abroad = make.staff(session, Role.DIRECTOR, make.a_site(session))
    with pytest.raises(NotFound):
        deciding.accept(session, stranger, made.id, made.digest, at=NOON)
    for act in (
        lambda: deciding.approve(session, abroad, made.id, made.digest, at=NOON),
        lambda: deciding.withdraw(session, abroad, made.id, "没有", at=NOON),
        lambda: preparing.prepare(session, abroad, counter.shop, FEBRUARY, at=NOON),
    ):
        with pytest.raises(NotFound):
            act()


def test_the_job_prepares_every_shop_that_is_owed_something_once(session):
    counter = a_counter(session)
    hand_over(session, counter.street)
    a_merchant(session, counter.street.branch, "没有生意")
    assert jobs.prepare_statements(session, NOON) == 1
    assert jobs.prepare_statements(session, NOON) == 0


def test_twelve_hands_prepare_and_pay_one_statement(database, keyring):
    with Session(database.engine) as session:
        session.info["keyring"] = keyring
        with write(session):
            counter = a_counter(session)
            hand_over(session, counter.street)
            shop, first, made = counter.shop, counter.first, None
            till, second = counter.till, counter.second

    def prepare(session, number):
        preparing.prepare(session, first, shop, FEBRUARY, at=NOON)

    assert at_once(database, prepare, 8) == ["done"] * 8
    with Session(database.engine) as session, write(session):
        made = session.scalars(select(Statement)).one()
        assert len(session.scalars(select(StatementLine)).all()) == 1
        deciding.accept(session, till, made.id, made.digest, at=NOON)
        number, seen = made.id, made.digest

    def approve(session, who):
        deciding.approve(session, (first, second)[who % 2], number, seen, at=NOON)

    heard = at_once(database, approve, 8)
    assert set(heard) <= {"done", "needs_second"}

    def pay(session, _):
        deciding.pay(session, first, number, PAID_ON, "0001", at=NOON)

    assert at_once(database, pay, 8) == ["done"] * 8
    with Session(database.engine) as session:
        assert settled(session, shop) == 40
        assert owed(session, shop) == 0
        assert verify.findings(session) == []
