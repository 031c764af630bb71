"""An act is whole or it never was: each is cut off at every one of its statements in turn, on both databases."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from tests.support import builders as make
from tests.support.builders import NOON
from tests.support.databases import Database
from tests.support.gifts import a_street
from volunteer.access import NOBODY, SYSTEM, Role, link_holder
from volunteer.accounts.models import RoleGrant
from volunteer.administration import forgetting
from volunteer.kernel.crypto import Keyring
from volunteer.kernel.db import Base, write
from volunteer.orders.accepting import accept_offer
from volunteer.orders.changing import withdraw_order
from volunteer.orders.lifecycle import Status
from volunteer.orders.placing import OrderDraft, place_order
from volunteer.orders.rating import RatingDraft, rate_order
from volunteer.rewards.merchants import collecting, reserving
from volunteer.rewards.merchants.collecting import Shown

Act = Callable[[Session], object]


class Cut(Exception):
    """The line to the database broke."""


def everything(database: Database) -> dict[str, list[Any]]:
    """Every row of every table."""
    with database.engine.connect() as connection:
        return {table.name: sorted(map(repr, connection.execute(select(table)))) for table in Base.metadata.sorted_tables}


def placing(session: Session) -> Act:
    centre, _, station = make.a_county(session)
    item = make.an_item(session, centre)
    draft = OrderDraft(
        name="李试", phone="13800000001", notice="test", words="灯不亮了", site_id=station.id, item=item.code, address="3幢201室"
    )
    return lambda session: place_order(session, NOBODY, draft, at=NOON)


def accepting(session: Session) -> Act:
    centre, _, station = make.a_county(session)
    order = make.an_order(session, station, item=make.an_item(session, centre), status=Status.OFFERED)
    team, other = make.a_team(session, station), make.a_team(session, station)
    offer, _ = make.an_offer(session, order, team).id, make.an_offer(session, order, other)
    leader = make.leader_of(session, team)
    return lambda session: accept_offer(session, leader, offer, at=NOON)


def withdrawing(session: Session) -> Act:
    centre, _, station = make.a_county(session)
    order = make.an_order(session, station, item=make.an_item(session, centre), status=Status.OFFERED)
    make.an_offer(session, order, make.a_team(session, station))
    me, order_id = link_holder(order.id, order.site_path), order.id
    return lambda session: withdraw_order(session, me, order_id, "不用了", at=NOON)


def rating(session: Session) -> Act:
    centre, _, station = make.a_county(session)
    item, team = make.an_item(session, centre), make.a_team(session, station)
    order = make.an_order(session, station, item=item, status=Status.SERVED, served_at=NOON, recorded_at=NOON, team=team)
    me, order_id = link_holder(order.id, order.site_path), order.id
    return lambda session: rate_order(session, me, order_id, RatingDraft(stars=2, words="来晚了"), at=NOON)


def reserving_a_gift(session: Session) -> Act:
    street = a_street(session)
    gift = street.gift.id
    return lambda session: reserving.reserve(session, street.volunteer, gift, seen=40, at=NOON)


def collecting_a_gift(session: Session) -> Act:
    street = a_street(session)
    held = reserving.reserve(session, street.volunteer, street.gift.id, seen=40, at=NOON)
    shown = Shown(code=held.code)
    return lambda session: collecting.collect(session, street.till, shown, at=NOON)


def being_forgotten(session: Session) -> Act:
    centre, _, station = make.a_county(session)
    order = make.an_order(session, station, item=make.an_item(session, centre), status=Status.CLOSED)
    session.add(RoleGrant(person_id=order.resident_id, role=Role.RESIDENT, site_id=centre.id, since=NOON))
    person_id = order.resident_id
    return lambda session: forgetting.forget(session, SYSTEM, person_id, at=NOON)


@pytest.mark.parametrize(
    "prepare",
    [placing, accepting, withdrawing, rating, reserving_a_gift, collecting_a_gift, being_forgotten],
    ids=lambda act: act.__name__,
)
def test_an_act_that_is_cut_off_at_any_statement_leaves_nothing_behind(database: Database, keyring: Keyring, prepare) -> None:
    left: int | None = None

    def watch(*_: Any) -> None:
        nonlocal left
        if left is not None:
            left -= 1
            if left < 0:
                left = None  # only once: rolling back goes through
                raise Cut

    with Session(database.engine, info={"keyring": keyring}, expire_on_commit=False) as session, write(session):
        act = prepare(session)
    before = everything(database)
    event.listen(database.engine, "before_cursor_execute", watch)
    for allowed in count():
        try:
            with Session(database.engine, info={"keyring": keyring}) as session, write(session):
                left = allowed
                act(session)
        except Cut:
            assert everything(database) == before, f"cut off at statement {allowed + 1}"
        else:
            assert left is not None, f"nobody noticed the cut at statement {allowed + 1}"
            left = None
            break
    assert allowed > 5
    assert everything(database) != before
