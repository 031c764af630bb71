"""Pages of settlement: the shop and two of the site, through a browser's forms; files without formulas; odd patterns decided."""

from __future__ import annotations

import io
import re

import pytest
from flask import Flask
from openpyxl import load_workbook
from sqlalchemy import select

from tests.support import builders as make
from tests.support.gifts import a_merchant, at_the_till
from tests.support.settling import FEBRUARY, IN_FEBRUARY, a_counter, hand_over
from tests.support.visiting import send, signed_in
from volunteer.access import Role
from volunteer.kernel.clock import now
from volunteer.ledger import queries
from volunteer.ledger.models import Unit
from volunteer.rewards.settling import preparing
from volunteer.rewards.settling.models import PointWorth, Statement
from volunteer.rewards.settling.models_findings import PointsFinding
from volunteer.rewards.settling.odd import Odd
from volunteer.web.idempotency import once
from volunteer.web.unit import transaction


class Place:
    """A shop that is owed for two gifts of February, with a browser for each of the three."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        with app.app_context(), transaction() as session:
            counter = a_counter(session)
            for _ in range(2):
                hand_over(session, counter.street, IN_FEBRUARY)
            counter.street.gift.name = "=HYPERLINK(1)"
            made = preparing.prepare(session, counter.first, counter.shop, FEBRUARY, at=now())
            self.id, self.shop_id, self.site = made.id, counter.shop, counter.street.centre.id
            other = at_the_till(session, a_merchant(session, counter.street.branch, "别家"), "外人")
            abroad = make.staff(session, Role.DIRECTOR, make.a_site(session))
            ids = [counter.till.user_id, counter.first.user_id, counter.second.user_id, other.user_id, abroad.user_id]
        self.shop, self.first, self.second, self.other, self.abroad = (signed_in(app, one or 0) for one in ids)

    def statement(self) -> Statement:
        with self.app.app_context(), transaction() as session:
            found = session.get_one(Statement, self.id)
            assert found.lines
            session.expunge_all()
            return found

    def seen(self) -> dict[str, str]:
        return {"once": once(), "seen": self.statement().digest}


@pytest.fixture
def place(app: Flask) -> Place:
    return Place(app)


def test_shop_and_two_of_the_site_bring_a_month_to_the_money(place):
    mine, theirs = f"/merchant/statements/{place.id}", f"/manage/settlements/{place.id}"
    assert "80" in place.shop.get("/merchant/statements").get_data(as_text=True)
    assert place.shop.get(mine).status_code == 200
    assert send(place.shop, f"{mine}/accept", place.seen()).status_code == 303
    assert send(place.first, f"{theirs}/approve", place.seen()).status_code == 303
    assert send(place.first, f"{theirs}/approve", place.seen()).status_code == 409
    assert send(place.second, f"{theirs}/approve", place.seen()).status_code == 303
    form = {"once": once(), "paid_on": "2026-03-04", "reference": "0001"}
    for _ in range(2):
        assert send(place.second, f"{theirs}/pay", form).status_code == 303
    assert place.statement().status == "paid"
    with place.app.app_context(), transaction() as session:
        assert queries.balance(session, f"merchant:{place.shop_id}:settled", Unit.POINTS) == 80
    for who, path in ((place.shop, mine), (place.first, theirs)):
        assert "0001" in who.get(path).get_data(as_text=True)


def test_a_line_is_disputed_and_answered(place):
    lines = [str(line.id) for line in place.statement().lines]
    path = f"/merchant/statements/{place.id}/dispute"
    assert send(place.shop, path, {"once": once(), "words": "没有给过"}).status_code == 422
    assert send(place.shop, path, {"once": once(), "lines": lines[:1], "words": "没有给过"}).status_code == 303
    assert "没有给过" in place.first.get(f"/manage/settlements/{place.id}").get_data(as_text=True)
    there = f"/manage/settlements/{place.id}/answer"
    assert send(place.first, there, {"once": once(), "lines": lines[:1], "words": "确有误"}).status_code == 303
    assert place.statement().points == 40
    assert "确有误" in place.shop.get(f"/merchant/statements/{place.id}").get_data(as_text=True)


def test_files_hold_no_formula_and_the_same_sums(place):
    csv = send(place.shop, f"/merchant/statements/{place.id}.csv").get_data(as_text=True)
    assert "'=HYPERLINK(1)" in csv
    assert ",=HYPERLINK" not in csv
    assert re.search(r"80,8\.00\s*$", csv)
    book = load_workbook(io.BytesIO(send(place.first, f"/manage/settlements/{place.id}.xlsx").data))
    cells = [cell for row in book.active.iter_rows() for cell in row]
    assert all(cell.data_type != "f" for cell in cells)
    assert "8.00" in [cell.value for cell in cells]
    assert send(place.first, f"/manage/settlements/{place.id}.pdf").status_code == 404


def test_nobody_reads_another_shops_statement(place):
    for who, path in ((place.other, f"/merchant/statements/{place.id}"), (place.abroad, f"/manage/settlements/{place.id}")):
        assert who.get(path).status_code == 404
        assert send(who, f"{path}.csv").status_code == 404
    assert send(place.other, f"/merchant/statements/{place.id}/accept", place.seen()).status_code == 404
    assert send(place.abroad, f"/manage/settlements/{place.id}/approve", place.seen()).status_code == 404


def test_what_a_point_is_worth_takes_two(place):
    form = {"once": once(), "site": str(place.site), "points": "10", "fen": "90", "first": "2030-01-01"}
    assert send(place.first, "/manage/settlements/worth", form).status_code == 303
    with place.app.app_context(), transaction() as session:
        number = session.scalars(select(PointWorth.id).order_by(PointWorth.id.desc())).first()
    send(place.first, f"/manage/settlements/worth/{number}", {"answer": "yes"})
    with place.app.app_context(), transaction() as session:
        assert session.get_one(PointWorth, number).agreed_at is None
    send(place.second, f"/manage/settlements/worth/{number}", {"answer": "yes"})
    with place.app.app_context(), transaction() as session:
        assert session.get_one(PointWorth, number).agreed_by is not None
    wrong = send(place.first, "/manage/settlements/worth", form | {"once": once(), "fen": "0", "first": "2020-01-01"})
    assert wrong.status_code == 422


def test_an_odd_pattern_is_decided_by_a_person_and_nothing_follows(place):
    with place.app.app_context(), transaction() as session:
        found = PointsFinding(
            mark="x",
            kind=Odd.BURST,
            merchant_id=place.shop_id,
            site_path="/1/2/",
            day=FEBRUARY,
            evidence={"count": 7, "ids": [1]},
            found_at=now(),
        )
        session.add(found)
        session.flush()
        number = found.id
    assert "7" in place.first.get("/manage/anomalies").get_data(as_text=True)
    form = {"once": once(), "verdict": "fine", "note": "促销日，问过了"}
    assert send(place.abroad, f"/manage/anomalies/{number}", form).status_code == 404
    assert send(place.first, f"/manage/anomalies/{number}", form | {"note": ""}).status_code == 422
    assert send(place.first, f"/manage/anomalies/{number}", form).status_code == 303
    assert send(place.second, f"/manage/anomalies/{number}", form | {"once": once()}).status_code == 409
    assert "促销日" in place.second.get("/manage/anomalies?show=all").get_data(as_text=True)
