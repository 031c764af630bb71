"""Two entries that became one are one person to the caps of points, to the simulator of rules and to what looks odd."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import select

from tests.flows.test_certificates import serve
from tests.flows.test_points import a_rule
from tests.support.builders import NOON, a_volunteer
from tests.support.merging import go
from volunteer.administration.merging import merging
from volunteer.attendance.models import Attendance
from volunteer.attendance.review.models_findings import Finding
from volunteer.ledger import points as point_books
from volunteer.ledger.models import Unit
from volunteer.ledger.point_rules import Terms
from volunteer.ledger.queries import balance
from volunteer.ledger.rules import person
from volunteer.orders.afterwards import thanking
from volunteer.orders.hours.gathering import look_at_new
from volunteer.orders.models import ServiceOrder
from volunteer.orders.models_rating import RatedBy, Rating
from volunteer.rewards.points import ruling, trying
from volunteer.rewards.points.ruling import RuleDraft

DAY, LATER = timedelta(days=1), NOON + timedelta(hours=1)


def earned(session, *people):
    return [balance(session, person(one.id), Unit.POINTS) for one in people]


def test_caps_count_what_both_former_entries_earned(session, county, admin, kept, gone):
    a_rule(session, county[0], Terms(per_hour=60, per_day=100, per_month=150))
    point_books.earn(session, serve(session, gone, county[2], 70), kind="", at=NOON)
    go(session, admin, kept, gone)
    assert earned(session, kept, gone) == [70, 0]
    point_books.earn(session, serve(session, kept, county[2], 60), kind="", at=NOON)
    assert earned(session, kept) == [100]  # of one day, not 130
    point_books.earn(session, serve(session, kept, county[2], 60, days_ago=2), kind="", at=NOON)
    assert earned(session, kept) == [150]  # of one month


def test_a_bonus_that_comes_to_the_old_entry_is_capped_with_the_new_ones_points(session, county, admin, kept, gone):
    a_rule(session, county[0], Terms(per_hour=60, per_day=100, bonus={"5": 50}))
    booked = serve(session, gone, county[2], 30)
    point_books.earn(session, booked, kind="", at=NOON)
    go(session, admin, kept, gone)
    point_books.earn(session, serve(session, kept, county[2], 60), kind="", at=NOON)
    order = session.get_one(ServiceOrder, int(booked.about.removeprefix("order:")))
    order.served_at = NOON
    thanking.thank(session, order, Rating(order_id=order.id, stars=5, by=RatedBy.LINK, at=NOON), at=NOON)
    assert sum(earned(session, kept, gone)) == 100


def test_taken_apart_again_each_has_caps_of_its_own(session, county, admin, kept, gone):
    a_rule(session, county[0], Terms(per_hour=60, per_day=100))
    point_books.earn(session, serve(session, gone, county[2], 70), kind="", at=NOON)
    row = go(session, admin, kept, gone)
    merging.undo(session, admin, row.id, "两个人", at=NOON + DAY)
    session.flush()
    point_books.earn(session, serve(session, kept, county[2], 60), kind="", at=NOON + DAY)
    assert earned(session, kept, gone) == [60, 70]


def test_the_simulator_counts_them_once_with_one_cap(session, county, admin, kept, gone):
    third = a_volunteer(session, county[2], "王建平")
    for one in (kept, gone, third, a_volunteer(session, county[2])):
        serve(session, one, county[2], 60)
    terms = Terms(per_hour=60, per_day=100)
    rule = ruling.write_draft(session, admin, county[0], RuleDraft(terms=terms, valid_from=date(2026, 4, 1)), at=NOON)
    before = trying.begin(session, admin, rule.id, at=NOON)
    assert (before.total, before.counted, before.sums["becomes"]) == (4, 4, 240)
    go(session, admin, kept, gone)
    go(session, admin, third, kept, at=NOON + DAY)  # a chain of two
    after = trying.begin(session, admin, rule.id, at=NOON + DAY)
    assert (after.total, after.counted, after.sums["becomes"], after.sums["band_new"]) == (2, 2, 160, 2)


def test_visits_of_both_former_entries_in_two_places_at_once_are_found(session, county, admin, kept, gone):
    serve(session, kept, county[2], 60)
    away = session.get_one(ServiceOrder, int(serve(session, gone, county[2], 60).about.removeprefix("order:")))
    away.latitude += 0.5
    session.flush()
    go(session, admin, kept, gone)  # before anybody looked
    assert session.scalars(select(Attendance.volunteer_id).distinct()).all() == [kept.id]
    look_at_new(session, at=LATER)
    (found,) = session.scalars(select(Finding)).all()
    assert (found.kind, found.person_id) == ("travel", kept.id)
