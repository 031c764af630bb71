"""What runs out: lots beside the transfers, two warnings, an end in batches that is safe to repeat."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import func, select

from tests.flows.test_points import a_rule, has
from tests.support.builders import NOON, a_county, a_volunteer
from volunteer.kernel.clock import SHANGHAI
from volunteer.ledger import ageing, book, queries, queries_rules, verify
from volunteer.ledger.jobs_points import count_points, expire_points, warn_of_points
from volunteer.ledger.models import Transfer, Unit
from volunteer.ledger.models_points import PointLot, PointWarning
from volunteer.ledger.point_rules import Terms
from volunteer.ledger.rules import expired_at, held_for, issued_by, person
from volunteer.messaging.models import Message


def on(day, hour=12):
    return datetime(day.year, day.month, day.day, hour, tzinfo=SHANGHAI)


@pytest.fixture
def county(session):
    return a_county(session)


@pytest.fixture
def rule(session, county):
    return a_rule(session, county[0], Terms(months=2, warn_days=(60, 14)), since=date(2025, 1, 1))


@pytest.fixture
def me(session, county):
    return a_volunteer(session, county[2], "陈晓禾")


def give(session, me, site, rule, amount, day, key):
    return book.move(
        session, Unit.POINTS, amount, source=issued_by(site.id, Unit.POINTS), target=person(me.id), reason="points_service",
        key=key, at=on(day), about=f"order:{key}", day=day, policy_version=f"points:{rule.id}",
    )  # fmt: skip


def run(job, session, at):
    done = 0
    while some := job(session, at):
        done += some
        session.flush()
    return done


def test_lots_are_kept_once_a_day_and_sum_to_the_balances(session, county, rule, me):
    other = a_volunteer(session, county[2])
    give(session, me, county[2], rule, 30, date(2026, 1, 5), "1")
    give(session, me, county[1], rule, 10, date(2026, 1, 9), "2")
    give(session, other, county[2], rule, 7, date(2026, 2, 1), "3")
    assert run(count_points, session, NOON) == 2
    assert run(count_points, session, NOON) == 0
    kept = session.execute(select(PointLot.person_id, PointLot.site_id, PointLot.runs_out, PointLot.points)).tuples().all()
    last = date(2026, 3, 31)
    assert set(kept) == {
        (me.id, county[2].id, last, 30), (me.id, county[1].id, last, 10), (other.id, county[2].id, date(2026, 4, 30), 7)
    }  # fmt: skip
    assert run(count_points, session, NOON + timedelta(days=1)) == 2
    assert session.scalar(select(func.sum(PointLot.points))) == has(session, me) + has(session, other)


def test_points_end_after_their_month_once(session, county, rule, me):
    give(session, me, county[2], rule, 30, date(2026, 1, 5), "1")
    give(session, me, county[2], rule, 8, date(2026, 2, 5), "2")
    book.move(session, Unit.POINTS, 10, source=person(me.id), target="merchant:1", reason="collect", key="c", at=NOON)
    run(count_points, session, NOON)
    assert run(expire_points, session, on(date(2026, 3, 31), 23)) == 0
    after = on(date(2026, 4, 1), 1)
    assert run(expire_points, session, after) == 1
    assert run(expire_points, session, after) == 0
    assert (has(session, me), queries.balance(session, expired_at(county[2].id), Unit.POINTS)) == (8, 20)
    told = session.scalars(select(Message.params).where(Message.template == "points_ran_out")).all()
    assert told == [{"points": 20}]
    session.query(PointLot).delete()  # even if what is kept were lost or old
    session.add(PointLot(person_id=me.id, site_id=county[2].id, born=after.date(), runs_out=date(2026, 3, 31), points=99))
    run(expire_points, session, after)
    assert has(session, me) == 8
    assert verify.findings(session) == []


def test_what_is_held_for_a_gift_waits_and_returns_with_its_old_date(session, county, rule, me):
    give(session, me, county[2], rule, 30, date(2026, 1, 5), "1")
    give(session, me, county[2], rule, 5, date(2026, 3, 5), "2")
    reserved = book.move(
        session, Unit.POINTS, 25, source=person(me.id), target=held_for(1), reason="reserve", key="r", at=NOON, about=held_for(1)
    )
    assert ageing.held_by(session, person(me.id)) == 25
    run(count_points, session, NOON)
    april = on(date(2026, 4, 2), 1)
    run(expire_points, session, april)
    assert has(session, me) == 5
    book.reverse(session, reserved, note="let go", at=april)
    assert ageing.held_by(session, person(me.id)) == 0
    assert [(lot.points, lot.runs_out) for lot in ageing.lots_of(session, person(me.id))] == [
        (25, date(2026, 3, 31)), (5, date(2026, 5, 31))
    ]  # fmt: skip
    run(count_points, session, april + timedelta(days=1))
    run(expire_points, session, april + timedelta(days=1))
    assert has(session, me) == 5
    assert session.scalars(select(Transfer.amount).where(Transfer.reason == "points_expiry").order_by(Transfer.id)).all() == [
        5,
        25,
    ]


def test_two_warnings_come_once_each_and_a_missed_one_is_not_sent_late(session, county, rule, me):
    other = a_volunteer(session, county[2])
    give(session, me, county[2], rule, 30, date(2026, 1, 5), "1")  # until 31 March
    run(count_points, session, NOON)

    def warned(day):
        return run(warn_of_points, session, on(day, 9))

    assert warned(date(2026, 1, 29)) == 0
    assert [warned(date(2026, 1, 30)), warned(date(2026, 1, 30)), warned(date(2026, 3, 16))] == [1, 0, 0]
    assert [warned(date(2026, 3, 17)), warned(date(2026, 3, 31))] == [1, 0]
    give(session, other, county[2], rule, 5, date(2026, 1, 7), "2")
    run(count_points, session, NOON + timedelta(days=1))
    assert [warned(date(2026, 3, 20)), warned(date(2026, 3, 21)), warned(date(2026, 4, 1))] == [1, 0, 0]
    assert session.execute(select(PointWarning.person_id, PointWarning.days).order_by(PointWarning.at)).tuples().all() == [
        (me.id, 60), (me.id, 14), (other.id, 14)
    ]  # fmt: skip
    told = session.scalars(select(Message.params).where(Message.template == "points_run_out", Message.person_id == me.id)).all()
    assert told == [{"points": 30, "day": "2026-03-31"}] * 2


def test_without_a_month_in_the_rule_points_stay(session, county, me):
    ever = a_rule(session, county[0], Terms(months=0))
    give(session, me, county[2], ever, 30, date(2020, 1, 5), "1")
    run(count_points, session, NOON)
    assert run(expire_points, session, NOON + timedelta(days=9999)) == 0


def test_pieces_carry_what_is_needed_to_keep_dates(session, county, rule, me):
    for number, day in enumerate((date(2026, 1, 5), date(2026, 1, 20), date(2026, 2, 5))):
        give(session, me, county[2], rule, 10, day, str(number))
    found = ageing.pieces(session, person(me.id), 24)
    assert [(one.points, one.born, one.runs_out, one.version) for one in found] == [
        (20, date(2026, 1, 5), date(2026, 3, 31), f"points:{rule.id}"), (4, date(2026, 2, 5), date(2026, 4, 30), f"points:{rule.id}")
    ]  # fmt: skip
    assert queries_rules.published(session)[rule.id].terms.months == 2
