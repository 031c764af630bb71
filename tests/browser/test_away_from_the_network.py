"""An order in a stairwell without signal: the form opens, keeps its photos, and leaves once when the network is back."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.support.away import a_photo, controlled, write_in
from tests.support.servers import Server
from tests.support.story import PHONE, found, somebody
from volunteer.orders.models import OrderPhoto, ServiceOrder
from volunteer.places.models import Site

pytestmark = pytest.mark.browser
STATION = (31.16, 120.64)


def orders(server: Server) -> tuple[int, int]:
    with Session(server.database.engine) as session:
        return (
            session.scalar(select(func.count()).select_from(ServiceOrder)) or 0,
            session.scalar(select(func.count()).select_from(OrderPhoto)) or 0,
        )


def test_an_order_written_without_a_network_leaves_once_when_it_is_back(
    browser: Browser, county_free_server: Server, tmp_path: Path
) -> None:
    found(county_free_server.database)
    resident = somebody(browser, county_free_server, "resident", "away", "zh", PHONE)
    page = controlled(resident)
    page.context.set_offline(True)
    page = resident.go("/order/new?own=1")  # opened again without a network: the phone has kept the form
    expect(page.locator("[data-offline-note]").first).to_be_visible()
    write_in(page, a_photo(tmp_path))
    resident.shot("1-written-without-network")
    page.get_by_role("button", name="提交点单").click()
    page.wait_for_url(re.compile("/offline"))
    expect(page.locator("[data-waiting] li")).to_have_count(1)
    expect(page.locator("[data-waiting]")).to_contain_text("楼道的灯不亮")
    resident.shot("2-waits")
    page = resident.go("/offline")  # closed and opened again: still there
    expect(page.locator("[data-waiting] li")).to_have_count(1)
    assert orders(county_free_server) == (0, 0)

    page.context.set_offline(False)
    expect(page.locator("[data-waiting]")).to_contain_text("已送出")
    resident.shot("3-sent")
    page.locator("[data-waiting] a").click()
    page.wait_for_url(re.compile("/o/"))
    resident.go("/offline")
    expect(page.locator("[data-nothing-waits]")).to_be_visible()
    assert orders(county_free_server) == (1, 1)


def test_an_answer_that_was_lost_on_the_way_makes_no_second_order(
    browser: Browser, county_free_server: Server, tmp_path: Path
) -> None:
    found(county_free_server.database)
    resident = somebody(browser, county_free_server, "resident", "away-lost", "zh", PHONE)
    page = controlled(resident)
    write_in(page, a_photo(tmp_path))
    page.evaluate(  # the request arrives, its answer does not
        """() => navigator.serviceWorker.controller && new Promise(done => {
             const form = document.querySelector('form[data-wizard]');
             fetch(form.action, {method: 'POST', body: new FormData(form), redirect: 'manual'}).then(done, done);
           })"""
    )
    assert orders(county_free_server) == (1, 1)
    page.context.set_offline(True)
    page.get_by_role("button", name="提交点单").click()
    page.wait_for_url(re.compile("/offline"))
    page.context.set_offline(False)
    expect(page.locator("[data-waiting]")).to_contain_text("已送出")
    assert orders(county_free_server) == (1, 1)


def test_a_photo_offers_its_place_as_the_pin(browser: Browser, county_free_server: Server, tmp_path: Path) -> None:
    found(county_free_server.database)
    with Session(county_free_server.database.engine) as session:
        station = session.scalars(select(Site).order_by(Site.id.desc())).first()
        assert station
        at = (station.latitude, station.longitude)
    resident = somebody(browser, county_free_server, "resident", "photo", "zh", PHONE)
    page = resident.go("/order/new?own=1&photo=1")
    page.locator("input[name=photos]").set_input_files(a_photo(tmp_path, at))
    page.get_by_role("button", name="对，就用这个位置").click()
    resident.shot("1-place-of-the-photo")
    page.locator("textarea[name=words]").fill("楼道的灯不亮")
    page.get_by_role("button", name="下一步").click()
    expect(page.locator("select[name=site]")).to_have_value(str(station.id))
    expect(page.locator("input[name='point.latitude']")).to_have_value(re.compile(rf"^{at[0]:.3f}"))
    expect(page.locator(".pin-icon")).to_be_visible()
    resident.shot("2-pin")
