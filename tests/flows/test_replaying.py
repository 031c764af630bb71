"""The past played again: what a rule would have done, and what other figures of matching would change. On both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from tests.support import builders as make
from tests.support.builders import NOON
from tests.support.counting import counting
from tests.support.pooling import Pooling
from volunteer.kernel.clock import SHANGHAI
from volunteer.orders.lifecycle import Status
from volunteer.orders.models import OfferHow
from volunteer.orders.prices.models_prices import PriceSet
from volunteer.orders.rulebook import replaying
from volunteer.orders.rulebook.rules import Miss, RuleMode, Terms
from volunteer.places.terms import Matching

DAY = timedelta(days=1)


@pytest.fixture
def pooling(session: Session) -> Pooling:
    return Pooling(session)


def past(pooling, team, *, days=5, how=OfferHow.BY_HAND, **values):
    """An order that was verified some days ago, first offered to ``team``, served and closed a day later."""
    then = NOON - days * DAY
    values = {"team": team, "accepted_at": then, "served_at": then + DAY} | values
    order = pooling.order(status=Status.CLOSED, verified_at=then, **values)
    if team is not None:
        make.an_offer(pooling.session, order, team, how=how, made_at=then, expires_at=then + DAY)
    return order


def test_a_trial_says_what_the_rule_would_have_taken_and_how_often_a_person_chose_the_same(pooling, session):
    past(pooling, pooling.near)
    past(pooling, pooling.far, days=12)
    past(pooling, pooling.near, days=20, how=OfferHow.AGAIN)
    trial = replaying.try_rule(session, pooling.centre.path, Terms(RuleMode.OFFER), at=NOON)
    assert (trial.looked, trial.total, len(trial.taken)) == (3, 3, 3)
    assert (len(trial.compared), trial.same) == (2, 1)
    assert {one.first.card.id for one in trial.taken} == {pooling.near.id}
    assert 500 < trial.metres < 600
    assert trial.able == 3


def test_what_a_rule_would_have_left_is_counted_by_why(pooling, session):
    past(pooling, pooling.near)
    past(pooling, pooling.near, urgent=True)
    past(pooling, None, latitude=31.25)
    hours = (NOON - 5 * DAY).astimezone(SHANGHAI)
    terms = Terms(RuleMode.POOL, km=1)
    trial = replaying.try_rule(session, pooling.branch.path, terms, at=NOON)
    assert len(trial.taken) == 1
    assert trial.left == {Miss.URGENT: 1, Miss.TOO_FAR: 1}
    at_night = replaying.try_rule(session, pooling.branch.path, replace(terms, begins=20), at=NOON)
    assert at_night.left == {Miss.OTHER_HOURS: 3}
    assert hours.hour < 20


def test_older_orders_and_those_of_other_places_are_not_played(pooling, session):
    past(pooling, pooling.near, days=31)
    past(pooling, pooling.near, site=make.a_site(session, make.a_site(session, pooling.centre)))
    assert replaying.try_rule(session, pooling.branch.path, Terms(RuleMode.OFFER), at=NOON).total == 0


def test_a_team_that_was_full_on_that_day_would_not_have_been_asked(pooling, session):
    for _ in range(pooling.near.capacity):
        past(pooling, pooling.near, days=6, served_at=NOON - 2 * DAY)
    order = past(pooling, pooling.middle, days=4)
    trial = replaying.try_rule(session, pooling.centre.path, Terms(RuleMode.OFFER), at=NOON)
    (later,) = [one for one in trial.taken if one.past.number == order.number]
    assert later.first.card.id == pooling.middle.id


def test_many_orders_are_sampled_by_their_ids_and_the_answer_is_always_the_same(pooling, session):
    for n in range(30):
        past(pooling, pooling.near, days=1 + n % 20)
    sample = replaying.sample_of(session, pooling.centre.path, at=NOON, most=10)
    assert (len(sample.orders), sample.total) == (10, 30)
    again = replaying.sample_of(session, pooling.centre.path, at=NOON, most=10)
    assert [one.number for one in again.orders] == [one.number for one in sample.orders]


def test_playing_again_takes_no_more_queries_for_more_orders(pooling, session):
    for n in range(12):
        past(pooling, pooling.near, days=1 + n)
    session.flush()
    counts, path = [], pooling.centre.path
    for most in (2, 12):
        session.expire_all()
        with counting(session.get_bind()) as statements:
            replaying.try_rule(session, path, Terms(RuleMode.OFFER), at=NOON, most=most)
        counts.append(len(statements))
    assert counts[1] <= counts[0] <= 12


def test_a_preview_shows_whose_place_changes_and_what_it_costs_on_the_way(pooling, session):
    good = make.a_team(session, pooling.station, name="好评队", latitude=31.20, rating_sum=50.0, rating_count=50)
    pooling.near.rating_sum, pooling.near.rating_count = 10.0, 50
    session.flush()
    order = past(pooling, pooling.near)
    same = replaying.preview(session, pooling.centre.path, Matching(), at=NOON)
    assert (same.changes, same.metres[0]) == ([], same.metres[1])
    other = replaying.preview(session, pooling.centre.path, Matching(rated=5.0, near=0.0), at=NOON)
    (change,) = other.changes
    assert change.past.number == order.number
    assert (change.before.card.id, change.after.card.id) == (pooling.near.id, good.id)
    assert other.metres[0] < other.metres[1]
    assert other.rating[0] < other.rating[1]
    assert other.examples == [change]


def test_a_preview_shows_what_learned_prices_move(pooling, session):
    dear = {str(pooling.near.id): 0.9}
    session.add(PriceSet(site=pooling.centre, day=NOON.date(), made_at=NOON, orders=300, days=20, prices=dear, used=True))
    past(pooling, pooling.near)
    path = pooling.centre.path
    (change,) = replaying.preview(session, path, Matching(learned=0.0), at=NOON).changes
    assert (change.before.card.id, change.after.card.id) == (pooling.middle.id, pooling.near.id)
    assert replaying.preview(session, path, Matching(), at=NOON).changes == []
    (taken,) = replaying.try_rule(session, path, Terms(RuleMode.OFFER), at=NOON).taken
    assert taken.first.card.id == pooling.middle.id


def test_a_preview_says_for_whom_nobody_would_be_left(pooling, session):
    past(pooling, pooling.far, latitude=31.30)
    found = replaying.preview(session, pooling.centre.path, Matching(reach_km=0.5), at=NOON)
    assert found.without == (0, 1)
    assert found.changes[0].after is None
