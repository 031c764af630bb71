"""Prices learned at night: from finished days, once a day, kept with their history, and used only when they help."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.support import builders as make
from tests.support.builders import NOON
from volunteer.access import SYSTEM
from volunteer.kernel import errands
from volunteer.orders import candidates
from volunteer.orders.lifecycle import Status
from volunteer.orders.prices.jobs_prices import learn_prices
from volunteer.orders.prices.learned import prices_at
from volunteer.orders.prices.models_prices import PriceSet
from volunteer.orders.prices.pricing import Learned, keep
from volunteer.orders.prices.queries_prices import nights, proof_of, sought, today_of
from volunteer.places.adopting import adopt_policy
from volunteer.places.models import PolicyKind

DAY = timedelta(days=1)


class County:
    """A centre with two teams and ten finished days of orders."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.centre, self.branch, self.station = make.a_county(session)
        self.item = make.an_item(session, self.centre)
        self.near = make.a_team(session, self.station, name="近队", latitude=31.165)
        self.far = make.a_team(session, self.station, name="远队", latitude=31.18)

    def past(self, days=5, each=12):
        for day in range(1, days + 1):
            for n in range(each):
                at = NOON - day * DAY + timedelta(minutes=n)
                make.an_order(self.session, self.station, item=self.item, status=Status.CLOSED, placed_at=at)

    def night(self, at=NOON):
        assert learn_prices(self.session, at) == 0
        left = errands.take(self.session)
        for errand in left:
            errand.settle(self.session, errand.go(), at)
        return len(left)

    def kept(self, price=0.4, *, at=NOON, plain=10.0, priced=11.0):
        learned = Learned(100, 10, {str(self.near.id): price}, 20, plain, priced)
        return keep(self.session, self.centre.id, learned, at=at)

    def prices(self, at=NOON):
        return dict(prices_at(self.session, self.centre.path, self.branch.path, at=at).by_team)


@pytest.fixture
def county(session: Session) -> County:
    return County(session)


def test_a_night_learns_once_for_its_day_and_keeps_the_nights_before(county):
    county.past()
    assert county.night() == 1
    assert county.night() == 0
    assert county.night(NOON + DAY) == 1
    rows = county.session.scalars(select(PriceSet).order_by(PriceSet.day)).all()
    assert [(row.orders, row.days) for row in rows] == [(60, 5), (60, 6)]
    assert rows[0].played == 12
    assert rows[0].prices  # two teams cannot take twelve orders a day


def test_two_who_learned_the_same_night_leave_one_row(county):
    assert county.kept() is not None
    assert county.kept(0.1) is None
    assert county.prices() == {county.near.id: 0.4}


def test_nothing_is_learned_where_nothing_was_ordered(county):
    assert county.night() == 0
    assert county.prices() == {}


def test_prices_that_would_not_have_helped_are_kept_but_not_used(county):
    row = county.kept(plain=10.0, priced=10.0)
    assert not row.used
    assert county.prices() == {}
    better = county.kept(at=NOON + DAY, plain=10.0, priced=10.5)
    assert better.used
    assert county.prices(NOON + DAY) == {county.near.id: 0.4}


def test_old_prices_say_nothing(county):
    county.kept()
    assert county.prices(NOON + 6 * DAY)
    assert county.prices(NOON + 7 * DAY) == {}


def test_a_centre_may_take_half_of_them_or_none(county):
    county.kept()
    values = {"learned": 0.5}
    adopt_policy(county.session, SYSTEM, county.centre, PolicyKind.MATCHING, values, valid_from=NOON + DAY, at=NOON)
    assert county.prices() == {county.near.id: 0.4}
    assert county.prices(NOON + DAY) == {county.near.id: pytest.approx(0.2)}
    values = {"learned": 0.0}
    adopt_policy(county.session, SYSTEM, county.centre, PolicyKind.MATCHING, values, valid_from=NOON + 2 * DAY, at=NOON)
    assert county.prices(NOON + 2 * DAY) == {}


def test_a_sought_after_team_lets_another_go_first_and_the_reason_is_told(county):
    order = make.an_order(county.session, county.station, item=county.item, status=Status.VERIFIED)
    before = candidates.look(county.session, SYSTEM, order, at=NOON).best(2)
    assert [match.team_id for match in before] == [county.near.id, county.far.id]
    county.kept(0.4)
    after = candidates.look(county.session, SYSTEM, order, at=NOON).best(2)
    assert [match.team_id for match in after] == [county.far.id, county.near.id]
    assert after[1].reasons.prices["learned"] == pytest.approx(0.4)


def test_the_page_reads_who_is_sought_after_and_the_nights(county):
    first = county.kept(at=NOON - DAY)
    last = county.kept(0.3)
    found = today_of(county.session, county.centre.path, at=NOON)
    assert found is last
    proof = proof_of(county.session, found)
    assert (proof[0], round(proof[1], 9)) == (2, 0.1)
    assert [(card.id, price) for card, price in sought(county.session, found, county.station.path).rows] == [
        (county.near.id, 0.3)
    ]
    assert sought(county.session, found, county.station.path, words="zzz").rows == []
    assert nights(county.session, county.centre.path).rows == [last, first]
