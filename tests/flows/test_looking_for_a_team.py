"""What a look at an order's possible teams rests on, what an offer keeps of it, and how overdue offers go on. Both databases."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.flows.test_dispatching import LATER, County
from tests.support import builders as make
from tests.support.builders import NOON
from volunteer.access import SYSTEM
from volunteer.catalogue.models import Risk, Skill
from volunteer.kernel.errors import Conflict
from volunteer.matching import Obstacle
from volunteer.orders.candidates import candidates_for, look, why_not
from volunteer.orders.jobs import expire_offers
from volunteer.orders.lifecycle import Status
from volunteer.orders.models import ServiceOrder, WhenKind
from volunteer.places.adopting import adopt_policy
from volunteer.places.models import PolicyKind
from volunteer.teams.changing import roster_changed
from volunteer.teams.models import Membership, Team, TeamSkill, Volunteer, VolunteerSkill
from volunteer.teams.refreshing import refresh_teams

TODAY = NOON.date()


@pytest.fixture
def county(session: Session) -> County:
    return County(session)


def names(county: County) -> list[str]:
    return [one.card.name for one in candidates_for(county.session, county.dispatcher, county.order, at=NOON).shown]


def members(session: Session, team: Team) -> list[Volunteer]:
    found = select(Volunteer).join(Membership, Membership.volunteer_id == Volunteer.id).where(Membership.team_id == team.id)
    return list(session.scalars(found.order_by(Volunteer.id)))


def kinds(county: County, team: Team) -> list[Obstacle]:
    answer = why_not(county.session, county.dispatcher, county.order, team.id, at=NOON)
    return [reason.obstacle for reason in answer.obstacles]


def test_risky_work_is_only_for_teams_with_insured_adults_who_can_do_it(county, session):
    county.item.risk = Risk.HIGH
    assert names(county) == ["近队", "中队", "远队"]
    for volunteer in members(session, county.near):
        volunteer.insured_until = TODAY - timedelta(days=1)
    for volunteer in members(session, county.middle):
        volunteer.person.born_on = TODAY.replace(year=2012)
    refresh_teams(session, [county.near.id, county.middle.id, county.far.id], at=NOON)
    assert names(county) == ["远队"]
    assert kinds(county, county.near) == kinds(county, county.middle) == [Obstacle.NOT_INSURED]
    with pytest.raises(Conflict) as refused:
        county.offer(county.near)
    assert refused.value.code == "team_uninsured"
    county.item.risk = Risk.MEDIUM
    assert names(county) == ["近队", "中队", "远队"]


def test_insurance_counts_on_the_day_of_the_work(county, session):
    county.item.risk = Risk.HIGH
    for volunteer in members(session, county.near):
        volunteer.insured_until = TODAY + timedelta(days=3)
    refresh_teams(session, [county.near.id], at=NOON)
    assert "近队" in names(county)
    county.order.when_kind = WhenKind.WINDOW
    county.order.window_begins, county.order.window_ends = (NOON + timedelta(days=4, hours=more) for more in (0, 3))
    assert "近队" not in names(county)


def test_a_licence_that_ran_out_is_named_as_such(county, session):
    skill = session.scalars(select(Skill).where(Skill.code == "electric")).one()
    skill.licensed = True
    for held in session.scalars(select(VolunteerSkill).where(VolunteerSkill.skill_id == skill.id)):
        held.licence_until = TODAY + timedelta(days=30)
    for volunteer in members(session, county.near):
        session.get_one(VolunteerSkill, (volunteer.id, skill.id)).licence_until = TODAY - timedelta(days=1)
    refresh_teams(session, [county.near.id, county.middle.id, county.far.id], at=NOON)
    assert names(county) == ["中队", "远队"]
    assert kinds(county, county.near) == [Obstacle.NO_LICENCE]
    barber = make.a_team(session, county.station, name="理发队", skills=())
    roster_changed(session)
    assert kinds(county, barber) == [Obstacle.MISSING_SKILL]


def test_insurance_is_written_down_with_the_skills(county, session):
    one, other = members(session, county.near)
    one.insured_until, other.insured_until = TODAY + timedelta(days=5), None
    refresh_teams(session, [county.near.id], at=NOON)
    team = session.get_one(Team, county.near.id)
    [row] = session.scalars(select(TeamSkill).where(TeamSkill.team_id == team.id))
    assert (team.insured_until, row.insured_until, row.members) == (TODAY + timedelta(days=5), TODAY + timedelta(days=5), 2)


def test_a_team_without_ratings_counts_as_the_mean_of_its_centre(county, session):
    assert look(session, county.dispatcher, county.order, at=NOON).policy.prior == 0.8  # nobody has rated anything yet
    county.middle.rating_sum, county.middle.rating_count = 12.0, 24
    county.away.rating_sum, county.away.rating_count = 4.0, 8
    roster_changed(session)
    found = look(session, county.dispatcher, county.order, at=NOON)
    assert found.policy.prior == 0.5  # the branch's and the other's: the whole centre
    assert found.match_of(county.near.id).reasons.parts.rated == pytest.approx(0.5)
    values = {"prior": 0.9}
    adopt_policy(session, SYSTEM, county.centre, PolicyKind.MATCHING, values, valid_from=NOON, at=NOON)
    assert look(session, county.dispatcher, county.order, at=NOON).policy.prior == 0.9


def test_rules_stored_with_a_figure_that_is_no_more_still_hold(county, session):
    row = adopt_policy(session, SYSTEM, county.centre, PolicyKind.MATCHING, {"near": 0.6}, valid_from=NOON, at=NOON)
    row.values = row.values | {"free": 0.3}
    session.flush()
    policy = look(session, county.dispatcher, county.order, at=NOON).policy
    assert (policy.weights.near, policy.version) == (0.6, row.id)


def test_an_offer_keeps_its_place_its_prices_and_the_best_of_the_others(county, session):
    busy = make.an_order(session, county.station, item=county.item, status=Status.ACCEPTED, team=county.middle)
    assert busy.team_id == county.middle.id
    (offer,) = county.offer(county.middle)
    kept = offer.reasons
    assert (offer.rank, offer.candidates) == (2, 3)
    assert kept["prices"]["load"] == pytest.approx(0.1 * (1 / 4) ** 2) == pytest.approx(offer.price)
    assert [(one["team_id"], one["rank"]) for one in kept["beside"]] == [(county.near.id, 1), (county.far.id, 3)]
    assert kept["policy"]["scale_km"] == 2.0
    parts, weights = kept["parts"], kept["policy"]["weights"]
    assert offer.score == pytest.approx(sum(parts[name] * weights[name] for name in parts))


def test_why_not_says_what_sets_a_team_apart_from_the_first(county, session):
    answer = why_not(session, county.dispatcher, county.order, county.far.id, at=NOON)
    assert (answer.rank, answer.able, answer.obstacles, answer.unlike_first) == (3, 3, [], True)
    assert answer.first.team_id == county.near.id
    assert answer.weighed.metres > answer.first.metres
    assert not why_not(session, county.dispatcher, county.order, county.near.id, at=NOON).unlike_first


def broken(county: County, hours: int) -> ServiceOrder:
    """An order that was offered without a line of the menu: nobody can go on with it."""
    order = make.an_order(county.session, county.station, status=Status.OFFERED)
    make.an_offer(county.session, order, county.middle, expires_at=NOON - timedelta(hours=hours))
    return order


def test_many_orders_that_nobody_can_go_on_with_do_not_keep_one_waiting(county, session):
    for n in range(25):
        broken(county, 2 + n)
    county.offer(county.near)
    at, done = LATER, 0
    for _ in range(3):
        done += expire_offers(session, at)
        at += timedelta(seconds=30)
    assert done == 1
    assert len(county.order.offers) > 1  # the next was asked


def test_what_failed_is_tried_again_later_and_later(county, session):
    order = broken(county, 0)
    tried = []
    for minutes in range(200):
        at = NOON + timedelta(minutes=minutes)
        expire_offers(session, at)
        until = session.scalar(select(ServiceOrder.stuck_until).where(ServiceOrder.id == order.id))
        if until and (not tried or tried[-1] != until):
            tried.append(until)
    gaps = [(later - earlier).total_seconds() / 60 for earlier, later in pairwise(tried)]
    assert gaps == sorted(gaps)
    assert gaps[-1] == 60
    assert len(tried) < 12


def test_the_most_overdue_is_helped_first(county, session, monkeypatch):
    monkeypatch.setattr("volunteer.orders.jobs.BATCH", 1)
    orders = {}
    for name, minutes in (("late", 5), ("latest", 60), ("later", 30)):
        order = make.an_order(session, county.station, item=county.item, status=Status.OFFERED)
        make.an_offer(session, order, county.near, expires_at=NOON - timedelta(minutes=minutes))
        orders[order.id] = name
    helped = []
    for _ in range(3):
        expire_offers(session, NOON)
        session.expire_all()
        gone_on = {key for key in orders if len(session.get_one(ServiceOrder, key).offers) > 1}
        helped += [orders[key] for key in sorted(gone_on) if orders[key] not in helped]
    assert helped == ["latest", "later", "late"]
