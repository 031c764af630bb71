"""Rules of points: drafted by one, published by another, tried on last year; corrections by two; what a place owes."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from tests.flows.test_certificates import serve
from tests.support.builders import NOON, a_county, a_site, a_volunteer, an_item, staff
from tests.support.pointing import a_rule, a_wish, earn, has, somebody
from volunteer.access import Role
from volunteer.audit.models import AuditEntry
from volunteer.insights.books import whose
from volunteer.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from volunteer.ledger import book, closing, correcting, points, queries, queries_rules, verify
from volunteer.ledger.jobs_points import count_points
from volunteer.ledger.lifecycle import ClaimState, RuleState
from volunteer.ledger.models import Grade, Unit
from volunteer.ledger.models_points import PointClaim
from volunteer.ledger.point_labels import LabelDraft, name_points, points_label
from volunteer.ledger.point_rules import Terms
from volunteer.ledger.rules import person, pool_of
from volunteer.orders.models import ServiceOrder
from volunteer.rewards.points import giving, jobs, owing, requesting, ruling, trying
from volunteer.rewards.points.lifecycle import RequestState, WishState
from volunteer.rewards.points.models import PointTrial
from volunteer.rewards.points.ruling import RuleDraft

APRIL = date(2026, 4, 1)


@pytest.fixture
def county(session):
    return a_county(session)


@pytest.fixture
def admin(session, county):
    return staff(session, Role.SITE_ADMIN, county[0])


@pytest.fixture
def director(session, county):
    return staff(session, Role.DIRECTOR, county[0])


def test_a_second_person_publishes_from_a_coming_day_and_nobody_changes_it_then(session, county, admin, director):
    an_item(session, county[0])
    draft = RuleDraft(terms=Terms(per_hour=12, categories={"repair": 1500}), valid_from=APRIL, note="新的一年")
    rule = ruling.write_draft(session, admin, county[0], draft, at=NOON)
    with pytest.raises(Conflict, match="second person"):
        ruling.publish(session, admin, rule.id, rule.version, at=NOON)
    with pytest.raises(Forbidden):
        ruling.write_draft(session, director, county[0], draft, at=NOON)
    seen = rule.version
    changed = RuleDraft(terms=Terms(per_hour=13), valid_from=APRIL)
    ruling.change_draft(session, admin, rule.id, seen, changed, at=NOON)
    session.flush()
    with pytest.raises(Conflict, match="Somebody else changed"):
        ruling.publish(session, director, rule.id, seen, at=NOON)
    with pytest.raises(Conflict, match="coming day"):
        ruling.publish(session, director, rule.id, None, at=NOON + timedelta(days=28))
    assert queries_rules.rule_at(session, county[2].path, APRIL) is None
    for _ in range(2):
        ruling.publish(session, director, rule.id, None, at=NOON)
    session.flush()
    assert queries_rules.rule_at(session, county[2].path, APRIL).terms.per_hour == 13
    assert queries_rules.rule_at(session, county[2].path, APRIL - timedelta(days=1)) is None
    for act in (
        lambda: ruling.change_draft(session, admin, rule.id, None, draft, at=NOON),
        lambda: ruling.drop_draft(session, admin, rule.id, at=NOON),
    ):
        with pytest.raises(Conflict, match="no draft any more"):
            act()
    other = ruling.write_draft(session, admin, county[0], changed, at=NOON)
    with pytest.raises(Conflict, match="Another version"):
        ruling.publish(session, director, other.id, None, at=NOON)
    for _ in range(2):
        assert ruling.drop_draft(session, admin, other.id, at=NOON).state is RuleState.DROPPED
    acts = session.scalars(select(AuditEntry.action).where(AuditEntry.subject == rule.called).order_by(AuditEntry.id)).all()
    assert acts == ["point_rule_drafted", "point_rule_drafted", "point_rule_published"]


def test_every_complaint_about_a_draft_is_said_at_once(session, county, admin):
    terms = Terms(
        per_hour=-1, categories={"nothing": 1}, grades={"a": 99_999}, months=500, bonus={"5": -3}, warn_days=(5, 9), wish_most=0
    )
    with pytest.raises(Invalid) as refusal:
        ruling.write_draft(session, admin, county[0], RuleDraft(terms=terms, valid_from=NOON.date()), at=NOON)
    assert set(refusal.value.fields) == {
        "per_hour", "category_nothing", "grade_a", "months", "bonus_5", "warn_first", "valid_from", "wish_most"
    }  # fmt: skip
    with pytest.raises(NotFound):
        ruling.write_draft(session, admin, a_site(session), RuleDraft(valid_from=APRIL), at=NOON)


def test_a_trial_compares_a_draft_with_what_holds(session, county, admin):
    a_rule(session, county[0], Terms(per_hour=10, months=12))
    item = an_item(session, county[0])
    people = [a_volunteer(session, county[2]) for _ in range(4)]
    for number, minutes in enumerate((60, 120, 600)):
        booked = serve(session, people[number], county[2], minutes, item=item, grade=Grade.B)
    serve(session, people[0], county[2], 60, grade=Grade.D)  # counts for nothing
    book.reverse(session, serve(session, people[3], county[2], 60), note="不实", at=NOON)
    serve(session, people[3], county[2], 60, days_ago=400)
    serve(session, a_volunteer(session, a_county(session)[2]), a_site(session), 60)
    terms = Terms(per_hour=10, categories={"repair": 2000}, per_day=120, months=1)
    rule = ruling.write_draft(session, admin, county[0], RuleDraft(terms=terms, valid_from=APRIL), at=NOON)
    balances = [queries.balance(session, person(one.id), Unit.POINTS) for one in people]
    trial = trying.begin(session, admin, rule.id, at=NOON)
    assert (trial.total, trial.counted, trial.done_at) == (3, 3, NOON)
    assert trial.sums == {
        "minutes": 780, "was": 130, "becomes": 20 + 40 + 120, "was_alive": 130, "becomes_alive": 180, "band_half_more": 2,
        "band_more": 1,
    }  # fmt: skip
    assert balances == [queries.balance(session, person(one.id), Unit.POINTS) for one in people]
    assert session.scalar(select(ServiceOrder.id).where(ServiceOrder.id == int(booked.about[6:]))) is not None
    assert trying.latest(session, rule).id == trial.id


def test_a_large_trial_is_left_to_the_job_which_goes_on_where_it_was(session, county, admin, monkeypatch):
    for _ in range(5):
        serve(session, a_volunteer(session, county[2]), county[2], 60)
    rule = ruling.write_draft(session, admin, county[0], RuleDraft(valid_from=APRIL), at=NOON)
    monkeypatch.setattr(trying, "AT_ONCE", 4)
    monkeypatch.setattr(trying, "BATCH", 2)
    trial = trying.begin(session, admin, rule.id, at=NOON)
    assert (trial.done_at, trial.total, trial.counted) == (None, 5, 0)
    assert trying.begin(session, admin, rule.id, at=NOON).id == trial.id, "a double tap"
    seen = []
    while jobs.try_rules(session, NOON):
        seen.append(trial.counted)
    assert seen == [2, 4, 5, 5]
    assert (trial.sums["becomes"], trial.sums["band_new"], trial.done_at) == (50, 5, NOON)
    jobs.try_rules(session, NOON + timedelta(days=100))
    assert session.scalars(select(PointTrial)).all() == []


def test_a_correction_takes_two_people_none_of_them_the_one_it_is_about(session, county, admin, director):
    me = somebody(session, county[2], 20)
    with pytest.raises(Invalid):
        requesting.ask_correction(session, admin, county[0].id, me.user_id, 0, "漏记", at=NOON)
    with pytest.raises(NotFound):
        requesting.ask_correction(session, admin, county[0].id, somebody(session, a_site(session)).user_id, 5, "漏记", at=NOON)
    more = requesting.ask_correction(session, admin, county[0].id, me.user_id, 15, "漏记", at=NOON)
    assert has(session, me) == 20
    with pytest.raises(Conflict, match="Somebody else"):
        requesting.decide(session, admin, more.id, True, "", at=NOON)
    for _ in range(2):
        requesting.decide(session, director, more.id, True, "", at=NOON)
    assert (has(session, me), more.state) == (35, RequestState.DONE)
    with pytest.raises(Conflict, match="decided already"):
        requesting.decide(session, director, more.id, False, "不对", at=NOON)
    less = requesting.ask_correction(session, admin, county[0].id, me.user_id, -36, "重复", at=NOON)
    with pytest.raises(Conflict, match="not so many"):
        requesting.decide(session, director, less.id, True, "", at=NOON)
    requesting.decide(session, director, less.id, False, "太多了", at=NOON)
    assert (has(session, me), less.answer) == (35, "太多了")
    assert verify.findings(session) == []


def test_a_pool_gives_a_little_by_one_person_and_much_by_two(session, county, admin, director):
    a_rule(session, county[0], Terms(alone=20))
    me = somebody(session, county[2], 200)
    giving.give_to_pool(session, me, county[1].id, 100, "token of a pool", at=NOON)
    wish, abroad = a_wish(session, county[2], 60), a_wish(session, a_county(session)[2])
    with pytest.raises(NotFound):
        requesting.ask_pool(session, admin, county[1].id, abroad.id, 5, "补足", at=NOON)
    assert requesting.ask_pool(session, admin, county[1].id, wish.id, 20, "补足", at=NOON).state is RequestState.DONE
    much = requesting.ask_pool(session, admin, county[1].id, wish.id, 40, "补足", at=NOON)
    assert queries.balance(session, wish.account, Unit.POINTS) == 20
    requesting.decide(session, director, much.id, True, "", at=NOON)
    assert (wish.state, queries.balance(session, pool_of(county[1].id), Unit.POINTS)) == (WishState.FULL, 40)
    with pytest.raises(Conflict):
        requesting.ask_pool(session, admin, county[1].id, wish.id, 1, "再来", at=NOON)
    assert verify.findings(session) == []


def test_a_claim_is_taken_from_what_comes_or_let_go(session, county, admin):
    a_rule(session, county[0])
    me = a_volunteer(session, county[2])
    booked = serve(session, me, county[2], 120)
    points.earn(session, booked, kind="", at=NOON)
    book.move(session, Unit.POINTS, 18, source=person(me.id), target="redemption:1", reason="reserve", key="r", at=NOON)
    correcting.take_back(session, admin, booked.id, "不实", at=NOON)
    (claim,) = session.scalars(select(PointClaim)).all()
    with pytest.raises(Conflict, match="no points to take"):
        requesting.settle_claim(session, admin, claim.id, False, "", at=NOON)
    (item,) = closing.open_items(session, whose.reach_of([county[0].path]))  # what is held for no known gift is nobody's here
    assert (item.owner, item.balance, item.kind) == (f"claim:{claim.id}", 18, "claim")
    assert closing.open_items(session, whose.reach_of([a_site(session).path])) == []
    earn(session, me.id, county[2], 10)
    requesting.settle_claim(session, admin, claim.id, False, "", at=NOON)
    assert (claim.points, claim.state, requesting.claims(session, [county[0].path])) == (8, ClaimState.OPEN, [claim])
    for _ in range(2):
        requesting.settle_claim(session, admin, claim.id, True, "金额很小", at=NOON)
    assert (claim.state, requesting.claims(session, [county[0].path])) == (ClaimState.WAIVED, [])
    assert verify.findings(session) == []


def test_what_is_owed_adds_up(session, county, admin):
    rule = a_rule(session, county[0], Terms(months=12))
    me = somebody(session, county[2], 100, rule=rule)
    earn(session, me.user_id, county[1], 30, rule, at=NOON - timedelta(days=200))
    somebody(session, a_county(session)[2], 999)
    giving.give_to_pool(session, me, county[1].id, 10, "token of a pool", at=NOON)
    giving.give_to_wish(session, me, a_wish(session, county[2]).id, 15, "token of a wish", at=NOON)
    while count_points(session, NOON):
        session.flush()
    found = owing.owed(session, [county[0].path], at=NOON)
    assert (found.outstanding, found.pools, found.wishes, found.held, found.merchants, found.total) == (105, 10, 15, 0, 0, 130)
    assert sorted((site.id, amount) for site, amount in found.by_site) == sorted([(county[1].id, 5), (county[2].id, 100)])
    assert dict(found.by_age) == {"0-3": 100, "3-6": 0, "6-12": 5, "12-24": 0, "24+": 0}
    assert found.due == [(date(2026, 8, 31), 5), (date(2027, 3, 31), 100)]
    assert (found.issued, found.used, found.share_used) == (130, 0, 0.0)
    assert owing.owed(session, [], at=NOON).total == 0


def test_a_centre_calls_its_points_as_it_likes(session, county, admin):
    assert (points_label(session, county[2].path), points_label(session, county[2].path, "en")) == ("积分", "points")
    for _ in range(2):
        name_points(session, admin, county[0], LabelDraft(name="文明良票", name_en="Civic tickets"), at=NOON)
    session.flush()
    assert (points_label(session, county[2].path), points_label(session, county[2].path, "en")) == ("文明良票", "Civic tickets")
    with pytest.raises(Invalid):
        name_points(session, admin, county[0], LabelDraft(name=" "), at=NOON)
