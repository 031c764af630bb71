"""The counts of the overview on both databases: by place, by kind, step by step, and the rows behind each figure."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from tests.support import builders
from tests.support.builders import NOON
from tests.support.counting import counting as statements
from volunteer.insights import counting, rows, supply
from volunteer.insights.figures import Fate, Stage
from volunteer.insights.periods import Span, period_of
from volunteer.kernel.clock import SHANGHAI
from volunteer.orders.lifecycle import Status
from volunteer.orders.models import ServiceOrder, Visitor
from volunteer.orders.models_rating import RatedBy, Rating
from volunteer.places.models import Site
from volunteer.teams.changing import ROSTER  # noqa: F401 - teams are read anew where nobody says a version

WEEK = period_of(Span.WEEK, NOON.date())
HOUR = timedelta(hours=1)


def an_old_order(session: Session, site: Site, status: Status, **values: Any) -> ServiceOrder:
    return builders.an_order(session, site, status=status, placed_at=values.pop("placed_at", NOON - 5 * HOUR), **values)


def test_what_was_asked_is_counted_by_place_and_kind_with_the_week_before(session: Session) -> None:
    centre, branch, station = builders.a_county(session)
    other = builders.a_site(session, centre)
    lamp, meal = builders.an_item(session, centre), builders.an_item(session, centre)
    an_old_order(session, station, Status.CLOSED, item=lamp)
    an_old_order(session, station, Status.VERIFIED, item=lamp, due_at=NOON - HOUR)
    an_old_order(session, station, Status.OFFERED, item=meal, due_at=NOON + HOUR)
    an_old_order(session, other, Status.UNMET)
    an_old_order(session, other, Status.CLOSED, item=meal, placed_at=NOON - timedelta(days=7))
    an_old_order(session, other, Status.CLOSED, item=meal, placed_at=NOON - timedelta(days=14))  # of no period here
    an_old_order(session, centre, Status.WITHDRAWN, item=meal)
    an_old_order(session, builders.a_county(session)[2], Status.CLOSED)  # another county's

    counts = counting.count(session, centre, counting.children_of(session, centre), WEEK, SHANGHAI, at=NOON)
    assert counts.total.now.by_fate == {Fate.MET: 1, Fate.LATE: 1, Fate.OPEN: 1, Fate.UNMET: 1, Fate.WITHDRAWN: 1}
    assert counts.total.then.by_fate == {Fate.MET: 1}
    places = {line.site.id if line.site else 0: line for line in counts.places}
    assert places[branch.id].now.asked == 3
    assert (places[other.id].now.asked, places[other.id].then.asked) == (1, 1)
    assert places[centre.id].own
    assert places[centre.id].now.asked == 1
    kinds = {line.item.id if line.item else 0: line.now.asked for line in counts.kinds}
    assert kinds == {lamp.id: 2, meal.id: 2, 0: 1}


@pytest.mark.parametrize("fate", [None, *Fate])
def test_every_figure_is_the_number_of_its_rows(session: Session, fate: Fate | None) -> None:
    centre, _, station = builders.a_county(session)
    for status in Status:
        for due in (NOON - HOUR, NOON + HOUR, NOON, None):
            an_old_order(session, station, status, due_at=due)
    counts = counting.count(session, centre, [], WEEK, SHANGHAI, at=NOON)
    wanted = rows.Wanted(WEEK, centre, fate=fate)
    assert rows.how_many(session, wanted, SHANGHAI, at=NOON) == counts.total.now.count(fate.value if fate else "asked")
    found = rows.page(session, wanted, SHANGHAI, at=NOON).rows
    assert fate is None or {one.fate for one in found} == {fate}


def test_steps_are_timed_and_ratings_shown_only_when_there_are_enough(session: Session) -> None:
    centre, _, station = builders.a_county(session)
    team = builders.a_team(session, station)
    for n in range(5):
        order = an_old_order(
            session, station, Status.CLOSED, team=team, verified_at=NOON - 4 * HOUR, accepted_at=NOON - 2 * HOUR, served_at=NOON
        )
        builders.an_offer(session, order, team, made_at=NOON - 3 * HOUR)
        builders.an_offer(session, order, team, made_at=NOON - HOUR)  # a second one changes nothing: the first counts
        if n:
            session.add(Rating(order_id=order.id, stars=n, by=RatedBy.LINK, at=NOON + HOUR))
    session.flush()
    counts = counting.count(session, centre, [], WEEK, SHANGHAI, at=NOON)
    for stage in Stage:
        found = counts.times[stage]
        assert found is not None
        expected = 2 * 3600 if stage is Stage.SERVED else 3600
        assert (found.count, found.middle) == (4 if stage is Stage.RATED else 5, expected)
        assert rows.how_many(session, rows.Wanted(WEEK, centre, stage=stage), SHANGHAI, at=NOON) == found.count
    assert (counts.total.stars.count, counts.total.stars.mean) == (4, None)
    assert rows.how_many(session, rows.Wanted(WEEK, centre, rated=True), SHANGHAI, at=NOON) == 4


def test_the_counts_take_the_same_few_queries_whatever_the_size(session: Session) -> None:
    centre, _, station = builders.a_county(session)
    item = builders.an_item(session, centre)
    below = counting.children_of(session, centre)
    numbers = []
    for _ in range(2):
        for _ in range(5):
            an_old_order(session, station, Status.CLOSED, item=item)
        session.flush()
        with statements(session.get_bind().engine) as sent:
            counting.count(session, centre, below, WEEK, SHANGHAI, at=NOON)
        numbers.append(len(sent))
    assert numbers == [3, 3]


def test_idle_is_who_was_not_asked_lately_and_is_not_paused(session: Session) -> None:
    centre, _, station = builders.a_county(session)
    asked, idle = builders.a_team(session, station, members=1), builders.a_team(session, station, members=1)
    builders.a_team(session, station, members=0, paused_until=NOON + HOUR)
    builders.a_team(session, station, members=0, closed_at=NOON)
    order = an_old_order(session, station, Status.CLOSED, visit_begins=NOON - HOUR)
    builders.an_offer(session, order, asked)
    went, rests = builders.a_volunteer(session, station), builders.a_volunteer(session, station)
    rests.paused_until = NOON.date() + timedelta(days=3)
    session.add(Visitor(order_id=order.id, volunteer_id=went.id))
    session.flush()
    assert supply.idle_counts(session, centre, SHANGHAI, at=NOON) == (1, 2)
    assert [team.id for team in supply.idle_teams(session, centre, at=NOON).rows] == [idle.id]
    found = {row.id for row in supply.idle_volunteers(session, centre, SHANGHAI, at=NOON).rows}
    assert len(found) == 2
    assert not found & {went.id, rests.id}
    assert supply.idle_counts(session, builders.a_site(session), SHANGHAI, at=NOON) == (0, 0)


def test_a_gap_is_a_service_that_no_team_in_reach_can_do(session: Session) -> None:
    centre, _, station = builders.a_county(session)
    far = builders.a_site(session, station.parent, latitude=station.latitude + 1)
    lamp = builders.an_item(session, centre, skills=("electric",))
    lift = builders.an_item(session, centre, skills=("lifting",))
    builders.a_team(session, station, skills=("electric",), reach_km=10.0)
    an_old_order(session, station, Status.CLOSED, item=lamp)
    an_old_order(session, far, Status.UNMET, item=lamp)
    an_old_order(session, station, Status.VERIFIED, item=lift)
    found = supply.gaps(session, centre, WEEK, SHANGHAI, at=NOON)
    assert [(gap.item.id, gap.site.id, gap.asked, gap.unmet, gap.able) for gap in found] == [
        (lamp.id, far.id, 1, 1, 1),
        (lift.id, station.id, 1, 0, 0),
    ]
    assert found[0].km == pytest.approx(111, abs=1)
    assert found[1].km is None
