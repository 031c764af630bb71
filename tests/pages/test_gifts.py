"""The shop and the till page by page: reserved on one phone, fetched at the other, taken back by the site."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.support import builders as make
from tests.support.gifts import Street, a_merchant, a_street, at_the_till
from tests.support.visiting import signed_in
from volunteer.access import Role
from volunteer.kernel.clock import now
from volunteer.kernel.db import db
from volunteer.ledger.models import Account, Unit
from volunteer.rewards.merchants.lifecycle import RedemptionStatus
from volunteer.rewards.merchants.models import Gift, Merchant, MerchantStaff, Redemption
from volunteer.web.unit import transaction

ONCE = iter(range(10_000))


@pytest.fixture
def street(app: Flask) -> dict[str, int]:
    app.config["WTF_CSRF_ENABLED"] = False
    with app.app_context(), transaction() as session:
        here: Street = a_street(session)
        second = make.staff(session, Role.SITE_ADMIN, here.centre, "第二人")
        return {
            "gift": here.gift.id, "merchant": here.merchant.id, "branch": here.branch.id, "station": here.station.id,
            "volunteer": here.volunteer.user_id, "till": here.till.user_id, "admin": here.admin.user_id,
            "second": second.user_id,
        }  # fmt: skip


@pytest.fixture
def phone(app: Flask, street: dict[str, int]) -> Callable[[str], FlaskClient]:
    return lambda name: signed_in(app, street[name])


def fresh() -> str:
    return f"once-{next(ONCE)}-abcdefgh"


def points(app: Flask, owner: str) -> int:
    with app.app_context():
        return db.session.scalar(select(Account.balance).where(Account.owner == owner, Account.unit == Unit.POINTS)) or 0


def reserved(app: Flask, client: FlaskClient, street: dict[str, int]) -> tuple[str, str]:
    """Reserve on a phone; return the address of its page and the eight digits that stand there."""
    answer = client.post(f"/shop/gifts/{street['gift']}/reserve", data={"once": fresh(), "points": "40"})
    assert answer.status_code == 303, answer.text
    page = client.get(answer.location)
    digits = re.search(r'class="digits" aria-label="[^"]*?: ([\d ]+)"', page.text)[1].replace(" ", "")
    assert len(digits) == 8
    return answer.location, digits


def test_a_gift_is_found_reserved_shown_and_handed_over(app, street, phone):
    mine, till = phone("volunteer"), phone("till")
    shop = mine.get("/shop")
    assert "鸡蛋一盒" in shop.text
    assert f"/shop/gifts/{street['gift']}" in shop.text
    where, digits = reserved(app, mine, street)
    page = mine.get(where)
    assert page.headers["X-Offline"] == "keep"
    assert "陈试" not in page.text  # a page that the phone keeps names nobody
    assert "data:image/svg+xml" in page.text

    seen = till.post("/till", data={"code": f"{digits[:4]} {digits[4:]}"})
    assert seen.status_code == 200
    assert "陈*" in seen.text
    assert "陈试" not in seen.text
    form = {"code": digits, "once": fresh()}
    assert [till.post("/till/collect", data=form).status_code for _ in range(2)] == [303, 303]  # a double tap
    assert points(app, f"merchant:{street['merchant']}") == 40
    with app.app_context():
        number = db.session.scalar(select(Redemption.id))
    assert "data-focus" in till.get(f"/till?done={number}").text
    assert "data-focus" not in till.get(f"/till?done={number + 1}").text  # what a colleague hands over is not said here
    assert "鸡蛋一盒" in till.get("/merchant").text
    assert till.post("/till/collect", data=form | {"once": fresh()}).status_code == 409
    assert (
        "已经" in till.post("/till", data={"code": digits}).text or till.post("/till", data={"code": digits}).status_code == 409
    )

    live = mine.get(f"{where}/now")
    assert live.status_code == 200
    assert digits[:4] not in live.text
    assert mine.get(f"{where}/now", headers={"If-None-Match": live.headers["ETag"]}).status_code == 304


def test_the_phones_own_camera_opens_the_till_with_the_code(app, street, phone):
    mine, till = phone("volunteer"), phone("till")
    where, _digits = reserved(app, mine, street)
    from volunteer.rewards.merchants.collecting import qr_text

    with app.app_context():
        one = db.session.scalars(select(Redemption).where(Redemption.token == where.rsplit("/", 1)[1])).one()
        text = qr_text(db.session(), one)
    assert till.get("/till", query_string={"qr": text}).status_code == 200
    assert till.get("/till", query_string={"qr": text[:-1] + ("0" if text[-1] != "0" else "1")}).status_code == 422
    assert till.post("/till", data={"code": f"http://localhost/till?qr={text}"}).status_code == 200
    with app.app_context():
        assert db.session.scalars(select(Redemption.status)).one() is RedemptionStatus.RESERVED


def test_strangers_find_what_is_public_from_every_page(app):
    anyone = app.test_client()
    foot = anyone.get("/verify").get_data(as_text=True).partition("<footer")[2]
    for path in ("/books", "/stars/notice", "/merchants/apply", "/verify"):
        assert f'href="{path}"' in foot
        assert anyone.get(path).status_code == 200


def test_a_reservation_is_nobody_elses_and_a_till_is_no_shop(app, street, phone):
    where, _digits = reserved(app, phone("volunteer"), street)
    with app.app_context(), transaction() as session:
        other = make.a_volunteer(session, session.get(make.Site, street["station"]), "别人")
        session.add(make.RoleGrant(person_id=other.id, role=Role.VOLUNTEER, site_id=street["station"], since=make.LONG_AGO))
        stranger = other.id
    theirs = signed_in(app, stranger)
    assert [theirs.get(f"{where}{more}").status_code for more in ("", "/now")] == [404, 404]
    assert theirs.post(f"{where}/let-go").status_code == 404
    assert theirs.get("/till").status_code == 403
    assert phone("till").get(where).status_code == 403


def test_wrong_codes_are_counted_for_all_workers_and_right_ones_are_not(app, street, phone):
    app.config["SETTINGS"] = app.config["SETTINGS"].__class__(**{**vars(app.config["SETTINGS"]), "throttle": True})
    mine, till = phone("volunteer"), phone("till")
    _where, digits = reserved(app, mine, street)
    for _ in range(40):
        assert till.post("/till", data={"code": digits}).status_code == 200
    wrong = "11111111" if digits != "11111111" else "22222222"
    answers = [till.post("/till", data={"code": wrong}).status_code for _ in range(31)]
    assert answers[:30] == [422] * 30
    assert answers[30] == 429
    assert till.post("/till", data={"code": digits}).status_code == 429


def test_a_colleague_at_the_same_till_is_not_locked_out_and_one_clerk_of_two_shops_has_one_count(app, street, phone):
    app.config["SETTINGS"] = app.config["SETTINGS"].__class__(**{**vars(app.config["SETTINGS"]), "throttle": True})
    with app.app_context(), transaction() as session:
        shop = session.get_one(Merchant, street["merchant"])
        colleague = at_the_till(session, shop, "同事").user_id
        other = a_merchant(session, shop.site, "另一家")
        session.add(MerchantStaff(merchant_id=other.id, person_id=street["till"], since=now()))
    _where, digits = reserved(app, phone("volunteer"), street)
    till, wrong = phone("till"), "11111111" if digits != "11111111" else "22222222"
    assert [till.post("/till", data={"code": wrong}).status_code for _ in range(30)] == [422] * 30
    assert till.post("/till", data={"code": wrong}).status_code == 429
    found = signed_in(app, colleague or 0).post("/till", data={"code": digits})
    assert found.status_code == 200


@pytest.mark.parametrize("shut", [False, True])
def test_outside_the_opening_hours_a_gift_is_handed_over_with_a_plain_notice(app, street, phone, shut):
    _where, digits = reserved(app, phone("volunteer"), street)
    with app.app_context(), transaction() as session:
        shop = session.get_one(Merchant, street["merchant"])
        shop.opens, shop.closes, shop.closed_days = 0, 24 * 60, [str(day) for day in range(7)] if shut else []
    till = phone("till")
    found = till.post("/till", data={"code": digits})
    assert ("按营业时间" in found.text) is shut
    done = till.post("/till/collect", data={"code": digits, "once": fresh()})
    assert done.status_code == 303


def test_let_go_gives_the_points_back_and_the_code_is_dead(app, street, phone):
    mine = phone("volunteer")
    where, digits = reserved(app, mine, street)
    assert points(app, f"person:{street['volunteer']}") == 60
    assert mine.post(f"{where}/let-go").status_code == 303
    assert points(app, f"person:{street['volunteer']}") == 100
    assert phone("till").post("/till", data={"code": digits}).status_code == 409


def test_what_cannot_be_reserved_is_said_on_the_gifts_page(app, street, phone):
    mine = phone("volunteer")
    refused = mine.post(f"/shop/gifts/{street['gift']}/reserve", data={"once": fresh(), "points": "39"})
    assert refused.status_code == 409
    assert 'role="alert"' in refused.text
    form = {"once": fresh(), "points": "40"}
    first, again = (mine.post(f"/shop/gifts/{street['gift']}/reserve", data=form) for _ in range(2))
    assert (first.status_code, again.location) == (303, first.location)
    assert mine.post(f"/shop/gifts/{street['gift']}/reserve", data=form | {"points": "41"}).status_code == 422
    assert points(app, f"person:{street['volunteer']}") == 60


def test_a_shop_applies_is_let_in_invited_and_prices_are_the_sites(app, street, phone):
    visitor, admin = app.test_client(), phone("admin")
    form = {"once": fresh(), "name": "老街面馆", "address": "老街3号", "contact": "钱面", "phone": "13800000077",
            "site": str(street["station"]), "licence": ""}  # fmt: skip
    assert visitor.post("/merchants/apply", data=form | {"phone": "12", "once": fresh()}).status_code == 422
    assert visitor.post("/merchants/apply", data=form).location.endswith("/merchants/applied")
    with app.app_context():
        shop = db.session.scalars(select(Merchant).where(Merchant.name == "老街面馆")).one().id
    assert "13800000077" not in visitor.get("/merchants/applied").text
    assert admin.post(f"/manage/merchants/{shop}/approve", data={"site": street["station"]}).status_code == 303
    page = admin.post(f"/manage/merchants/{shop}/invite", data={"once": fresh(), "name": "钱面"})
    link = re.search(r"/invited/[\w-]+", page.text)[0]
    newcomer = {"name": "钱面", "login_name": "qianmian", "new": "noodle shop 2026", "again": "noodle shop 2026", "agree": "yes"}
    answer = visitor.post(link, data=newcomer)
    assert answer.location == "/till"
    assert "老街面馆" in visitor.get("/till").text

    gift = {"once": fresh(), "shop": str(shop), "name": "牛肉面一碗", "asked": "60", "stock": "3"}
    assert visitor.post("/merchant/gifts/new", data=gift | {"asked": "0", "once": fresh()}).status_code == 422
    there = visitor.post("/merchant/gifts/new", data=gift).location
    number = int(there.rsplit("/", 1)[1])
    assert "牛肉面" not in phone("volunteer").get("/shop").text
    assert admin.post(f"/manage/merchants/gifts/{number}/price", data={"points": "50"}).status_code == 303
    assert "牛肉面" in phone("volunteer").get("/shop").text
    stock = {"once": fresh(), "seen": "3", "stock": "2"}
    assert visitor.post(f"{there}/stock", data=stock).status_code == 422
    assert visitor.post(f"{there}/stock", data=stock | {"reason": "受潮", "once": fresh()}).status_code == 303
    assert visitor.post(f"{there}/shelf", data={"active": "no"}).status_code == 303
    assert phone("volunteer").get(f"/shop/gifts/{number}").status_code == 404
    assert visitor.get(f"/merchant/gifts/{street['gift']}").status_code == 404
    assert (
        visitor.post(
            "/merchant/hours", data={"once": fresh(), "shop": shop, "opens": "09:00", "closes": "18:30", "closed": "0"}
        ).status_code
        == 303
    )


def test_a_refund_above_the_limit_takes_two(app, street, phone):
    mine, till, admin = phone("volunteer"), phone("till"), phone("admin")
    with app.app_context(), transaction() as session:
        session.get(Gift, street["gift"]).points = 90
        from volunteer.places.models import PolicyKind, PolicyRow

        session.add(PolicyRow(site_id=street["branch"], kind=PolicyKind.REWARDS, valid_from=now() - timedelta(days=1),
                              values={"second_from": 80}, made_at=now()))  # fmt: skip
    answer = mine.post(f"/shop/gifts/{street['gift']}/reserve", data={"once": fresh(), "points": "90"})
    with app.app_context():
        one = db.session.scalars(select(Redemption)).one()
        number, digits = one.id, one.code
    assert till.post("/till/collect", data={"code": digits, "once": fresh()}).status_code == 303
    form = {"once": fresh(), "why": "bad", "words": "坏了", "restock": "yes"}
    assert till.post(f"/merchant/handed-over/{number}/refund", data=form | {"why": "", "once": fresh()}).status_code == 422
    assert till.post(f"/merchant/handed-over/{number}/refund", data=form).status_code == 303
    assert "坏了" in admin.get("/manage/merchants/refunds").text
    for client, left in ((admin, 10), (admin, 10), (phone("second"), 100)):
        assert client.post("/manage/merchants/refunds/1/yes").status_code == 303
        assert points(app, f"person:{street['volunteer']}") == left
    assert "退" in mine.get(answer.location).text
    assert "坏了" in till.get(f"/merchant/handed-over/{number}").text
