"""A shop moves, or somebody else answers for it: it says so itself. On hold and back: it hears so."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

from tests.support.gifts import a_merchant, a_street, at_the_till
from tests.support.visiting import send, signed_in
from volunteer.audit.models import AuditEntry
from volunteer.kernel import serials
from volunteer.kernel.clock import now
from volunteer.kernel.db import db
from volunteer.messaging.models import Message
from volunteer.rewards.merchants import applying
from volunteer.rewards.merchants.models import Merchant
from volunteer.web.unit import transaction


class Place:
    """A shop with somebody at its till, and another shop."""

    def __init__(self, app: Flask) -> None:
        with app.app_context(), transaction() as session:
            street = a_street(session)
            self.shop, self.admin = street.merchant.id, street.admin
            site = street.merchant.site
            self.near = {"point.latitude": f"{site.latitude + 0.01}", "point.longitude": f"{site.longitude}"}
            self.far = {"point.latitude": f"{site.latitude + 2}", "point.longitude": f"{site.longitude}"}
            other = a_merchant(session, street.branch, "别家")
            ids = street.till.user_id or 0, at_the_till(session, other, "外人").user_id or 0
        self.till, self.other = (signed_in(app, one) for one in ids)

    def form(self, **changed: str) -> dict[str, str]:
        plain = {"address": "新街2号", "contact": "钱小燕", "phone": "138 0013 8000", "words": "鸡蛋"}
        return plain | {"once": serials.token(), "shop": str(self.shop), **changed}


@pytest.fixture
def place(app: Flask) -> Place:
    return Place(app)


def test_a_shop_says_where_it_is_and_how_it_is_reached(app, place):
    assert f"/merchant/details?shop={place.shop}" in place.till.get("/merchant").text
    assert "鲈乡路1号" in place.till.get("/merchant/details").text
    assert send(place.till, "/merchant/details", place.form(**place.near)).location.endswith(f"shop={place.shop}")
    with app.app_context():
        shop = db.session.get_one(Merchant, place.shop)
        assert (shop.address, shop.contact, shop.phone) == ("新街2号", "钱小燕", "13800138000")
        assert shop.latitude == pytest.approx(float(place.near["point.latitude"]))
        assert "merchant_corrected" in db.session.scalars(select(AuditEntry.action)).all()


def test_what_cannot_be_is_said_beside_its_field_and_changes_nothing(app, place):
    for wrong, words in (
        ({"phone": "12"}, "手机"), ({"address": " "}, "店"), ({"contact": ""}, ""), (place.far, "太远"), ({"point.latitude": "x"}, ""),
    ):  # fmt: skip
        answer = send(place.till, "/merchant/details", place.form(**wrong))
        assert answer.status_code == 422, wrong
        assert words in answer.text
        assert "钱小燕" in answer.text or "contact" in wrong  # what was typed is still there
    assert send(place.other, "/merchant/details", place.form()).status_code == 404
    with app.app_context():
        assert db.session.get_one(Merchant, place.shop).address == "鲈乡路1号"


def test_a_shop_that_is_put_on_hold_hears_it_and_why(app, place):
    with app.app_context(), transaction() as session:
        applying.suspend(session, place.admin, place.shop, "换了老板，先核实", at=now())
        applying.resume(session, place.admin, place.shop, at=now())
        told = session.scalars(select(Message).where(Message.template.in_(["merchant_suspended", "merchant_resumed"]))).all()
        assert sorted({one.template for one in told}) == ["merchant_resumed", "merchant_suspended"]
