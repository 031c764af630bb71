"""Many at once, on both databases: one team gets the order, one dispatcher the grip, and nobody hears a crash."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.support import builders as make
from tests.support.builders import NOON
from tests.support.databases import Database
from tests.support.pooling import Pooling
from volunteer.access import Role, link_holder
from volunteer.kernel.crypto import Keyring
from volunteer.kernel.db import write
from volunteer.orders.accepting import accept_offer, decline_offer
from volunteer.orders.changing import withdraw_order
from volunteer.orders.dispatching import give_up, offer_to, recall
from volunteer.orders.holding import take_hold
from volunteer.orders.jobs import expire_offers
from volunteer.orders.lifecycle import OfferState, Status
from volunteer.orders.models import Hold, Offer, ServiceOrder
from volunteer.orders.parts.parting import split_order
from volunteer.orders.parts.parting_rules import PartDraft
from volunteer.orders.rulebook.claiming import claim
from volunteer.orders.rulebook.jobs_rules import apply_rules
from volunteer.orders.rulebook.models_rules import Handled, Handling, RuleMode

LATER = NOON + timedelta(minutes=1)


@pytest.fixture
def stored(database: Database, keyring: Keyring):
    """Write rows of a test in a transaction that stays."""

    def run(build):
        with Session(database.engine, info={"keyring": keyring}, expire_on_commit=False) as session, write(session):
            return build(session)

    return run


def test_of_two_hundred_acceptances_one_wins(database, stored, at_once):
    def build(session):
        centre, _, station = make.a_county(session)
        order = make.an_order(session, station, item=make.an_item(session, centre), status=Status.OFFERED)
        teams = [make.a_team(session, station, members=1) for _ in range(200)]
        return order.id, [(make.an_offer(session, order, team).id, make.leader_of(session, team)) for team in teams]

    order_id, offers = stored(build)
    ended = at_once([lambda s, o=offer_id, who=leader: accept_offer(s, who, o, at=LATER) for offer_id, leader in offers])
    assert ended == {"done": 1, "refused": 199}
    with Session(database.engine) as session:
        order = session.get_one(ServiceOrder, order_id)
        states = Counter(session.scalars(select(Offer.state)))
        assert order.status is Status.ACCEPTED
        assert states == {OfferState.ACCEPTED: 1, OfferState.RECALLED: 199}
        (winner,) = session.scalars(select(Offer.team_id).where(Offer.state == OfferState.ACCEPTED))
        assert order.team_id == winner
        assert [event.what for event in order.events] == ["accept"]


def test_of_twenty_teams_that_take_an_order_from_the_pool_at_once_one_has_it(database, stored, at_once):
    def build(session):
        centre, branch, station = make.a_county(session)
        order = make.an_order(session, station, item=make.an_item(session, centre), status=Status.VERIFIED)
        until = NOON + timedelta(minutes=30)
        session.add(Handling(order=order, kind=Handled.POOL, scope=branch.path, at=NOON, until=until))
        teams = [make.a_team(session, station, members=1) for _ in range(20)]
        return order.id, [(team.id, make.leader_of(session, team)) for team in teams]

    order_id, teams = stored(build)
    ended = at_once([lambda s, t=team, who=leader: claim(s, who, order_id, t, at=LATER) for team, leader in teams])
    assert ended == {"done": 1, "refused": 19}
    with Session(database.engine) as session:
        order, (offer,) = session.get_one(ServiceOrder, order_id), session.scalars(select(Offer)).all()
        assert (order.status, order.team_id, offer.state) == (Status.ACCEPTED, offer.team_id, OfferState.ACCEPTED)
        assert [event.what for event in order.events] == ["claim"]


def test_a_whole_that_is_withdrawn_and_its_parts_do_not_wait_for_each_other(database, stored, at_once):
    def build(session):
        centre, branch, station = make.a_county(session)
        items = [make.an_item(session, centre, name=name, skills=()) for name in ("搬柜", "修灯")]
        boss, acts = make.staff(session, Role.DISPATCHER, branch), []
        for number in range(12):
            whole = make.an_order(session, station, item=items[0], status=Status.VERIFIED)
            whole.number = f"whole-{number}"
            split_order(session, boss, whole.id, [PartDraft(item.id) for item in items], at=NOON)
            who = link_holder(whole.id, whole.site_path)
            acts.append(lambda s, o=whole.id, who=who: withdraw_order(s, who, o, "不用了", at=LATER))
            acts += [lambda s, o=part.id: give_up(s, boss, o, "没人能去", at=LATER) for part in whole.parts]
        return acts

    assert at_once(stored(build)).total() == 36
    with Session(database.engine) as session:
        ended = set(session.scalars(select(ServiceOrder.status)))
        assert ended <= {Status.WITHDRAWN, Status.UNMET}


def test_two_job_processes_at_once_let_a_rule_act_once(database, stored, at_once):
    def build(session):
        pooling = Pooling(session)
        pooling.rule(RuleMode.OFFER)
        for _ in range(6):
            pooling.order()
        pooling.near.capacity = 99

    stored(build)
    at_once([lambda s: apply_rules(s, LATER) for _ in range(6)])
    with Session(database.engine) as session:
        assert Counter(session.scalars(select(Offer.order_id)).all()).most_common(1)[0][1] == 1
        assert session.scalar(select(func.count()).select_from(Offer)) == 6


def test_of_many_dispatchers_who_open_an_order_at_once_one_has_it(database, stored, at_once):
    def build(session):
        _, branch, station = make.a_county(session)
        order = make.an_order(session, station, status=Status.PLACED)
        return order.id, [make.staff(session, Role.DISPATCHER, branch, name=f"调度{n}") for n in range(24)]

    order_id, staff = stored(build)
    assert at_once([lambda s, who=who: take_hold(s, who, order_id, at=NOON) for who in staff]) == {"done": 1, "refused": 23}
    with Session(database.engine) as session:
        assert session.scalar(select(func.count()).select_from(Hold)) == 1


def test_of_two_dispatchers_who_offer_at_once_one_does(database, stored, at_once):
    def build(session):
        centre, branch, station = make.a_county(session)
        order = make.an_order(session, station, item=make.an_item(session, centre), status=Status.VERIFIED)
        team = make.a_team(session, station)
        return order.id, team.id, [make.staff(session, Role.DISPATCHER, branch, name=f"调度{n}") for n in range(12)]

    order_id, team_id, staff = stored(build)
    ended = at_once([lambda s, who=who: offer_to(s, who, order_id, [team_id], at=NOON) for who in staff])
    assert ended == {"done": 1, "refused": 11}
    with Session(database.engine) as session:
        assert session.scalar(select(func.count()).select_from(Offer)) == 1


def test_a_yes_and_the_job_at_the_same_moment_agree(database, stored, at_once):
    """Whoever is first counts: never an accepted order with a lapsed offer, nor a second offer beside a yes."""

    def build(session):
        centre, _, station = make.a_county(session)
        item = make.an_item(session, centre)
        pairs = []
        for _ in range(12):
            order = make.an_order(session, station, item=item, status=Status.OFFERED)
            team = make.a_team(session, station, capacity=9)
            offer = make.an_offer(session, order, team, expires_at=LATER)
            pairs.append((offer.id, make.leader_of(session, team)))
        return pairs

    acts: list[Callable[[Session], object]] = []
    for offer_id, leader in stored(build):
        acts.append(lambda s, o=offer_id, who=leader: accept_offer(s, who, o, at=NOON))
        acts.append(lambda s: expire_offers(s, LATER))
    at_once(acts)
    stored(lambda session: expire_offers(session, LATER))
    with Session(database.engine) as session:
        for order in session.scalars(select(ServiceOrder)):
            states = Counter(offer.state for offer in order.offers)
            if order.status is Status.ACCEPTED:
                assert states[OfferState.ACCEPTED] == 1
                assert states[OfferState.OPEN] == 0
            else:
                assert order.status is Status.OFFERED
                assert states[OfferState.OPEN] >= 1  # who hardly ever answers is not asked alone


def test_a_yes_and_a_recall_at_the_same_moment_agree(database, stored, at_once):
    """Whoever changes an order locks it before its offers and its hold, so nobody waits in a ring; the recall counts in the end."""

    def build(session):
        centre, branch, station = make.a_county(session)
        item = make.an_item(session, centre)
        desk = make.staff(session, Role.DISPATCHER, branch)
        acts = []
        for _ in range(16):
            order = make.an_order(session, station, item=item, status=Status.OFFERED)
            team = make.a_team(session, station, capacity=99)
            offer = make.an_offer(session, order, team)
            acts.append((order.id, offer.id, make.leader_of(session, team), desk))
        return acts

    acts: list[Callable[[Session], object]] = []
    for order_id, offer_id, leader, desk in stored(build):
        acts.append(lambda s, o=offer_id, who=leader: accept_offer(s, who, o, at=LATER))
        acts.append(lambda s, o=order_id, who=desk: recall(s, who, o, "换一支队伍", at=LATER))
        acts.append(lambda s, o=order_id, who=desk: take_hold(s, who, o, at=LATER))
    at_once(acts)
    with Session(database.engine) as session:
        for order in session.scalars(select(ServiceOrder)):
            (offer,) = order.offers
            assert (order.status, order.team_id, offer.state) == (Status.VERIFIED, None, OfferState.RECALLED)


def test_noes_at_the_same_moment_bring_no_team_twice(database, stored, at_once):
    def build(session):
        centre, _, station = make.a_county(session)
        item = make.an_item(session, centre)
        teams = [make.a_team(session, station, latitude=31.16 + n / 1000) for n in range(20)]
        order = make.an_order(session, station, item=item, status=Status.OFFERED, urgent=True)
        offers = [make.an_offer(session, order, team, made_at=NOON).id for team in teams[:4]]
        return order.id, [(offer, make.leader_of(session, team)) for offer, team in zip(offers, teams, strict=False)]

    order_id, offers = stored(build)
    ended = at_once([lambda s, o=offer, who=leader: decline_offer(s, who, o, "没空", at=LATER) for offer, leader in offers])
    with Session(database.engine) as session:
        order = session.get_one(ServiceOrder, order_id)
        teams = [offer.team_id for offer in order.offers]
        assert len(teams) == len(set(teams))
        states = Counter(offer.state for offer in order.offers)
        assert states[OfferState.DECLINED] == ended["done"] == 4
        assert 3 <= states[OfferState.OPEN] <= 8
        assert order.status is Status.OFFERED
