"""An order in the matcher's words: hours of the week, urgency, whose teams, who was asked."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from volunteer.access import SYSTEM, Actor, Role
from volunteer.catalogue.models import ServiceItem, Skill
from volunteer.kernel.clock import SHANGHAI
from volunteer.matching import hours_of_week
from volunteer.orders.candidates import asked_in_round, asked_since_verified, hours_wanted, request_of, scope_of, waves_here
from volunteer.orders.lifecycle import OfferState
from volunteer.orders.models import Offer, OrderEvent, ServiceOrder, WhenKind
from volunteer.orders.reasons import NOBODY_HERE, OURS, in_language

NOON = datetime(2026, 3, 4, 4, 0, tzinfo=UTC)  # Wednesday, 12:00 in Shanghai


def hours(n: float) -> timedelta:
    return timedelta(hours=n)


def local(day: int, hour: int) -> datetime:
    return datetime(2026, 3, day, hour, tzinfo=SHANGHAI)


def an_order(**values) -> ServiceOrder:
    values = {"id": 7, "latitude": 31.1, "longitude": 120.6, "urgent": False, "when_kind": WhenKind.FLEXIBLE} | values
    return ServiceOrder(site_path="/1/12/140/", desk_path="/1/12/", resident_id=1, **values)


@pytest.mark.parametrize(
    ("kind", "begins", "ends", "expected"),
    [
        (WhenKind.FLEXIBLE, None, None, None),
        (WhenKind.WINDOW, hours(1), hours(3), hours_of_week(local(4, 13), local(4, 15))),
        (WhenKind.WINDOW, hours(-2), hours(1), hours_of_week(local(4, 12), local(4, 13))),
        (WhenKind.WINDOW, hours(-3), hours(-1), None),  # the window has passed: any time is better than none
        (WhenKind.WINDOW, hours(11), hours(14), hours_of_week(local(4, 23), local(5, 2))),
        (WhenKind.SOON, None, None, hours_of_week(local(4, 12), local(5, 12))),
    ],
)
def test_a_window_becomes_local_hours_of_the_week_that_are_still_to_come(kind, begins, ends, expected):
    window = {"window_begins": NOON + begins if begins else None, "window_ends": NOON + ends if ends else None}
    assert hours_wanted(an_order(when_kind=kind, **window), NOON, SHANGHAI) == expected


@pytest.mark.parametrize(
    ("urgent", "kind", "expected"),
    [(True, WhenKind.FLEXIBLE, 1.0), (True, WhenKind.SOON, 1.0), (False, WhenKind.SOON, 0.5), (False, WhenKind.FLEXIBLE, 0.0)],
)
def test_what_cannot_wait_pulls_near_teams_harder(urgent, kind, expected):
    item = ServiceItem(skills=[Skill(code="electric"), Skill(code="ladder")])
    request = request_of(an_order(urgent=urgent, when_kind=kind), item, {5: 2}, at=NOON, zone=SHANGHAI)
    assert request.urgency == expected
    assert request.skills == {"electric", "ladder"}
    assert request.continuity == {5: 1.0}


@pytest.mark.parametrize(
    ("grants", "expected"),
    [
        ({(Role.DISPATCHER, "/1/12/")}, "/1/12/"),
        ({(Role.DISPATCHER, "/1/")}, "/1/"),
        ({(Role.DISPATCHER, "/1/12/140/")}, "/1/12/"),  # the desk is wider than a station's own dispatcher
        ({(Role.DISPATCHER, "/1/13/"), (Role.DISPATCHER, "/1/12/")}, "/1/12/"),
        ({(Role.CLERK, "/1/"), (Role.DISPATCHER, "/1/12/")}, "/1/12/"),  # only where they dispatch counts
    ],
)
def test_teams_come_from_the_wider_of_desk_and_dispatcher(grants, expected):
    assert scope_of(Actor(1, frozenset(grants)), an_order()) == expected


def test_jobs_ask_only_teams_of_the_desk():
    assert scope_of(SYSTEM, an_order()) == "/1/12/"


def asked(team_id: int, state: OfferState, after: float, wave: int = 1) -> Offer:
    return Offer(team_id=team_id, state=state, made_at=NOON + hours(after), wave=wave)


def test_a_recall_begins_a_new_round_for_people_but_not_for_jobs():
    order = an_order()
    order.events = [OrderEvent(what="verify", at=NOON), OrderEvent(what="recall", at=NOON + hours(3))]
    order.offers = [
        asked(1, OfferState.DECLINED, 1),
        asked(2, OfferState.RECALLED, 2),
        asked(3, OfferState.LAPSED, 4),
        asked(4, OfferState.OPEN, 4),
        asked(5, OfferState.RECALLED, 4),
    ]
    assert asked_in_round(order) == {3, 4}
    assert asked_since_verified(order) == {1, 2, 3, 4, 5}


def test_waves_are_counted_where_the_order_is_now():
    order = an_order()
    order.events = [OrderEvent(what="verify", at=NOON)]
    order.offers = [asked(1, OfferState.LAPSED, 1, 1), asked(2, OfferState.LAPSED, 1, 1), asked(3, OfferState.LAPSED, 2, 2)]
    assert waves_here(order) == 2
    order.events.append(OrderEvent(what="escalate", at=NOON + hours(3)))
    assert waves_here(order) == 0


def test_reasons_of_jobs_are_said_in_the_readers_language():
    for reason in OURS:
        assert in_language(reason, "en") == reason
        assert in_language(reason, "zh_Hans") != reason
    assert in_language("队长病了", "zh_Hans") == "队长病了"
    assert NOBODY_HERE in OURS
