"""Points follow minutes: earned, capped, praised and undone, on both databases."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.support.builders import NOON, a_county, a_volunteer, staff
from tests.support.pointing import race
from volunteer.access import Role
from volunteer.kernel.db import write
from volunteer.ledger import book, correcting, points, queries, queries_rules, verify
from volunteer.ledger.lifecycle import RuleState
from volunteer.ledger.models import Grade, Transfer, Unit
from volunteer.ledger.models_points import PointClaim, PointRule
from volunteer.ledger.point_rules import Terms
from volunteer.ledger.rules import issued_by, person
from volunteer.places.models import Holiday, PolicyKind, PolicyRow, Site
from volunteer.places.terms import Evidence
from volunteer.teams.models import Volunteer

TODAY = date(2026, 3, 4)


@pytest.fixture
def county(session):
    return a_county(session)


@pytest.fixture
def me(session, county):
    return a_volunteer(session, county[2], "陈晓禾")


def a_rule(session, site, terms=None, since=date(2026, 1, 1)):
    """A published rule of ``site``."""
    values = (terms or Terms()).stored()
    rule = PointRule(
        site=site,
        state=RuleState.PUBLISHED,
        values=values,
        valid_from=since,
        published_from=since,
        made_at=NOON,
        published_at=NOON,
    )
    session.add(rule)
    session.flush()
    return rule


def work(session, me, site, minutes=60, *, key="order:1", day=TODAY, grade=Grade.B, about="order:1"):
    """Minutes booked as an order's."""
    return book.move(
        session, Unit.MINUTES, minutes, source=issued_by(site.id, Unit.MINUTES), target=person(me.id), reason="service",
        key=f"{key}:minutes", at=NOON, about=about, day=day, grade=grade,
    )  # fmt: skip


def has(session, me):
    return queries.balance(session, person(me.id), Unit.POINTS)


def test_without_a_rule_there_are_no_points(session, county, me):
    assert points.earn(session, work(session, me, county[2]), kind="repair", at=NOON) is None
    a_rule(session, county[0], since=TODAY + timedelta(days=1))
    assert points.earn(session, work(session, me, county[2], key="2"), kind="repair", at=NOON) is None
    assert has(session, me) == 0


def test_the_nearest_rule_of_the_day_of_service_counts_once_and_is_named(session, county, me):
    a_rule(session, county[0])
    a_rule(session, county[1], Terms(per_hour=30), since=date(2026, 3, 1))
    rule = a_rule(session, county[1], Terms(per_hour=20, categories={"repair": 1500}))
    before = a_rule(session, county[1], Terms(per_hour=1), since=date(2025, 6, 1))
    old = work(session, me, county[2], key="old", day=date(2026, 2, 28))
    given = points.earn(session, old, kind="repair", at=NOON)
    assert points.earn(session, old, kind="repair", at=NOON + timedelta(days=1)).id == given.id
    assert (given.amount, given.policy_version, given.reason, given.grade) == (30, f"points:{rule.id}", "points_service", Grade.B)
    assert queries_rules.rule_at(session, county[2].path, date(2025, 12, 31)).id == before.id
    assert has(session, me) == 30
    assert verify.findings(session) == []


def test_weak_evidence_earns_nothing_where_the_centre_says_so(session, county, me):
    a_rule(session, county[0])
    assert points.earn(session, work(session, me, county[2], grade=Grade.D), kind="", at=NOON) is None
    values = {name: value for name, value in asdict(Evidence(points="a")).items() if name != "version"}
    session.add(
        PolicyRow(
            site_id=county[0].id, kind=PolicyKind.EVIDENCE, values=values, valid_from=NOON - timedelta(days=9), made_at=NOON
        )
    )
    session.flush()
    assert points.earn(session, work(session, me, county[2], key="b"), kind="", at=NOON) is None
    assert points.earn(session, work(session, me, county[2], key="a", grade=Grade.A), kind="", at=NOON).amount == 10


def test_a_day_of_the_list_of_holidays_weighs_more(session, county, me):
    a_rule(session, county[0], Terms(holiday=2000))
    session.add(Holiday(site_id=county[0].id, day=TODAY, works=False))
    session.add(Holiday(site_id=county[0].id, day=TODAY - timedelta(days=3), works=True))
    session.flush()
    days = (TODAY, TODAY - timedelta(days=1), TODAY - timedelta(days=3))
    given = [points.earn(session, work(session, me, county[2], key=str(day), day=day), kind="", at=NOON).amount for day in days]
    assert given == [20, 10, 10]


