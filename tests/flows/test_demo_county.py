"""The demo county, filled through the verbs on both databases: everybody finds work, nothing is real, the books are right."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.flows.test_ledger_doc import QUERIES, broken
from tests.support.databases import borrowed
from volunteer.access import Actor
from volunteer.accounts.models import Person
from volunteer.accounts.queries import load_actor
from volunteer.audit.models import AuditEntry
from volunteer.catalogue.models import ServiceCategory, ServiceItem
from volunteer.insights import week
from volunteer.kernel.clock import SHANGHAI, local_date
from volunteer.kernel.db import write
from volunteer.kernel.errors import Conflict
from volunteer.ledger import verify
from volunteer.ledger.models import Account, Grade, Transfer
from volunteer.ledger.models_chain import Checkpoint
from volunteer.messaging.delivering import failed
from volunteer.messaging.models import Message
from volunteer.orders import queries, queries_board, queries_inbox
from volunteer.orders.lifecycle import TRANSITIONS, Action, Status
from volunteer.orders.models import OrderEvent, ServiceOrder
from volunteer.places.models import Site, SiteLevel, Venue
from volunteer.places.queries import mark
from volunteer.simulation import people, personas
from volunteer.simulation.filling import fill, is_filled
from volunteer.simulation.progress import Silent
from volunteer.simulation.sizes import TWINS, Size
from volunteer.teams.models import MemberRole, Membership, Team, TeamSkill, Volunteer
from volunteer.teams.queries import led_by

pytestmark = pytest.mark.slow

NOW = datetime(2026, 11, 21, 2, 40, tzinfo=UTC)  # a Saturday, 10:40 in the county
SMALL = Size("small", volunteers=1_500, teams=420, closed=62)


@dataclass
class County:
    session: Session

    def actor(self, key: str) -> Actor:
        person = self.session.scalars(select(Person).where(Person.login_name == key)).one()
        acting = load_actor(self.session, person.id, NOW, led_by)
        assert acting is not None
        return acting.actor


@pytest.fixture(scope="module")
def county(factory, keyring) -> Iterator[County]:
    with borrowed(factory) as database, Session(database.engine) as session:
        session.info["keyring"] = keyring
        session.info["argon2_cost"] = 1
        with write(session):
            fill(session, SMALL, 1, Silent(), at=NOW)
        yield County(session)


def test_the_county_has_the_shape_of_the_brief(county):
    levels = dict(
        county.session.execute(select(Site.level, func.count()).where(Site.closed_at.is_(None)).group_by(Site.level))
        .tuples()
        .all()
    )
    assert levels == {SiteLevel.CENTRE: 2, SiteLevel.BRANCH: 11, SiteLevel.STATION: 289}
    counts = {
        kind: county.session.scalar(select(func.count()).select_from(kind)) for kind in (Venue, Team, Volunteer, ServiceCategory)
    }
    assert counts == {Venue: 500, Team: 420, Volunteer: 1_500 + TWINS, ServiceCategory: 8}
    assert county.session.scalar(select(func.count()).select_from(ServiceItem)) >= 46
    assert all(site.area for site in county.session.scalars(select(Site).where(Site.level == SiteLevel.BRANCH)))
    assert mark(county.session, "water")["type"] == "FeatureCollection"


def test_orders_stand_everywhere_as_promised(county):
    found = dict(county.session.execute(select(ServiceOrder.status, func.count()).group_by(ServiceOrder.status)).tuples().all())
    assert found == SMALL.left
    assert set(found) == set(Status)


def test_every_order_went_along_the_table_and_never_into_the_future(county):
    events = county.session.scalars(select(OrderEvent).order_by(OrderEvent.order_id, OrderEvent.id)).all()
    before: OrderEvent | None = None
    for event in events:
        assert event.at <= NOW
        late_rating = (
            event.what == Action.RATE and event.from_status is event.to_status is Status.CLOSED
        )  # closed in silence before
        if event.what in set(Action) and not late_rating:
            assert TRANSITIONS[event.from_status, Action(event.what)] is event.to_status
        if before is not None and before.order_id == event.order_id:
            assert before.at <= event.at
            assert before.to_status is event.from_status
        before = event
    acts = Counter(event.what for event in events)
    unusual = {Action.CORRECT, Action.CLAIM, Action.MERGE, Action.GATHER, Action.RESUME}
    assert set(Action) - unusual <= set(acts)


def test_the_books_are_right_and_every_grade_is_in_them(county):
    assert verify.findings(county.session) == []
    grades = set(county.session.scalars(select(Transfer.grade).distinct()))
    assert grades - {None} == set(Grade)  # points that were given or spent were shown by nothing


def test_its_books_are_sealed_signed_and_keep_every_promise_of_their_page(county):
    count = county.session.scalar(select(func.count()).select_from(Transfer))
    assert county.session.scalar(select(Checkpoint.links).order_by(Checkpoint.number.desc()).limit(1)) == count
    for promise, query in QUERIES:
        assert broken(county.session, query) == [], promise


def test_every_team_has_a_leader_and_can_do_something(county):
    led = select(Membership.team_id).where(Membership.role == MemberRole.LEADER)
    assert county.session.scalar(select(func.count()).where(Team.id.not_in(led))) == 0
    able = select(TeamSkill.team_id)
    assert county.session.scalar(select(func.count()).where(Team.id.not_in(able))) == 0
    assert county.session.scalar(select(func.count()).where(Team.hours == "0" * 42)) == 0


def test_nobody_in_it_is_real(county):
    for person in county.session.scalars(select(Person).limit(600)):
        assert re.fullmatch(r"19900\d{6}|1380000\d{4}", person.phone)
        if person.document:
            assert person.document.startswith(people.REGION)


def test_the_resident_has_one_coming_one_to_rate_and_one_just_placed(county):
    actor = county.actor("resident")
    orders = queries.orders_of(county.session, actor.user_id)
    assert {Status.ACCEPTED, Status.SERVED, Status.PLACED} <= {order.status for order in orders}
    [coming] = [order for order in orders if order.status is Status.ACCEPTED]
    assert local_date(coming.visit_begins, SHANGHAI) == local_date(NOW, SHANGHAI) + timedelta(days=1)
    assert coming.team.name == personas.HOME_TEAM


def test_the_clerk_has_orders_to_verify_and_to_ask_about(county):
    counts = queries.desk_counts(county.session, county.actor("clerk"))
    assert counts["placed"] >= 3
    assert counts["served"] >= 3


def test_the_dispatcher_finds_every_tab_filled_and_something_late(county):
    counts = queries_board.tally(county.session, county.actor("dispatcher"), queries_board.Filter(), NOW).counts
    assert all(counts[tab] >= 3 for tab in queries_board.COUNTED), counts


def test_the_leader_finds_fresh_offers_visits_and_records(county):
    inbox = queries_inbox.inbox_of(county.session, county.actor("leader"), at=NOW)
    assert [team.name for team in inbox.teams] == [personas.HOME_TEAM]
    assert len(inbox.offers) >= 3
    assert all(offer.expires_at - NOW > timedelta(minutes=60) for offer in inbox.offers)
    assert len(inbox.today) >= 3
    assert any(not card.names for card in inbox.today)  # one still wants members
    assert len(inbox.later) >= 2
    assert len(inbox.to_record) >= 3
    assert all(card.days_left >= 0 for card in inbox.to_record)


def test_the_volunteer_has_hours_from_many_visits(county):
    owner = f"person:{county.actor('volunteer').user_id}"
    mine = (
        select(func.count(), func.sum(Transfer.amount))
        .join(Account, Account.id == Transfer.target_id)
        .where(Account.owner == owner)
    )
    times, minutes = county.session.execute(mine).one()
    assert times >= 8
    assert minutes >= 300


def test_the_director_sees_what_fails(county):
    concerns = week.concerns(county.session, ["/"], at=NOW)
    for kind in ("late", "unmet", "stuck", "low"):
        assert len(getattr(concerns, kind)) >= 3, kind


def test_county_it_has_messages_that_did_not_go_out_and_none_that_wait(county):
    assert len(failed(county.session)) >= 3
    assert county.session.scalar(select(func.count()).where(Message.due_at <= NOW)) == 0


def test_the_auditor_sees_who_looked(county):
    looks = select(func.count()).where(AuditEntry.action == "private_seen")
    assert county.session.scalar(looks) >= 30


def test_a_filled_county_says_so_and_is_not_filled_again(county):
    assert is_filled(county.session)
    with pytest.raises(Conflict, match="not_empty"), write(county.session):
        fill(county.session, SMALL, 1, Silent(), at=NOW)
    assert county.session.scalar(select(func.count()).select_from(Volunteer)) == SMALL.volunteers + TWINS
