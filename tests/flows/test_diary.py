"""The diary of an order grows by a line without being read."""

from __future__ import annotations

from tests.support import builders as make
from tests.support.builders import NOON
from volunteer.access import SYSTEM
from volunteer.orders.models import ServiceOrder


def test_a_line_of_the_diary_is_written_without_reading_it(session):
    _, _, station = make.a_county(session)
    order: ServiceOrder = make.an_order(session, station)
    order.write_down("verify", SYSTEM, NOON)
    session.flush()  # the diary so far is stored
    session.expire(order, ["events"])
    before = [event.id for event in order.events]
    session.expire(order, ["events"])
    order.write_down("nudge", SYSTEM, NOON)
    assert "events" not in order.__dict__
    session.flush()  # a line alone, nothing else of the order has changed
    order.write_down("escalate", SYSTEM, NOON)
    assert [event.what for event in order.events][len(before) :] == ["nudge", "escalate"]
    session.flush()  # numbers are given
    session.expire(order, ["events"])
    assert [event.what for event in order.events][len(before) :] == ["nudge", "escalate"]
    assert [event.id for event in order.events][: len(before)] == before
