"""Waves of offers: who is asked next, how many, not at night, not too often, and nobody never. On both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.support import builders as make
from tests.support.builders import NOON
from volunteer.access import SYSTEM, Role
from volunteer.orders import candidates, dispatching
from volunteer.orders.accepting import decline_offer
from volunteer.orders.jobs import ask_waiting, expire_offers
from volunteer.orders.lifecycle import OfferState, Status
from volunteer.orders.models import Offer, OfferHow
from volunteer.orders.reasons import ASKED_ENOUGH, QUIET
from volunteer.orders.waves import asking
from volunteer.orders.waves.models_asking import AskLater
from volunteer.places.adopting import adopt_policy
from volunteer.places.models import PolicyKind

DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
NIGHT = NOON + timedelta(hours=10)  # 22:00 in Shanghai
MORNING = NOON + timedelta(hours=19)  # 7:00 on the next day


class Round:
    """A centre with one branch, six teams at growing distances, and an order."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.centre, self.branch, self.station = make.a_county(session)
        self.item = make.an_item(session, self.centre)
        self.teams = [
            make.a_team(session, self.station, name=f"{n}队", latitude=31.16 + 0.002 * n, capacity=50) for n in range(1, 7)
        ]
        self.order = make.an_order(session, self.station, item=self.item, status=Status.VERIFIED)
        self.dispatcher = make.staff(session, Role.DISPATCHER, self.branch)

    def rules(self, **values) -> None:
        adopt_policy(self.session, SYSTEM, self.centre, PolicyKind.ASKING, values, valid_from=NOON, at=NOON)

    def offer(self, *numbers: int, at=NOON) -> list[Offer]:
        ids = [self.teams[n - 1].id for n in numbers]
        return dispatching.offer_to(self.session, self.dispatcher, self.order.id, ids, at=at)

    def no(self, number: int, at=NOON + MINUTE) -> None:
        team = self.teams[number - 1]
        offer = next(one for one in self.order.offers if one.team_id == team.id and one.state is OfferState.OPEN)
        decline_offer(self.session, make.leader_of(self.session, team), offer.id, "没空", at=at)

    def past(self, number: int, state: OfferState = OfferState.ACCEPTED, *, days: float = 1.0) -> None:
        """An offer about some other order, answered long since."""
        other = make.an_order(self.session, self.station, item=self.item, status=Status.CLOSED)
        made_at = NOON - DAY * days
        make.an_offer(
            self.session, other, self.teams[number - 1], state=state, made_at=made_at, expires_at=made_at + 120 * MINUTE
        )

    def open(self) -> list[str]:
        return [offer.team.name for offer in self.order.offers if offer.state is OfferState.OPEN]


@pytest.fixture
def round_(session: Session) -> Round:
    return Round(session)


def test_an_urgent_refusal_brings_as_many_at_once_as_the_wanted_chance_needs(round_):
    round_.order.urgent = True
    round_.offer(1)
    round_.no(1)
    assert round_.open() == ["2队", "3队", "4队", "5队"]  # four who say yes every other time: 94 %
    (offer, *_) = [one for one in round_.order.offers if one.how is OfferHow.AGAIN]
    note = offer.reasons["asking"]
    assert (note["at_once"], note["wanted"], note["why"]) == (4, 0.9, "needed")
    assert 0.9 <= note["together"] < 0.95
    assert 0.4 < note["chance"] < 0.5


def test_a_no_in_a_wave_brings_the_next_at_once_and_it_belongs_to_the_same_wave(round_):
    round_.order.urgent = True
    round_.offer(1)
    round_.no(1)
    round_.no(3, at=NOON + 2 * MINUTE)
    assert "6队" in round_.open()
    assert {offer.wave for offer in round_.order.offers if offer.how is OfferHow.AGAIN} == {2}
    assert round_.order.status is Status.OFFERED


def test_a_lapse_in_a_wave_brings_the_next_too(round_, session):
    round_.order.urgent = True
    offers = round_.offer(1, 2, 3, 4)
    offers[0].expires_at = NOON + 5 * MINUTE
    session.flush()
    expire_offers(session, NOON + 6 * MINUTE)
    assert round_.open()[:4] == ["2队", "3队", "4队", "5队"]


def test_nobody_is_asked_twice(round_):
    round_.order.urgent = True
    round_.offer(1)
    for number in range(1, 7):
        round_.no(number, at=NOON + number * MINUTE)
    asked = [offer.team_id for offer in round_.order.offers]
    assert len(asked) == len(set(asked)) == 6


