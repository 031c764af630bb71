"""Points become a gift: reserved on one phone, fetched at another by digits and by camera, without a network in between, and taken back."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
import segno
from PIL import Image
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.support import builders as make
from tests.support.films import film_of, filmed
from tests.support.gifts import a_gift, a_merchant, give_points
from tests.support.hands import tick
from tests.support.servers import Server
from tests.support.settings import settings_for
from tests.support.story import PHONE, Somebody, found, give_login, log_in, somebody
from volunteer.access import Role
from volunteer.accounts.models import Person, RoleGrant
from volunteer.kernel.crypto import Keyring
from volunteer.kernel.db import write
from volunteer.places.models import Site
from volunteer.rewards.merchants.collecting import qr_text
from volunteer.rewards.merchants.models import MerchantStaff, Redemption

pytestmark = pytest.mark.browser


def a_session(server: Server) -> Session:
    keyring = Keyring.open(settings_for("").keys_file, create=True)
    return Session(server.database.engine, info={"keyring": keyring})


def a_street(server: Server) -> None:
    """A shop with two gifts, somebody at its till, the branch's administrator, and a volunteer with 100 points."""
    found(server.database)
    with a_session(server) as session, write(session):
        branch = session.scalars(select(Site).where(Site.name == "松陵街道")).one()
        merchant = a_merchant(session, branch, "便民超市")
        a_gift(session, merchant, name="鸡蛋一盒", points=40)
        a_gift(session, merchant, name="毛巾香皂", points=30, asked=30)
        for login, role, name in (("till", Role.MERCHANT, "钱春燕"), ("admin", Role.SITE_ADMIN, "顾清")):
            person = make.a_person(session, name)
            give_login(session, person, login)
            session.add(RoleGrant(person_id=person.id, role=role, site_id=branch.id, since=make.LONG_AGO))
            if role is Role.MERCHANT:
                session.add(MerchantStaff(merchant_id=merchant.id, person_id=person.id, since=make.LONG_AGO))
        helper = session.scalars(select(Person).where(Person.login_name == "helper")).one()
        give_points(session, branch, helper.id, 100)


def reserve(volunteer: Somebody, gift: str) -> tuple[str, str]:
    """Reserve it; return the address of its page and the digits."""
    page = volunteer.go("/shop")
    page.get_by_role("link", name=re.compile(gift)).click()
    page.get_by_role("button", name="预订").click()
    page.wait_for_url(re.compile("/shop/reservations/"))
    said = page.locator(".digits").get_attribute("aria-label") or ""
    fits(page)
    return page.url.removeprefix(volunteer.server.url), "".join(re.findall(r"\d", said))


def fits(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def film(server: Server, where: str, path: Path) -> Path:
    """What the till's camera sees: the QR of a reservation."""
    with a_session(server) as session:
        one = session.scalars(select(Redemption).where(Redemption.token == where.rsplit("/", 1)[1])).one()
        text = f"{server.url}/till?qr={qr_text(session, one)}"
    picture = io.BytesIO()
    segno.make(text, error="m").save(picture, kind="png", scale=8, border=4)
    return film_of(Image.open(picture), path)


def test_points_become_a_gift_and_come_back(browser: Browser, county_free_server: Server, tmp_path: Path) -> None:
    server = county_free_server
    a_street(server)
    volunteer = somebody(browser, server, "volunteer", "gift", "zh", PHONE)
    log_in(volunteer, "helper")
    where, digits = reserve(volunteer, "鸡蛋一盒")
    assert len(digits) == 8
    volunteer.shot("1-reserved")

    mine = volunteer.page  # the code opens without a network, too
    mine.evaluate("navigator.serviceWorker.ready.then(() => true)")
    mine.wait_for_function(f"caches.match('{where}').then(found => Boolean(found))")
    mine.context.set_offline(True)
    volunteer.go(where)
    expect(mine.locator(".digits")).to_have_attribute("aria-label", re.compile(" ".join(digits[:4])))
    expect(mine.locator("[data-offline-note]").first).to_be_visible()
    volunteer.shot("2-offline")
    mine.context.set_offline(False)
    volunteer.go(where)

    merchant = somebody(browser, server, "merchant", "gift", "zh", PHONE)
    log_in(merchant, "till")
    till = merchant.go("/till")
    fits(till)
    till.locator("#f-code").fill(f"{digits[:4]} {digits[4:]}")
    till.context.set_offline(True)
    till.get_by_role("button", name="查一下").click()
    expect(till.locator("[data-till-away]")).to_be_visible()
    expect(till.locator("#f-code")).to_have_value(f"{digits[:4]} {digits[4:]}")
    merchant.shot("3-till-offline")
    till.context.set_offline(False)
    expect(till.locator("[data-till-back]")).to_be_visible()
    till.get_by_role("button", name="查一下").click()
    expect(till.locator("h1")).to_contain_text("鸡蛋一盒")
    expect(till.locator("main")).not_to_contain_text("陈晓禾")
    merchant.shot("4-found")
    till.context.set_offline(True)
    till.get_by_role("button", name="发给对方").click()
    expect(till.locator("[data-till-away]")).to_be_visible()
    expect(mine.locator(".digits")).to_be_visible()  # nothing was handed over
    till.context.set_offline(False)
    till.get_by_role("button", name="发给对方").click()
    expect(till.locator(".verdict-ok:visible")).to_contain_text("已发出")
    merchant.shot("5-handed-over")
    expect(mine.locator("[data-live]")).to_contain_text("已领取")  # both see it at once, nobody reloads
    volunteer.shot("6-fetched")
    till.locator("#f-code").fill(digits)
    till.get_by_role("button", name="查一下").click()
    expect(till.locator(".verdict-late:visible")).to_contain_text("已经领走")
    merchant.shot("7-again")

    where, _digits = reserve(volunteer, "毛巾香皂")
    with filmed(browser, film(server, where, tmp_path / "code.y4m")) as other:
        second = somebody(other, server, "second phone", "gift", "zh", PHONE)
        second.page.context.grant_permissions(["camera"])
        log_in(second, "till")
        page = second.go("/till")
        page.locator("[data-scan-start]").click()
        expect(page.locator("h1")).to_contain_text("毛巾香皂")
        page.get_by_role("button", name="发给对方").click()
        expect(page.locator(".verdict-ok:visible")).to_contain_text("已发出")
        page.context.close()
    expect(mine.locator("[data-live]")).to_contain_text("已领取")

    page = merchant.go("/merchant")
    fits(page)
    merchant.shot("8-my-shop")
    page.get_by_role("link", name="发出的礼品").click()
    page.get_by_role("link", name="毛巾香皂").click()
    tick(page.locator("input[name=why][value=bad]"))
    page.get_by_role("button", name="请站点处理").click()
    expect(page.locator("main")).to_contain_text("等答复")
    admin = somebody(browser, server, "admin", "gift", "zh", PHONE)
    log_in(admin, "admin")
    page = admin.go("/manage/merchants/refunds")
    fits(page)
    admin.shot("9-refund")
    page.get_by_role("button", name="退掉").click()
    expect(page.locator(".toasts")).to_contain_text("已退")
    page = volunteer.go("/shop/reservations")
    expect(page.locator("main")).to_contain_text("已退")
    expect(volunteer.go("/shop").locator("main")).to_contain_text("60")