def test_caps_of_activity_day_and_month_hold_over_all_acts(session, county, me):
    a_rule(session, county[0], Terms(per_hour=60, per_activity=100, per_day=150, per_month=200, bonus={"5": 50}))

    def earned(key, minutes, about, day=TODAY):
        made = points.earn(session, work(session, me, county[2], minutes, key=key, about=about, day=day), kind="", at=NOON)
        return made.amount if made else 0

    assert earned("1", 80, "order:1") == 80
    assert [one.amount for one in points.praise(session, ["1:minutes"], 5, at=NOON)] == [20]
    assert earned("2", 80, "order:2") == 50
    assert earned("3", 80, "order:3", TODAY + timedelta(days=1)) == 50
    assert earned("4", 80, "order:4", TODAY + timedelta(days=2)) == 0
    assert earned("5", 80, "order:5", date(2026, 4, 1)) == 80


def test_a_rating_brings_its_bonus_once_to_those_who_came(session, county, me):
    a_rule(session, county[0], Terms(bonus={"4": 2, "5": 5}))
    other = a_volunteer(session, county[2], "周试")
    for one, key in ((me, "me"), (other, "other")):
        points.earn(session, work(session, one, county[2], key=key), kind="", at=NOON)
    work(session, a_volunteer(session, county[2]), county[2], key="nobody")
    for _ in range(2):
        points.praise(session, ["me:minutes", "other:minutes", "gone:minutes"], 5, at=NOON)
        points.praise(session, ["me:minutes"], 4, at=NOON)  # a second rating after the first one counted
    assert (has(session, me), has(session, other)) == (15, 15)
    assert points.praise(session, ["nobody:minutes"], 2, at=NOON) == []


def test_minutes_taken_back_take_their_points_along(session, county, me):
    a_rule(session, county[0], Terms(bonus={"5": 5}, per_day=15))
    booked = work(session, me, county[2])
    points.earn(session, booked, kind="", at=NOON)
    points.praise(session, ["order:1:minutes"], 5, at=NOON)
    assert has(session, me) == 15
    admin = staff(session, Role.SITE_ADMIN, county[1])
    for _ in range(2):
        correcting.take_back(session, admin, booked.id, "重复计时", at=NOON)
    assert has(session, me) == 0
    assert queries.issued(session, county[2].id, Unit.POINTS) == 0
    assert session.scalars(select(PointClaim)).all() == []
    assert points.earn(session, work(session, me, county[2], key="again"), kind="", at=NOON).amount == 10  # no cap used up
    assert verify.findings(session) == []


def test_what_was_spent_is_claimed_and_never_taken_below_nothing(session, county, me):
    a_rule(session, county[0])
    booked = work(session, me, county[2], 120)
    points.earn(session, booked, kind="", at=NOON)
    book.move(session, Unit.POINTS, 15, source=person(me.id), target="redemption:1", reason="reserve", key="r", at=NOON)
    admin = staff(session, Role.SITE_ADMIN, county[1])
    for _ in range(2):
        correcting.take_back(session, admin, booked.id, "不实", at=NOON)
    session.flush()
    (claim,) = session.scalars(select(PointClaim)).all()
    assert (has(session, me), claim.points, claim.person_id, claim.site_path) == (0, 15, me.id, county[2].path)
    assert session.scalars(select(Transfer.amount).where(Transfer.reason == "points_undone")).all() == [5]
    points.earn(session, work(session, me, county[2], 30, key="next"), kind="", at=NOON)
    assert (points.take_owed(session, claim, at=NOON), claim.points, has(session, me)) == (5, 10, 0)
    assert points.take_owed(session, claim, at=NOON) == 0
    assert verify.findings(session) == []


def test_many_records_at_once_do_not_get_over_the_cap_of_a_day(database, keyring):
    with Session(database.engine) as session, write(session):
        session.info["keyring"] = keyring
        centre, _, station = a_county(session)
        a_rule(session, centre, Terms(per_day=35))
        me = a_volunteer(session, station)
        points.earn(session, work(session, me, station, key="first"), kind="", at=NOON)  # from now on there is an account
        number, site = me.id, station.id

    def book_one(n):
        def act(session):
            me, station = session.get_one(Volunteer, number), session.get_one(Site, site)
            points.earn(session, work(session, me, station, key=f"order:{n}", about=f"order:{n}"), kind="", at=NOON)

        return act

    assert race(database, keyring, [book_one(n) for n in range(6)]) == ["done"] * 6
    with Session(database.engine) as session:
        assert queries.balance(session, person(number), Unit.POINTS) == 35
        assert verify.findings(session) == []
