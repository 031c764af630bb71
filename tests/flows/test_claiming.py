"""抢单: one tap takes an order of the pool, or a team applies and the dispatcher chooses. On both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from tests.support import builders as make
from tests.support.builders import NOON
from tests.support.pooling import MINUTE, Pooling
from volunteer.access import Role
from volunteer.kernel.errors import Conflict, Forbidden, NotFound
from volunteer.orders.dispatching import recall
from volunteer.orders.lifecycle import OfferState, Status
from volunteer.orders.models import OfferHow
from volunteer.orders.queries_inbox import inbox_of
from volunteer.orders.rulebook import claiming, queries_pool
from volunteer.orders.rulebook.lifecycle import ApplicationState
from volunteer.orders.rulebook.models_rules import Outcome, RuleMode

SOON = NOON + MINUTE


@pytest.fixture
def pooling(session: Session) -> Pooling:
    return Pooling(session)


@pytest.fixture
def pooled(pooling):
    rule = pooling.rule(RuleMode.POOL)
    order = pooling.order()
    pooling.run()
    return rule, order


def take(pooling, order, team, at=SOON):
    return claiming.claim(pooling.session, pooling.leader(team), order.id, team.id, at=at)


def test_one_tap_takes_an_order_of_the_pool_and_it_is_an_acceptance_like_any_other(pooling, pooled, session):
    rule, order = pooled
    take(pooling, order, pooling.middle)
    assert (order.status, order.team, order.accepted_at) == (Status.ACCEPTED, pooling.middle, SOON)
    (offer,) = order.offers
    assert (offer.how, offer.state, offer.policy_version) == (OfferHow.POOL, OfferState.ACCEPTED, f"rule:{rule.id}")
    assert (offer.rank, offer.candidates) == (2, 3)
    assert offer.reasons["parts"]["skill"] == pytest.approx(0.9)
    assert [event.what for event in order.events] == ["in_pool", "claim"]
    assert pooling.handling(order).outcome is Outcome.TAKEN
    assert pooling.told("order_taken") == 1
    inbox = inbox_of(session, pooling.leader(pooling.middle), at=SOON)
    assert [card.order.id for card in inbox.today] == [order.id]


def test_a_second_tap_changes_nothing_and_the_slower_team_hears_a_kind_word(pooling, pooled):
    _, order = pooled
    take(pooling, order, pooling.middle)
    assert take(pooling, order, pooling.middle, SOON + MINUTE) is order
    assert len(order.offers) == 1
    with pytest.raises(Conflict, match="pool_taken") as slow:
        take(pooling, order, pooling.near)
    assert "Thank you" in slow.value.message


def test_what_was_never_in_the_pool_or_is_no_longer_cannot_be_taken(pooling, pooled, session):
    _, order = pooled
    with pytest.raises(Conflict, match="pool_gone"):
        take(pooling, order, pooling.near, NOON + timedelta(minutes=30))
    with pytest.raises(Conflict, match="pool_gone"):
        take(pooling, pooling.order(), pooling.near)
    take(pooling, order, pooling.near)
    recall(session, pooling.dispatcher, order.id, "换队", at=SOON + MINUTE)
    with pytest.raises(Conflict, match="pool_gone"):
        take(pooling, order, pooling.middle, SOON + 2 * MINUTE)


def test_what_the_rules_of_matching_forbid_cannot_be_taken(pooling, pooled, session):
    _, order = pooled
    unskilled = make.a_team(session, pooling.station, skills=("hair",))
    full = make.a_team(session, pooling.station, capacity=0)
    far = make.a_team(session, pooling.station, latitude=31.16 + 0.5)
    resting = make.a_team(session, pooling.station, paused_until=NOON + timedelta(days=2))
    for team in (unskilled, full, far, resting):
        with pytest.raises(Conflict, match="team_unable"):
            take(pooling, order, team)


def test_a_centre_s_rule_is_for_all_its_teams_a_branch_s_for_its_own(pooling, session):
    pooling.rule(RuleMode.POOL, site=pooling.branch)
    ours = pooling.order()
    pooling.run()
    away = make.a_team(session, make.a_site(session, pooling.centre))
    with pytest.raises(NotFound):
        take(pooling, ours, away)
    assert queries_pool.pool_of(session, pooling.leader(away), at=SOON).chances == []
    pooling.rule(RuleMode.POOL, items=(pooling.item.code,), position=1)
    everybodys = pooling.order(site=make.a_site(session, make.a_site(session, pooling.centre)))
    pooling.run()
    take(pooling, everybodys, away)
    assert everybodys.team is away


def test_a_team_of_another_county_and_one_that_is_not_led_do_not_exist(pooling, pooled, session):
    _, order = pooled
    away = make.a_team(session, make.a_county(session)[2])
    with pytest.raises(NotFound):
        take(pooling, order, away)
    with pytest.raises(NotFound):
        claiming.claim(session, pooling.leader(pooling.near), order.id, pooling.middle.id, at=SOON)


def test_a_team_that_owes_records_writes_them_first(pooling, pooled, session):
    _, order = pooled
    pooling.unwritten(pooling.near, 3)
    with pytest.raises(Conflict, match="team_braked") as stopped:
        take(pooling, order, pooling.near)
    assert stopped.value.context == {"have": 3, "most": 3}
    pool = queries_pool.pool_of(session, pooling.leader(pooling.near), at=SOON)
    assert [one.what for one in pool.braked[pooling.near.id]] == ["late_records"]


def test_records_that_are_not_late_yet_stop_nobody(pooling, pooled):
    _, order = pooled
    pooling.unwritten(pooling.near, 5, days=3)
    take(pooling, order, pooling.near)
    assert order.team is pooling.near


def test_a_team_that_did_not_answer_is_not_asked_but_may_take_one_and_has_answered_then(pooling, pooled, session):
    _, order = pooled
    for _ in range(6):
        old = make.an_order(session, pooling.station, item=pooling.item, status=Status.VERIFIED)
        made = NOON - timedelta(days=2)
        make.an_offer(session, old, pooling.near, state=OfferState.LAPSED, made_at=made, expires_at=made + timedelta(hours=1))
    found = queries_pool.pool_of(session, pooling.leader(pooling.near), at=SOON)
    assert found.braked == {}
    take(pooling, order, pooling.near)
    assert order.team is pooling.near
    (offer,) = order.offers
    assert (offer.rank, offer.candidates) == (1, 3)  # it keeps its place and its score like any other
    assert offer.score > 0
    assert "overridden" not in offer.reasons
    pooling.rule(RuleMode.OFFER, position=2, site=pooling.branch)
    another = pooling.order()
    pooling.run(SOON + MINUTE)
    assert another.offers[0].team is pooling.near


def test_the_pool_shows_the_nearest_first_what_a_team_could_take_and_how_much_else_there_is(pooling, session):
    pooling.rule(RuleMode.POOL)
    near, far = pooling.order(), pooling.order(latitude=31.20)
    hair = make.an_item(session, pooling.centre, skills=("hair",))
    make.a_team(session, pooling.station, skills=("hair",))
    pooling.order(item=hair)
    pooling.run()
    pool = queries_pool.pool_of(session, pooling.leader(pooling.near), at=SOON)
    assert [chance.order.id for chance in pool.chances] == [near.id, far.id]
    assert pool.chances[0].metres < pool.chances[1].metres
    assert pool.others == 1
    take(pooling, near, pooling.near)
    pool = queries_pool.pool_of(session, pooling.leader(pooling.near), at=SOON)
    assert [chance.order.id for chance in pool.chances] == [far.id]


@pytest.fixture
def applied(pooling, session):
    pooling.rule(RuleMode.CHOOSE, minutes=60)
    order = pooling.order()
    pooling.run()
    for team, words in ((pooling.far, "我们周末有三个人"), (pooling.near, "就在隔壁")):
        claiming.apply_for(session, pooling.leader(team), order.id, team.id, words, at=SOON)
    return order


def test_teams_apply_and_the_dispatcher_chooses_one_and_the_others_are_told(pooling, applied, session):
    handling = pooling.handling(applied)
    assert {one.words for one in queries_pool.applicants(handling)} == {"我们周末有三个人", "就在隔壁"}
    claiming.choose_applicant(session, pooling.dispatcher, applied.id, pooling.far.id, at=SOON + MINUTE)
    assert (applied.status, applied.team) == (Status.ACCEPTED, pooling.far)
    (offer,) = applied.offers
    assert (offer.how, offer.rank, offer.candidates) == (OfferHow.POOL, 3, 3)
    assert set(offer.reasons["parts"]) == {"skill", "near", "rated", "continuity"}
    assert offer.reasons["prices"] == {"load": 0.0}
    assert "version" in offer.reasons["policy"]
    assert {one.team.name: one.state for one in handling.applications} == {
        "远队": ApplicationState.CHOSEN,
        "近队": ApplicationState.PASSED,
    }
    assert (pooling.told("pool_chosen"), pooling.told("pool_passed")) == (1, 1)
    assert [event.what for event in applied.events] == ["in_choose", "applied", "applied", "claim"]


def test_an_order_that_teams_applied_for_waits_for_the_dispatcher_after_its_time(pooling, applied, session):
    late = NOON + timedelta(hours=2)
    assert pooling.end(late) == 0
    with pytest.raises(Conflict, match="pool_gone"):
        claiming.apply_for(session, pooling.leader(pooling.middle), applied.id, pooling.middle.id, "", at=late)
    for team in (pooling.near, pooling.far):
        claiming.withdraw_application(session, pooling.leader(team), applied.id, team.id, at=late)
    with pytest.raises(Conflict, match="not_applied"):
        claiming.choose_applicant(session, pooling.dispatcher, applied.id, pooling.near.id, at=late)
    assert pooling.end(late) == 1
    assert pooling.handling(applied).outcome is Outcome.LAPSED


def test_what_is_to_be_chosen_cannot_be_taken_and_only_the_desk_chooses(pooling, applied, session):
    with pytest.raises(Conflict, match="pool_gone"):
        take(pooling, applied, pooling.near)
    clerk = make.staff(session, Role.CLERK, pooling.station)
    with pytest.raises(Forbidden):
        claiming.choose_applicant(session, clerk, applied.id, pooling.near.id, at=SOON)
