"""Automatic dispatch by a centre's rules: who is asked, what waits in the pool, what stays with the dispatcher. On both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from tests.support import builders as make
from tests.support.builders import NOON
from tests.support.pooling import MINUTE, Pooling
from volunteer.kernel.errors import Conflict, Forbidden, Invalid
from volunteer.orders.accepting import decline_offer
from volunteer.orders.dispatching import offer_to
from volunteer.orders.holding import take_hold
from volunteer.orders.lifecycle import OfferState, Status
from volunteer.orders.models import OfferHow
from volunteer.orders.rulebook import automatic, ruling
from volunteer.orders.rulebook.models_rules import DispatchRule, Handled, Handling, Outcome, RuleMode
from volunteer.orders.rulebook.ruling import RuleDraft
from volunteer.places.adopting import adopt_policy
from volunteer.places.models import PolicyKind


@pytest.fixture
def pooling(session: Session) -> Pooling:
    return Pooling(session)


def test_an_order_that_a_rule_takes_is_offered_to_the_best_team_and_says_which_rule_it_was(pooling):
    rule, order = pooling.rule(RuleMode.OFFER, name="换灯管自动派"), pooling.order()
    assert pooling.run() == 1
    (offer,) = order.offers
    assert (offer.team, offer.how, offer.policy_version) == (pooling.near, OfferHow.RULE, f"rule:{rule.id}")
    assert offer.reasons["parts"]["near"] > 0.5
    assert order.status is Status.OFFERED
    assert [(event.what, event.note) for event in order.events] == [("by_rule", "换灯管自动派"), ("offer", "近队")]
    assert pooling.handling(order).kind is Handled.OFFER
    assert pooling.run(NOON + MINUTE) == 0


def test_an_urgent_order_is_offered_at_once_to_as_many_as_the_wanted_chance_needs(pooling):
    rule, order = pooling.rule(RuleMode.OFFER, km=4), pooling.order(urgent=True)
    pooling.run()
    assert {offer.team for offer in order.offers} == {pooling.near, pooling.middle}  # the third is too far for the rule
    assert {(offer.how, offer.policy_version, offer.wave) for offer in order.offers} == {(OfferHow.RULE, f"rule:{rule.id}", 1)}
    assert all(offer.reasons["asking"]["together"] > offer.reasons["asking"]["chance"] for offer in order.offers)


def test_after_a_no_the_next_team_is_asked_as_ever(pooling, session):
    pooling.rule(RuleMode.OFFER)
    order = pooling.order()
    pooling.run()
    decline_offer(session, pooling.leader(pooling.near), order.offers[0].id, "忙", at=NOON + MINUTE)
    assert {offer.state for offer in order.offers} == {OfferState.DECLINED, OfferState.OPEN}
    assert order.offers[-1].how is OfferHow.AGAIN


def test_the_nearest_site_s_rule_is_asked_first_then_in_their_order(pooling):
    pooling.rule(RuleMode.OFFER, name="县里第一", position=1)
    second = pooling.rule(RuleMode.POOL, name="所里第二", site=pooling.branch, position=2)
    first = pooling.rule(RuleMode.CHOOSE, name="所里第一", site=pooling.branch, position=1, km=0.1)
    order = pooling.order()
    pooling.run()
    assert pooling.handling(order).rule_id == second.id
    assert first.id != second.id


def test_an_order_that_no_rule_takes_stays_with_the_dispatcher_and_says_why(pooling):
    far = pooling.rule(RuleMode.OFFER, km=0.1)
    night = pooling.rule(RuleMode.OFFER, begins=20, ends=24)
    order = pooling.order()
    assert pooling.run() == 1
    handling = pooling.handling(order)
    assert handling.kind is Handled.LEFT
    assert handling.misses == {str(far.id): "too_far", str(night.id): "other_hours"}
    assert (order.status, order.offers) == (Status.VERIFIED, [])
    assert pooling.run(NOON + MINUTE) == 0  # not every few seconds
    assert pooling.run(NOON + timedelta(hours=8, minutes=5)) == 1  # but when its hours begin
    assert order.status is Status.OFFERED


def test_orders_that_a_person_has_in_hand_are_left_alone(pooling, session):
    pooling.rule(RuleMode.OFFER)
    held, given_back, unsorted = pooling.order(), pooling.order(), pooling.order(item=None)
    take_hold(session, pooling.dispatcher, held.id, at=NOON)
    offer_to(session, pooling.dispatcher, given_back.id, [pooling.far.id], at=NOON - MINUTE)
    make.an_order(session, pooling.station, item=pooling.item, status=Status.PLACED)
    decline_offer(session, pooling.leader(pooling.far), given_back.offers[0].id, "忙", at=NOON)
    before = len(given_back.offers)
    assert pooling.run() == 0
    assert (held.offers, unsorted.offers, len(given_back.offers)) == ([], [], before)
    assert pooling.run(NOON + timedelta(minutes=11)) == 1  # the dispatcher went to lunch
    assert held.status is Status.OFFERED


def test_no_team_is_asked_by_rules_for_more_than_it_has_room_for(pooling):
    pooling.rule(RuleMode.OFFER, km=1)
    pooling.near.capacity = 2
    orders = [pooling.order() for _ in range(4)]
    pooling.run()
    assert [len(order.offers) for order in orders] == [1, 1, 0, 0]
    assert set(pooling.handling(orders[-1]).misses.values()) == {"all_asked"}


def test_a_team_that_was_asked_often_enough_today_is_passed_over(pooling, session):
    pooling.rule(RuleMode.OFFER)
    pooling.near.capacity = 99
    adopt_policy(session, pooling.admin, pooling.centre, PolicyKind.ASKING, {"per_day": 2}, valid_from=NOON, at=NOON)
    orders = [pooling.order() for _ in range(3)]
    for _ in orders:
        pooling.run()
    assert [order.offers[0].team for order in orders] == [pooling.near, pooling.near, pooling.middle]


def test_at_night_rules_take_only_what_is_urgent(pooling):
    pooling.rule(RuleMode.POOL, position=1)
    pooling.rule(RuleMode.OFFER, position=2)
    calm, urgent = pooling.order(), pooling.order(urgent=True)
    night, morning = NOON + timedelta(hours=11), NOON + timedelta(hours=21)
    pooling.run(night)
    assert urgent.status is Status.OFFERED
    assert set(pooling.handling(calm).misses.values()) == {"quiet"}
    pooling.run(morning)
    assert pooling.handling(calm).kind is Handled.POOL


def test_urgent_orders_come_first_and_never_wait_in_a_pool(pooling):
    pooling.rule(RuleMode.POOL, position=1)
    pooling.rule(RuleMode.OFFER, position=2)
    calm, urgent = pooling.order(), pooling.order(urgent=True)
    pooling.run()
    assert urgent.status is Status.OFFERED
    assert calm.status is Status.VERIFIED
    assert pooling.handling(calm).kind is Handled.POOL


def test_what_waits_in_the_pool_is_told_to_the_teams_and_goes_back_when_its_time_is_over(pooling, session):
    pooling.rule(RuleMode.POOL, minutes=30, km=3)
    order = pooling.order()
    pooling.run()
    assert order.due_at == NOON + 30 * MINUTE
    assert pooling.told("pool_open") == 2  # leaders of the two teams within three kilometres
    assert pooling.end(NOON + 29 * MINUTE) == 0
    assert pooling.end(NOON + 30 * MINUTE) == 1
    assert (order.status, pooling.handling(order).outcome) == (Status.VERIFIED, Outcome.LAPSED)
    assert [event.what for event in order.events] == ["in_pool", "pool_over"]
    assert pooling.run(NOON + 31 * MINUTE) == 0  # the machine had its turn
    assert offer_to(session, pooling.dispatcher, order.id, [pooling.near.id], at=NOON + 32 * MINUTE)


def test_what_a_team_took_while_the_job_was_looking_stays_taken(pooling, session):
    pooling.rule(RuleMode.POOL)
    order = pooling.order()
    pooling.run()
    seen = pooling.handling(order)
    taken = update(Handling).where(Handling.id == seen.id).values(closed_at=NOON + MINUTE, outcome=Outcome.TAKEN)
    session.execute(taken, execution_options={"synchronize_session": False})  # by another transaction, after the job had read it
    assert seen.closed_at is None
    automatic.end_of_pool(session, seen, NOON + 40 * MINUTE)
    session.flush()
    assert (seen.outcome, seen.closed_at) == (Outcome.TAKEN, NOON + MINUTE)


def test_an_order_that_a_dispatcher_offers_by_hand_leaves_the_pool(pooling, session):
    pooling.rule(RuleMode.POOL)
    order = pooling.order()
    pooling.run()
    offer_to(session, pooling.dispatcher, order.id, [pooling.near.id], at=NOON + MINUTE)
    assert pooling.end(NOON + 2 * MINUTE) == 1
    assert pooling.handling(order).outcome is Outcome.GONE


def test_the_machine_never_asks_a_team_with_too_much_open_and_a_person_may(pooling, session):
    pooling.unwritten(pooling.near, 3)
    adopt_policy(session, pooling.admin, pooling.centre, PolicyKind.BRAKE, {"late_records": 3}, valid_from=NOON, at=NOON)
    pooling.rule(RuleMode.OFFER)
    order, other = pooling.order(), pooling.order()
    take_hold(session, pooling.dispatcher, other.id, at=NOON)
    pooling.run()
    assert [offer.team for offer in order.offers] == [pooling.middle]
    (offer,) = offer_to(session, pooling.dispatcher, other.id, [pooling.near.id], at=NOON)
    assert offer.rank == 0
    assert offer.reasons["overridden"] == [{"obstacle": "braked", "facts": {"what": "late_records", "have": 3, "most": 3}}]


def test_a_changed_rule_is_a_new_version_from_its_day_and_the_old_one_keeps_what_it_did(pooling, session):
    rule, order = pooling.rule(RuleMode.OFFER), pooling.order()
    pooling.run()
    tomorrow = NOON + timedelta(days=1)
    draft = RuleDraft(name="就近抢单", mode=RuleMode.POOL, km=3)
    newer = ruling.change_rule(session, pooling.admin, rule.id, draft, valid_from=tomorrow, at=NOON + MINUTE)
    assert (newer.line, rule.valid_until, newer.km) == (rule.line, tomorrow, 3)
    assert [row.id for row in ruling.live_rules(session, at=NOON + MINUTE)] == [rule.id]
    assert [row.id for row in ruling.live_rules(session, at=tomorrow)] == [newer.id]
    assert order.offers[0].policy_version == f"rule:{rule.id}"
    with pytest.raises(Conflict, match="rule_changed"):
        ruling.change_rule(session, pooling.admin, rule.id, draft, valid_from=tomorrow, at=NOON + MINUTE)
    again = ruling.change_rule(session, pooling.admin, newer.id, RuleDraft(name="改"), valid_from=tomorrow, at=NOON + MINUTE)
    assert [row.id for row in ruling.live_rules(session, at=tomorrow)] == [again.id]


def test_a_rule_that_is_off_or_closed_takes_nothing(pooling, session):
    rule = pooling.rule(RuleMode.OFFER)
    off = ruling.switch_rule(session, pooling.admin, rule.id, False, at=NOON)
    pooling.order()
    assert pooling.run() == 0
    on = ruling.switch_rule(session, pooling.admin, off.id, True, at=NOON + MINUTE)
    assert ruling.switch_rule(session, pooling.admin, on.id, True, at=NOON + MINUTE) is on
    ruling.close_rule(session, pooling.admin, on.id, at=NOON + 2 * MINUTE)
    assert pooling.run(NOON + 3 * MINUTE) == 0
    assert [row.id for row in ruling.rules_at(session, pooling.station, at=NOON + 3 * MINUTE)] == []
    assert [row.id for row in ruling.rules_at(session, pooling.station, at=NOON + 3 * MINUTE, closed=True)] == [on.id]
    with pytest.raises(Conflict, match="rule_closed"):
        ruling.switch_rule(session, pooling.admin, on.id, False, at=NOON + 3 * MINUTE)


@pytest.mark.parametrize(
    ("wrong", "fields"),
    [
        ({"name": " "}, {"name"}),
        ({"begins": 9, "ends": 9}, {"ends"}),
        ({"km": float("nan"), "score": 11}, {"km", "score"}),
        ({"minutes": 0, "position": 0}, {"minutes", "position"}),
        ({"days": (7,), "categories": ("nothing",), "items": ("nothing",)}, {"days", "categories", "items"}),
    ],
)
def test_a_rule_that_cannot_be_is_refused_with_every_complaint(pooling, session, wrong, fields):
    draft = RuleDraft(**({"name": "规则"} | wrong))
    with pytest.raises(Invalid) as refused:
        ruling.write_rule(session, pooling.admin, pooling.centre, draft, valid_from=NOON, at=NOON)
    assert set(refused.value.fields) == fields
    assert session.query(DispatchRule).count() == 0


def test_only_who_manages_rules_there_writes_them(pooling, session):
    with pytest.raises(Forbidden):
        ruling.write_rule(session, pooling.dispatcher, pooling.branch, RuleDraft(name="规则"), valid_from=NOON, at=NOON)
    with pytest.raises(Invalid):
        ruling.write_rule(session, pooling.admin, pooling.branch, RuleDraft(name="规则"), valid_from=NOON - MINUTE, at=NOON)