def test_those_who_never_say_yes_are_left_for_those_who_might(round_):
    for number in (2, 3):
        for days in range(1, 7):
            round_.past(number, OfferState.DECLINED, days=days * 3)
    round_.offer(1)
    round_.no(1)
    assert round_.open() == ["4队", "5队"]  # one of them would not do where so many say no


def test_at_night_an_order_that_is_not_urgent_waits_for_the_morning(round_, session):
    round_.offer(1, at=NIGHT - 90 * MINUTE)
    round_.no(1, at=NIGHT)
    assert (round_.order.status, round_.order.reason, round_.order.due_at) == (Status.VERIFIED, QUIET, MORNING)
    assert ask_waiting(session, MORNING - MINUTE) == 0
    assert ask_waiting(session, MORNING) == 1
    assert (round_.open(), round_.order.reason) == (["2队"], "")
    assert session.scalars(select(AskLater)).all() == []
    assert ask_waiting(session, MORNING) == 0


def test_who_looks_after_an_order_at_night_does_not_find_it_asked_again_in_the_morning(round_, session):
    round_.offer(1, at=NIGHT - 90 * MINUTE)
    round_.no(1, at=NIGHT)
    round_.offer(5, at=NIGHT + MINUTE)
    ask_waiting(session, MORNING)
    assert round_.open() == ["5队"]


def test_what_was_taken_back_at_night_is_not_asked_again_by_itself(round_, session):
    round_.offer(1, at=NIGHT - 90 * MINUTE)
    round_.no(1, at=NIGHT)
    round_.offer(5, at=NIGHT + MINUTE)
    dispatching.recall(session, round_.dispatcher, round_.order.id, "我来打电话", at=NIGHT + 2 * MINUTE)
    assert ask_waiting(session, MORNING) == 1
    assert (round_.open(), round_.order.status) == ([], Status.VERIFIED)


def test_an_offer_before_the_night_does_not_lapse_in_it(round_, session):
    (offer,) = round_.offer(1, at=NIGHT - 90 * MINUTE)  # 20:30, half an hour before it is quiet
    assert offer.expires_at == MORNING + 90 * MINUTE
    assert expire_offers(session, MORNING) == 0


def test_urgent_orders_know_no_night(round_):
    round_.order.urgent = True
    (offer,) = round_.offer(1, at=NIGHT)
    assert offer.expires_at == NIGHT + 20 * MINUTE
    round_.no(1, at=NIGHT + MINUTE)
    assert len(round_.open()) == 4


def test_a_team_that_was_asked_often_enough_today_is_passed_over_and_the_offer_says_so(round_):
    for _ in range(3):
        round_.past(2, days=0.1)
    round_.offer(1)
    round_.no(1)
    assert round_.open() == ["3队"]
    assert round_.order.offers[-1].reasons["asking"]["passed_over"] == 1


def test_where_everybody_was_asked_often_enough_asking_goes_on_in_the_morning(round_, session):
    round_.rules(per_day=1)
    for number in range(2, 7):
        round_.past(number, days=0.1)
    round_.offer(1)
    round_.no(1)
    assert (round_.order.status, round_.order.reason) == (Status.VERIFIED, ASKED_ENOUGH)
    assert round_.order.desk_id == round_.centre.id  # first it went up: somebody above may know others
    ask_waiting(session, MORNING)
    assert round_.open() == ["2队"]


def test_a_team_that_nobody_asked_for_weeks_comes_first_when_hardly_farther(round_):
    for number in (1, 2, 3, 5, 6):
        round_.past(number, days=2)
    round_.past(4, days=60)
    round_.rules(tolerance=0.1)
    round_.offer(1)
    round_.no(1)
    assert round_.open() == ["4队"]
    assert round_.order.offers[-1].reasons["asking"]["why"] == "forgotten"


def test_the_first_wave_of_a_new_centre_goes_to_the_best(round_):
    round_.rules(tolerance=0.5)  # nobody was ever asked: nobody is forgotten while others are not
    found = candidates.look(round_.session, round_.dispatcher, round_.order, at=NOON)
    assert asking.next_wave(round_.session, found, at=NOON).wave.team_ids == (round_.teams[0].id,)


def test_offers_that_a_team_took_itself_cost_no_budget_and_prove_nothing(round_):
    round_.past(2)
    offer = round_.session.scalars(select(Offer).where(Offer.team_id == round_.teams[1].id)).one()
    offer.how = OfferHow.POOL
    round_.session.flush()
    known = asking.histories(round_.session, [round_.teams[1].id], at=NOON)
    assert (known[round_.teams[1].id].week, known[round_.teams[1].id].answers) == (0, ())
