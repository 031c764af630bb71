"""How orders and services are found: by link, number and code, person, place; in characters, pinyin, or a whole sentence."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.support.builders import NOON, a_county, a_person, a_site, an_item, an_order, staff
from volunteer.access import NOBODY, Role
from volunteer.catalogue import queries as catalogue
from volunteer.kernel.errors import NotFound
from volunteer.kernel.text import search_text
from volunteer.orders import queries
from volunteer.orders.lifecycle import Status
from volunteer.orders.placing import OrderDraft, place_order


def test_a_secret_link_opens_its_order_and_no_other_token_does(session):
    _, _, station = a_county(session)
    order = place_order(
        session, NOBODY, OrderDraft(name="李", phone="13800000001", notice="x", words="灯", site_id=station.id), at=NOON
    )
    assert queries.order_by_secret(session, order.secret) is order
    for token in ("", "x", order.secret[:-1], order.secret * 9, order.secret_hash):
        with pytest.raises(NotFound):
            queries.order_by_secret(session, token)


def test_number_and_code_go_together(session):
    _, _, station = a_county(session)
    order = an_order(session, station)
    assert queries.order_by_code(session, order.number.replace("-", ""), " 123 456 ") is order
    for number, code in ((order.number, "000000"), (order.number, ""), ("2603-0001-0", "123456"), ("", ""), ("x" * 999, "1")):
        assert queries.order_by_code(session, number, code) is None


def test_staff_find_orders_of_their_own_places(session):
    centre, branch, station = a_county(session)
    order = an_order(session, station)
    for site in (centre, branch, station):
        assert queries.order_for(session, staff(session, Role.CLERK, site), order.number) is order
    for actor in (NOBODY, staff(session, Role.CLERK, a_site(session, centre)), staff(session, Role.AUDITOR, centre)):
        with pytest.raises(NotFound):
            queries.order_for(session, actor, order.number)


def test_open_orders_of_a_person_come_first(session):
    _, _, station = a_county(session)
    me = a_person(session, "李试")
    closed = an_order(session, station, resident=me, status=Status.CLOSED, placed_at=NOON)
    old = an_order(session, station, resident=me, placed_at=NOON - timedelta(days=9))
    an_order(session, station)
    assert list(queries.orders_of(session, me.id)) == [old, closed]


def test_the_desk_lists_what_waits_longest_first_page_by_page(session):
    centre, branch, station = a_county(session)
    clerk = staff(session, Role.CLERK, branch)
    orders = [an_order(session, station, due_at=NOON + timedelta(minutes=n)) for n in range(queries.PAGE + 3)]
    an_order(session, a_site(session, centre))
    first = queries.desk_orders(session, clerk, "placed")
    second = queries.desk_orders(session, clerk, "placed", after=first.next_key)
    assert [*first.rows, *second.rows] == orders
    assert second.next_key is None
    assert queries.desk_counts(session, clerk) == {"placed": len(orders), "served": 0}
    assert list(queries.desk_orders(session, clerk, "all", words=orders[3].number).rows) == [orders[3]]


def test_the_menu_answers_characters_pinyin_initials_and_sentences(session):
    centre, _, station = a_county(session)
    lamp = an_item(session, centre, name="换灯管")
    lamp.search = search_text("换灯管", "Replace a lamp", "灯不亮、灯管闪")
    hair = an_item(session, centre, name="上门理发")
    session.flush()
    for typed, first in (
        ("灯", lamp),
        ("hdg", lamp),
        ("huandengguan", lamp),
        ("我家厨房的灯不亮了", lamp),
        ("lifa", hair),
        ("lamps", lamp),
    ):
        assert catalogue.search(session, typed, station.path)[0] is first, typed
    assert catalogue.search(session, "月球", station.path) == []
    assert catalogue.search(session, "", station.path) == []


def test_a_closed_service_is_not_on_the_menu(session):
    centre, _, station = a_county(session)
    item = an_item(session, centre)
    assert catalogue.item_of_code(session, item.code, station.path) is item
    item.closed_at = NOON
    session.flush()
    assert catalogue.item_of_code(session, item.code, station.path) is None
    assert catalogue.menu(session, station.path) == []
