"""A site moves while people order there: whatever happens first, no order is left at a place that is gone."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.support import builders as make
from tests.support.builders import NOON
from tests.support.databases import Database
from volunteer.access import NOBODY, SYSTEM
from volunteer.administration.closing import close_site
from volunteer.administration.moving import move_site
from volunteer.kernel.crypto import Keyring
from volunteer.kernel.db import write
from volunteer.kernel.errors import Conflict, Invalid
from volunteer.orders.models import ServiceOrder
from volunteer.orders.placing import OrderDraft, place_order
from volunteer.places.models import Site

ORDERS = 8


@pytest.fixture
def at_once(database: Database, keyring: Keyring):
    """Run acts in threads, each in a transaction of its own; return what each came to."""

    def one(act) -> str:
        with Session(database.engine, info={"keyring": keyring}) as session:
            try:
                with write(session):
                    act(session)
            except (Conflict, Invalid) as error:
                return error.code
            return "done"

    def run(acts) -> list[str]:
        with ThreadPoolExecutor(len(acts)) as pool:
            return list(pool.map(one, acts))

    return run


@pytest.fixture
def county(database: Database, keyring: Keyring) -> tuple[int, int, int]:
    with Session(database.engine, info={"keyring": keyring}) as session, write(session):
        centre, _, station = make.a_county(session)
        other, beside = make.a_site(session, centre), make.a_site(session, station.parent)
        return station.id, other.id, beside.id


def ordering(site_id: int, number: int):
    draft = OrderDraft(
        name="李试", phone=f"1380000{number:04d}", notice="1", words="灯不亮", site_id=site_id, address=f"{number}幢"
    )
    return lambda session: place_order(session, NOBODY, draft, at=NOON)


def orders(database: Database) -> list[tuple[str, str, str, str]]:
    """The stored paths of every order, beside those of its sites."""
    with Session(database.engine) as session:
        return [
            (
                order.site_path,
                session.get_one(Site, order.site_id).path,
                order.desk_path,
                session.get_one(Site, order.desk_id).path,
            )
            for order in session.scalars(select(ServiceOrder))
        ]


def test_orders_that_come_while_the_site_moves_lie_where_it_is(database, at_once, county):
    station, other, _ = county
    acts = [ordering(station, number) for number in range(ORDERS)]
    acts.insert(ORDERS // 2, lambda session: move_site(session, SYSTEM, station, other, at=NOON))
    assert set(at_once(acts)) == {"done"}
    found = orders(database)
    assert len(found) == ORDERS
    for site_path, site_is, desk_path, desk_is in found:
        assert (site_path, desk_path) == (site_is, desk_is)
        assert site_path.startswith(desk_path)


def test_orders_that_come_while_the_site_closes_go_to_the_heir_or_are_told(database, at_once, county):
    station, _, beside = county
    acts = [ordering(station, number) for number in range(ORDERS)]
    acts.insert(ORDERS // 2, lambda session: close_site(session, SYSTEM, station, heir_id=beside, at=NOON))
    assert set(at_once(acts)) <= {"done", "invalid_site", "order_invalid"}
    with Session(database.engine) as session:
        assert session.get_one(Site, station).closed_at is not None
        assert session.scalars(select(ServiceOrder).where(ServiceOrder.site_id == station)).all() == []


def test_one_of_two_who_saw_the_same_site_moves_it(database, at_once, county):
    station, other, _ = county
    with Session(database.engine) as session:
        seen = session.get_one(Site, station).version
    move = lambda session: move_site(session, SYSTEM, station, other, seen=seen, at=NOON)  # noqa: E731
    assert sorted(at_once([move, move, move])) == ["changed_meanwhile", "changed_meanwhile", "done"]
