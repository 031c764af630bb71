"""Whoever was told something can read it again: staff, a shop, a resident; each only their own, what is new marked once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.support import builders as make
from tests.support.visiting import signed_in
from volunteer.access import Role
from volunteer.kernel.clock import now
from volunteer.messaging.outbox import Recipient, tell
from volunteer.web.unit import transaction

MANY = 35


@pytest.fixture
def browsers(app: Flask) -> dict[str, FlaskClient]:
    """A shop that was told a lot, and an administrator who was told one thing."""
    with app.app_context(), transaction() as session:
        centre = make.a_site(session)
        ids = {role: make.staff(session, role, centre).user_id or 0 for role in (Role.MERCHANT, Role.SITE_ADMIN)}
        for number in range(MANY):
            at = now() - timedelta(hours=number)
            tell(session, Recipient(ids[Role.MERCHANT]), "gift_priced", {"points": 1000 + number}, at=at)
        tell(session, Recipient(ids[Role.SITE_ADMIN]), "merchant_waits", at=now())
    return {role.value: signed_in(app, number) for role, number in ids.items()}


def test_everybody_reads_their_own_the_newest_first(browsers):
    shop, admin = browsers["merchant"], browsers["site_admin"]
    page = shop.get("/me/messages").text
    assert page.index("1000 分") < page.index("1029 分")
    assert "1030 分" not in page
    assert "1034 分" in shop.get("/me/messages?page=2").text
    other = admin.get("/me/messages").text
    assert "有商户申请加入" in other
    assert "1000 分" not in other
    assert 'href="/me/messages"' in admin.get("/me/sessions").text


def test_what_is_new_is_marked_once(browsers):
    assert browsers["merchant"].get("/me/messages").text.count("未读") == 30
    assert "未读" not in browsers["merchant"].get("/me/messages").text


@pytest.mark.parametrize("page", ["0", "x", "-1", "99999999999", "7"])
def test_a_page_that_is_not_there_is_empty(browsers, page):
    assert browsers["merchant"].get(f"/me/messages?page={page}").status_code == 200
