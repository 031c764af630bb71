"""Help that comes again: each day is placed once, whatever the clock and the job do."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from tests.support.builders import NOON, a_county, a_person, a_site, an_actor, an_item, an_order, staff
from volunteer.access import Role
from volunteer.kernel.errors import Conflict, Invalid, NotFound
from volunteer.messaging.models import Message
from volunteer.orders.households import standing
from volunteer.orders.households.lifecycle import StandingState
from volunteer.orders.households.models_standing import DayState
from volunteer.orders.households.standing import RhythmDraft
from volunteer.orders.jobs import place_standing
from volunteer.orders.lifecycle import Status
from volunteer.orders.models import ServiceOrder
from volunteer.places.models import Holiday

DAY = timedelta(days=1)
FRIDAY = date(2026, 3, 6)  # two days after NOON
MORNING = {"from_minute": 8 * 60, "to_minute": 12 * 60}


def rhythm(**changed):
    values: dict[str, Any] = {"weekdays": frozenset({4}), "begins": FRIDAY, **MORNING}
    return RhythmDraft(**(values | changed))


@pytest.fixture
def asked(session):
    centre, _, station = a_county(session)
    item = an_item(session, centre)
    granny = a_person(session, "李奶奶", phone="13800000031")
    order = an_order(session, station, item=item, status=Status.CLOSED, resident=granny)
    order.words, order.phone = "陪着去菜场", "13800000031"
    return order, an_actor(granny, (Role.RESIDENT, centre))


def begin(session, asked, **changed):
    order, me = asked
    return standing.start_standing(session, me, order.id, rhythm(**changed), notice="2026-11", at=NOON)


def run(session, at):
    done = place_standing(session, at)
    session.flush()  # what was placed is counted
    return done


def placed(session, asked):
    found = select(ServiceOrder).where(ServiceOrder.id != asked[0].id).order_by(ServiceOrder.window_begins)
    return session.scalars(found).all()


def days_of(one):
    return {row.day: row.state for row in one.days}


def test_a_day_is_placed_some_days_ahead_as_an_ordinary_order_of_the_same_person(session, asked):
    one = begin(session, asked)
    run(session, NOON)
    (order,) = placed(session, asked)
    assert (order.status, order.resident_id, order.item_id) == (Status.PLACED, asked[0].resident_id, asked[0].item_id)
    assert (order.words, order.phone, order.door, order.contact) == ("陪着去菜场", "13800000031", "3幢201室", "李奶奶")
    assert order.window_begins == datetime(2026, 3, 6, 0, tzinfo=UTC)  # 8 in the morning there
    assert days_of(one) == {FRIDAY: DayState.PLACED}


def test_running_twice_or_with_the_clock_set_back_places_nothing_again(session, asked):
    one = begin(session, asked)
    run(session, NOON)
    one.look_at = NOON - 3 * DAY
    for at in (NOON, NOON - 2 * DAY, NOON + timedelta(hours=1)):
        one.look_at = at
        run(session, at)
    assert len(placed(session, asked)) == 1


def test_days_that_nobody_placed_in_time_are_missed_and_the_next_ones_come(session, asked):
    one = begin(session, asked)
    run(session, NOON + 15 * DAY)  # the job slept for two weeks; it is a Thursday
    assert days_of(one) == {FRIDAY: DayState.MISSED, FRIDAY + 7 * DAY: DayState.MISSED, FRIDAY + 14 * DAY: DayState.PLACED}
    assert len(placed(session, asked)) == 1


def test_a_holiday_is_left_out_and_said(session, asked):
    one = begin(session, asked)
    session.add(Holiday(site_id=int(asked[0].site_path.split("/")[1]), day=FRIDAY, works=False, name="节"))
    run(session, NOON)
    assert (days_of(one), placed(session, asked)) == ({FRIDAY: DayState.HOLIDAY}, [])
    assert "standing_holiday" in set(session.scalars(select(Message.template)))


def test_one_day_is_left_out_and_taken_in_again(session, asked):
    order, me = asked
    one = begin(session, asked)
    standing.skip_day(session, me, one.id, FRIDAY, at=NOON)
    standing.skip_day(session, me, one.id, FRIDAY, at=NOON)
    run(session, NOON)
    assert placed(session, asked) == []
    standing.unskip_day(session, me, one.id, FRIDAY, at=NOON)
    run(session, NOON)
    assert len(placed(session, asked)) == 1
    with pytest.raises(Conflict, match="request already"):
        standing.skip_day(session, me, one.id, FRIDAY, at=NOON)
    with pytest.raises(Invalid):
        standing.skip_day(session, me, one.id, FRIDAY + DAY, at=NOON)


def test_it_ends_after_its_times_and_after_its_last_day(session, asked):
    one = begin(session, asked, most=1)
    run(session, NOON)
    assert one.state is StandingState.ENDED
    two = begin(session, asked, ends=FRIDAY, weekdays=frozenset({3, 4}))
    run(session, NOON + 3 * DAY)
    assert two.state is StandingState.ENDED


def test_a_pause_is_not_made_up_for(session, asked):
    _, me = asked
    one = begin(session, asked)
    standing.pause_standing(session, me, one.id, FRIDAY + 3 * DAY, at=NOON)
    run(session, NOON + 3 * DAY)
    assert placed(session, asked) == []
    run(session, NOON + 8 * DAY)
    assert (one.state, set(days_of(one))) == (StandingState.ACTIVE, {FRIDAY + 7 * DAY})
    standing.end_standing(session, me, one.id, at=NOON + 8 * DAY)
    standing.end_standing(session, me, one.id, at=NOON + 8 * DAY)
    assert run(session, NOON + 30 * DAY) == 0


def test_a_service_that_closed_pauses_it_and_says_so(session, asked):
    one = begin(session, asked)
    asked[0].item.closed_at = NOON
    run(session, NOON)
    assert (one.state, days_of(one)) == (StandingState.PAUSED, {FRIDAY: DayState.FAILED})
    assert "standing_failed" in set(session.scalars(select(Message.template)))


def test_a_second_tap_makes_no_second_one(session, asked):
    assert begin(session, asked).id == begin(session, asked).id


def test_a_clerk_of_the_place_may_and_strangers_may_not(session, asked):
    order, _ = asked
    clerk = staff(session, Role.CLERK, order.site)
    one = standing.start_standing(session, clerk, order.id, rhythm(), notice="2026-11", at=NOON)
    assert standing.change_standing(session, clerk, one.id, rhythm(every_weeks=2), "慢慢来", at=NOON).every_weeks == 2
    for stranger in (staff(session, Role.CLERK, a_site(session)), an_actor(a_person(session), (Role.RESIDENT, "/"))):
        with pytest.raises(NotFound):
            standing.end_standing(session, stranger, one.id, at=NOON)
        with pytest.raises(NotFound):
            standing.start_standing(session, stranger, order.id, rhythm(), notice="2026-11", at=NOON)


def test_what_cannot_be_is_said_all_at_once(session, asked):
    with pytest.raises(Invalid) as refused:
        begin(session, asked, weekdays=frozenset(), begins=FRIDAY - 30 * DAY, most=0, to_minute=0, every_weeks=99)
    assert set(refused.value.fields) == {"weekdays", "begins", "most", "half", "every_weeks"}
